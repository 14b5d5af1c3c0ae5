/**
 * The one writer of line protocol: everything that goes to InfluxDB passes here, so that no text from outside can end a value, a tag
 * or a line. Source: InfluxDB line protocol reference (escapes in tag keys, tag values and field keys: comma, equals sign, space; in
 * string fields: double quote and backslash).
 */

/** One field, already typed and escaped: `float(1.5)`, `int(3)`, `bool(true)`, `text('a "b"')`. */
export type FieldText = string & { readonly field: unique symbol }

// Line protocol cannot carry these in a tag: a control character ends the line or is dropped by some servers, a backslash before a
// separator reads as an escape, and an empty tag value is an error. They are percent-encoded, the percent sign too, so that two
// different texts never become one tag.
const unsafeInTag = /[\p{Cc}\u2028\u2029%\\]/gu
const anyUnsafeInTag = /[\p{Cc}\u2028\u2029%\\]/u
const separators = /[,= ]/g
const anySeparator = /[,= ]/
const emptyTag = '%'

/**
 * A text as InfluxDB keeps it in a tag: itself, but for control characters, `%` and `\`, which become `%XX` of their UTF-8 bytes, and
 * for the empty text, which becomes `%`. Reversed by `decodeTag`. Lone surrogates become U+FFFD, as anywhere in UTF-8.
 */
export function encodeTag(text: string): string {
  if (text === '') return emptyTag
  return anyUnsafeInTag.test(text) ? text.replace(unsafeInTag, percent) : text
}

/** The text that `encodeTag` was given. A tag that another writer wrote comes back as it is where it holds no `%XX`. */
export function decodeTag(tag: string): string {
  if (tag === emptyTag) return ''
  return tag.includes('%') ? tag.replace(/(?:%[0-9A-F]{2})+/g, unpercent) : tag
}

function percent(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}

function unpercent(bytes: string): string {
  return Buffer.from(bytes.replaceAll('%', ''), 'hex').toString()
}

/** `,key=value` with everything escaped; append to a measurement. */
export function tag(key: string, value: string): string {
  return `,${escapeSeparators(encodeTag(key))}=${escapeSeparators(encodeTag(value))}`
}

function escapeSeparators(text: string): string {
  return anySeparator.test(text) ? text.replace(separators, '\\$&') : text
}

/**
 * A float field. A number that is none (NaN, infinity) is written as it is: the server refuses the point by name, which is counted;
 * leaving the field out would lose the value in silence.
 */
export const float = (value: number): FieldText => (Object.is(value, -0) ? '-0' : String(value)) as FieldText

/** A 64-bit integer field. A number that is no integer is refused by the server, as above. */
export const int = (value: number): FieldText => `${value}i` as FieldText

export const bool = (value: boolean): FieldText => (value ? 'true' : 'false') as FieldText

/** A string field, quoted. Line ends are allowed inside the quotes. */
export const text = (value: string): FieldText => `"${value.replace(/["\\]/g, '\\$&')}"` as FieldText

/**
 * One line.
 * @param head measurement and tags as `tag` makes them
 * @param fields at least one
 * @param time in the precision of the write; may be text, for nanoseconds beyond 2^53
 */
export function line(head: string, fields: Iterable<readonly [name: string, value: FieldText]>, time: number | string): string {
  let written = ''
  for (const [name, value] of fields) written += `${written === '' ? '' : ','}${escapeSeparators(encodeTag(name))}=${value}`
  return `${head} ${written} ${time}`
}
