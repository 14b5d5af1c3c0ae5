import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { writeFrame } from './frame.ts'
import { judge } from './judge.ts'
import { createScanner, type Misframed, type RawFrame } from './scanner.ts'

const fixtures = (JSON.parse(readFileSync(new URL('testdata/frames.json', import.meta.url), 'utf8')) as { frame: string }[]).map(
  ({ frame }) => frame,
)
const frameOf = (area: string): string =>
  writeFrame({ qn: '20260801085857223', st: '32', cn: '2011', pw: '123456', mn: '1', flag: 5, area }).toString()
const one = frameOf('DataTime=20260801085857;w01018-Rtd=20.1,w01018-Flag=N')
const bare = one.trimEnd()

/** What comes out of these chunks: each frame's text, each fault's name. */
function scanned(chunks: readonly (string | Buffer)[]): string[] {
  const scanner = createScanner()
  return [...chunks.flatMap((chunk) => scanner.push(Buffer.from(chunk))), ...scanner.flush()].map(shown)
}
const shown = (found: RawFrame | Misframed): string => found.fault ?? found.bytes.toString()
const framesIn = (found: readonly string[]): string[] => found.filter((text) => text.startsWith('##'))

test('every frame comes out, cut at every byte', () => {
  for (const frame of fixtures) {
    const bytes = Buffer.from(`${frame}\r\n`)
    for (let cut = 0; cut <= bytes.length; cut++) expect(scanned([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual([frame])
  }
})

test('every frame comes out byte by byte, joined to the next, with and without CR LF', () => {
  const all = fixtures.map((frame, i) => (i % 3 === 2 ? frame : `${frame}\r\n`)).join('')
  expect(scanned([all])).toEqual(fixtures)
  expect(scanned([...all].map((character) => character))).toEqual(fixtures)
})

test('junk between frames, in chunks of any size, loses none', () => {
  const junk = fc.oneof(
    fc.string(),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    fc.constantFrom('#', '##', '###', '##12', '##abcd', '##0', '&&', '&&1C80\r\n', '\r\n\r\n', 'CP=&&', '#\r\n#'),
  )
  const part = fc.tuple(junk, fc.constantFrom(...fixtures), fc.boolean())
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
      (parts, sizes) => {
        const clean = parts.filter(([before]) => !/##\d{0,4}$/.test(before) && !/#$/.test(before) && !/##\d{4}/.test(before))
        const stream = Buffer.from(clean.map(([before, frame, isEnded]) => before + frame + (isEnded ? '\r\n' : '')).join(''), 'latin1')
        const chunks: Buffer[] = []
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = sizes[i % sizes.length] ?? 1
          chunks.push(stream.subarray(at, at + size))
          at += size
        }
        expect(framesIn(scanned(chunks))).toEqual(clean.map(([, frame]) => frame))
      },
    ),
    { numRuns: 2000 },
  )
})

test('a head before a head does not swallow the frame', () => {
  expect(scanned([`#${one}`])).toEqual(['junk', bare])
  expect(scanned([`##${one}`])).toEqual(['junk', bare])
  expect(scanned([`##0050${one}`])).toEqual(['truncated', bare])
  expect(scanned(['##0050', one, one])).toEqual(['truncated', bare, bare])
})

test('a length that is wrong costs its own frame alone, at once', () => {
  const wrong = (declared: string): string => `##${declared}${one.slice(6)}`
  for (const declared of ['0001', '0999', '9999', '0050', String(Number(one.slice(2, 6)) + 2).padStart(4, '0')])
    expect(
      createScanner()
        .push(Buffer.from(wrong(declared) + one))
        .map(shown),
    ).toEqual([wrong(declared).trimEnd(), bare])
})

test('a frame cut off in the middle costs itself alone', () => {
  for (let cut = 6; cut < bare.length; cut++) expect(framesIn(scanned([one.slice(0, cut) + one, one]))).toEqual([bare, bare])
})

test('three digits of length are none', () => {
  expect(scanned([`##299ST=21;CN=2011;CP=&&&&d042\r\n${one}`])).toEqual(['bad-length', 'junk', bare])
})

test('what never ends is given up, and little is kept', () => {
  const scanner = createScanner()
  const faults: string[] = []
  for (let i = 0; i < 200; i++) {
    for (const found of scanner.push(Buffer.from('##9999'.padEnd(1000, 'x').slice(i === 0 ? 0 : 6)))) faults.push(shown(found))
    expect(scanner.pending()).toBeLessThan(70_000)
  }
  expect(faults).toContain('endless')
  expect(scanner.push(Buffer.from(one)).map(shown)).toContain(bare)
})

test('a length that counts characters of Chinese text is right too', () => {
  const segment = `ST=32;CN=3020;PW=1;MN=1;CP=&&i11001-Info=零点漂移&&`
  const crc = writeFrame({ qn: '', st: '32', cn: '3020', pw: '1', mn: '1', flag: null, area: 'i11001-Info=零点漂移' }).toString().slice(-6)
  const [raw] = createScanner().push(Buffer.from(`##${String(segment.length).padStart(4, '0')}${segment}${crc}`))
  if (raw === undefined || raw.fault !== undefined) throw new Error('no frame')
  expect(judge(raw)).toMatchObject({ frame: { cn: '3020', area: 'i11001-Info=零点漂移' } })
})
