import type { Refusal } from '../refusals.ts'
import type { Span } from './fields.ts'

const [slash, plus, hash] = [0x2f, 0x2b, 0x23]

/**
 * Whether bytes are text as MQTT wants it (3.1.1, 1.5.3): UTF-8 without overlong forms and surrogates, and without what a receiver may
 * refuse: NUL, control characters (U+0001 to 001F, U+007F to 009F) and non-characters. U+FEFF is a character like others.
 */
export function isText({ bytes, from, to }: Span): boolean {
  for (let at = from; at < to;) {
    const byte = bytes[at] ?? 0
    if (byte >= 0x20 && byte < 0x7f) {
      at++
      continue
    }
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    if (byte < 0xc2 || byte > 0xf4 || at + length > to) return false
    let character = byte & (0x7f >> length)
    for (let next = at + 1; next < at + length; next++) {
      const more = bytes[next] ?? 0
      if ((more & 0xc0) !== 0x80) return false
      character = (character << 6) | (more & 0x3f)
    }
    if (!isCharacter(character, length)) return false
    at += length
  }
  return true
}

/** The least character that may take so many bytes. */
const leastOf = [0, 0, 0xa0, 0x800, 0x10000]

function isCharacter(character: number, length: number): boolean {
  if (character < (leastOf[length] ?? 0) || character > 0x10ffff) return false
  if (character >= 0xd800 && character <= 0xdfff) return false
  return (character & 0xfffe) !== 0xfffe && (character < 0xfdd0 || character > 0xfdef)
}

/** What is wrong with the name of a topic to publish to (MQTT 3.1.1, 3.3.2.1 and 4.7.3). */
export function topicFault(topic: Span, maxLevels: number): Refusal | null {
  if (topic.from === topic.to) return 'topic-empty'
  if (!isText(topic)) return 'text-malformed'
  let levels = 1
  for (let at = topic.from; at < topic.to; at++) {
    const byte = topic.bytes[at]
    if (byte === slash) levels++
    else if (byte === plus || byte === hash) return 'publish-wildcard'
  }
  return levels > maxLevels ? 'topic-levels' : null
}

/** What is wrong with a topic filter: `+` fills a level, `#` the last one (MQTT 3.1.1, 4.7.1). */
export function filterFault(filter: Span, maxLevels: number): Refusal | null {
  const { bytes, from, to } = filter
  if (from === to) return 'topic-empty'
  if (!isText(filter)) return 'text-malformed'
  let levels = 1
  for (let at = from; at < to; at++) {
    const byte = bytes[at]
    if (byte === slash) levels++
    else if (byte === plus || byte === hash) {
      const begins = at === from || bytes[at - 1] === slash
      const ends = at + 1 === to || (byte === plus && bytes[at + 1] === slash)
      if (!begins || !ends) return 'filter-malformed'
    }
  }
  return levels > maxLevels ? 'topic-levels' : null
}
