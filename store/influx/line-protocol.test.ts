import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { bool, decodeTag, encodeTag, float, int, line, tag, text } from './line-protocol.ts'
import { parseLine, type ParsedField } from './parse-line.ts'

const nasty = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\\', ',', '=', ' ', '"', '\n', '\r', '\t', '\0', '%', '2', 'C', '#', '清', '😀', 'a', '\u2028') }),
  fc.constantFrom('', '\\', '%', '%25', '%2C', 'a\\', '\\,', 'a\nobservation,station=b value=1 1', '__proto__', 'constructor', ' ', '""'),
)
const field = fc.oneof(
  nasty.map((value) => ({ kind: 'text' as const, value, written: text(value) })),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => ({ kind: 'float' as const, value, written: float(value) })),
  fc.maxSafeInteger().map((value) => ({ kind: 'int' as const, value, written: int(value) })),
  fc.boolean().map((value) => ({ kind: 'bool' as const, value, written: bool(value) })),
)

test('whatever stands in tags and fields comes back the same, as one line and one point', () => {
  const tags = fc.uniqueArray(fc.tuple(nasty, nasty), { selector: ([key]) => key, maxLength: 4 })
  const fields = fc.uniqueArray(fc.tuple(nasty, field), { selector: ([key]) => key, minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(tags, fields, fc.maxSafeInteger(), (givenTags, givenFields, time) => {
      const head = `observation${givenTags.map(([key, value]) => tag(key, value)).join('')}`
      const parsed = parseLine(
        line(
          head,
          givenFields.map(([name, { written }]) => [name, written] as const),
          time,
        ),
      )
      expect(parsed.measurement).toBe('observation')
      expect(parsed.tags.map(([key, value]) => [decodeTag(key), decodeTag(value)])).toEqual(givenTags)
      const expected = givenFields.map(([name, { kind, value }]): [string, ParsedField] => [name, { kind, value }])
      expect(parsed.fields.map(([name, value]) => [decodeTag(name), value])).toEqual(expected)
      expect(parsed.time).toBe(String(time))
    }),
    { numRuns: 2000 },
  )
})

test('two different texts never become one tag', () => {
  fc.assert(fc.property(nasty, nasty, (a, b) => (encodeTag(a) === encodeTag(b)) === (a === b)))
})

test('a tag of the registry is written as it is', () => {
  for (const id of ['qingxi', '清溪站', 'lower-weir', 'EA-1234']) expect(tag('station', id)).toBe(`,station=${id}`)
  expect(tag('station', 'a b,c=d')).toBe(',station=a\\ b\\,c\\=d')
})
