import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { unknownDevice, type Decoded } from '../../domain/codec.ts'
import type { DeviceClock } from '../../domain/network.ts'
import { parameters } from '../../domain/parameters.ts'
import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import { converter } from '../../domain/units.ts'
import { hj212, topicOf } from './codec.ts'
import { writeData } from './encode.ts'
import { codeOf, findFactor, samplingIn, suffixOf, type Period } from './fields.ts'
import { writeFrame, type Edition } from './frame.ts'
import { judge } from './judge.ts'
import { createScanner } from './scanner.ts'
import { expectSame } from '../../testing/same.ts'
import { readingLines } from './testing/reading-lines.ts'

interface Fixture {
  name: string
  frame: string
  cn: string
  readings: string[]
}

const beijing: DeviceClock = { zone: null, none: false }
const fixtures = JSON.parse(readFileSync(new URL('testdata/frames.json', import.meta.url), 'utf8')) as Fixture[]
const decode = (bytes: Buffer, clock = beijing): Decoded => hj212.decode(bytes, { ...unknownDevice, clock }, 0)
const lines = (text: string, clock = beijing): string[] => readingLines(decode(Buffer.from(text), clock))

for (const { name, frame, cn, readings, ...expected } of fixtures)
  test(`${name}: CN ${cn}`, () => {
    const [raw] = createScanner().push(Buffer.from(`${frame}\r\n`))
    const judged = raw === undefined || raw.fault !== undefined ? raw : judge(raw)
    expect(judged).toMatchObject({ frame: { cn, ...expected }, key: null })
    expect(lines(frame)).toEqual(readings)
  })

test('a topic names the command', () => {
  expect([topicOf('2011'), hj212.reads('hj212/2011'), hj212.reads('devices/a/readings')]).toEqual(['hj212/2011', true, false])
})

test('what is no frame is refused as a whole, and nothing makes it throw', () => {
  for (const text of ['', '##', '#0087', '##0003abc', '##0010CP=&&', 'ST=32;CN=2011;CP=&&&&'])
    expect(lines(text)[0]).toMatch(/^refused 1: wrong-shape, not a frame/)
  const [first] = fixtures.filter(({ cn }) => cn === '2051')
  const text = first?.frame ?? ''
  const broken = fc
    .tuple(fc.nat(text.length), fc.nat(9), fc.string())
    .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut))
  fc.assert(
    fc.property(fc.oneof(broken, fc.string()), (given) => {
      const { groups, rejections } = decode(Buffer.from(given))
      for (const { readings } of groups) for (const { value } of readings) expect(value === null || Number.isFinite(value)).toBe(true)
      for (const { detail } of rejections) expect(detail.length).toBeLessThan(300)
    }),
    { numRuns: 2000 },
  )
})

test('a frame mended by hand needs no new length and no new CRC', () => {
  expect(lines('##0000ST=32;CN=2011;MN=1;CP=&&DataTime=20260801085857;w01018-Rtd=1&&')).toEqual(['2026-08-01T08:58:57+08:00 cod value = 1'])
})

test('a device may have another zone, or no clock', () => {
  const frame = '##0000ST=32;CN=2011;MN=1;CP=&&DataTime=20260801085857;w01018-Rtd=1&&'
  expect(lines(frame, { zone: 'UTC', none: false })).toEqual(['2026-08-01T16:58:57+08:00 cod value = 1'])
  expect(lines('##0000ST=32;CN=2011;MN=1;CP=&&w01018-Rtd=1&&', { zone: null, none: true })).toEqual(['at arrival cod value = 1'])
})

test('levels of day and night are told by their shares of a day, other shares are passed over', () => {
  const area = 'DataTime=20260801000000;Ldn-Data=54.1;Ld-DayData=52.5;Ln-NightData=45.3;L5-DayData=60,L5-NightData=50'
  expect(lines(`##0000ST=23;CN=2031;MN=1;CP=&&${area}&&`)).toEqual([
    '2026-08-01T00:00:00+08:00 noise_ldn mean day = 54.1',
    '2026-08-01T00:00:00+08:00 noise_ld mean day = 52.5',
    '2026-08-01T00:00:00+08:00 noise_ln mean day = 45.3',
  ])
})

test('an unknown factor says what was meant, or what it is', () => {
  const hint = (code: string): string | undefined =>
    decode(Buffer.from(`##0000CN=2011;CP=&&DataTime=20260801085857;${code}-Rtd=1&&`)).groups[0]?.readings[0]?.hint
  expect(hint('w01O18')).toContain('did you mean w01018 (cod)?')
  expect(hint('a24047')).toContain('it is 1,1-二氯乙烯')
  expect(hint('cpm')).toBeDefined()
  expect(hint('w01018')).toBeUndefined()
})

test('every code of the catalogue leads to its parameter, and its units can be converted', () => {
  for (const parameter of parameters.values())
    for (const { code2017, code2005, unit } of parameter.hj212)
      for (const code of [code2017, code2005])
        if (code !== null && !code.includes('-')) {
          const factor = findFactor(code.toUpperCase(), '32')
          expect(`${code} ${factor?.parameter.key}`).toBe(`${code} ${parameter.key}`)
          expect(`${unit} ${factor?.unit == null ? 'own' : typeof converter(factor.unit, parameter.unit, parameter)}`).toMatch(
            /own|function/,
          )
        }
})

/** GAUGEKEEPER_LONG=1 runs 100,000 frames an edition instead of the 2,000 of CI. */
const runs = process.env.GAUGEKEEPER_LONG === '1' ? 100_000 : 2_000
const [from, to] = [Date.UTC(2005, 0, 1) / 1000, Date.UTC(2099, 0, 1) / 1000]
const second = fc.integer({ min: from, max: to }).map((at) => at * 1000)
const number = fc.tuple(fc.integer({ min: -9_999_999, max: 99_999_999 }), fc.constantFrom(1, 10, 100, 1000)).map(([a, b]) => a / b + 0)
const coded = [...parameters.keys()].filter((key) => codeOf(key, '2017') !== null)
/** A few hundred: for each new one the codec looks for the nearest code, and remembers it, which is none of this property. */
const unknown = fc.sample(fc.stringMatching(/^[xyz][0-9]{3,6}$/), { numRuns: 300, seed: 212 })
const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...coded) }, fc.constantFrom(...unknown))

function factorOf(period: Period): fc.Arbitrary<{ name: string; readings: Reading[]; at: number | null }> {
  return fc
    .record({
      name,
      statistics: fc.uniqueArray(fc.constantFrom(...suffixOf.keys()), { minLength: 1, maxLength: 5 }),
      values: fc.array(fc.option(number, { nil: null }), { minLength: 5, maxLength: 5 }),
      quality: fc.option(fc.constantFrom(...'NFMSDCTB'), { nil: null }),
      at: fc.option(second, { nil: null }),
    })
    .map(({ name, statistics, values, quality, at }) => ({
      name,
      at,
      readings: statistics.map((statistic, i) => readingOf(name, values[i] ?? null, quality, period, statistic)),
    }))
}

function readingOf(name: string, value: number | null, sourceQuality: string | null, period: Period, statistic: string): Reading {
  const sampling = samplingIn(period, statistic as Parameters<typeof samplingIn>[1])
  const factor = findFactor(codeOf(name, '2017') ?? name, '32')
  const unit = (statistic === 'total' ? factor?.totalUnit : factor?.unit) ?? null
  return { name, number: null, station: null, value, unit, sourceQuality, sampling }
}

const periods: readonly (readonly [cn: string, period: Period])[] = [
  ['2011', 'moment'],
  ['2051', 'minutes'],
  ['2061', 'hour'],
  ['2031', 'day'],
]

for (const [edition, version] of [
  ['2005', 0],
  ['2017', 4],
  ['2025', 8],
] as const satisfies readonly (readonly [Edition, number])[])
  test(`decode of encode is the same readings, edition ${edition}`, () => {
    const message = fc.constantFrom(...periods).chain(([cn, period]) =>
      fc.record({
        cn: fc.constant(cn),
        at: second,
        factors: fc.uniqueArray(factorOf(period), { selector: (factor) => factor.name, minLength: 1, maxLength: 8 }),
      }),
    )
    const header = fc.record({
      qn: fc.constantFrom('', '20260801085857223'),
      st: fc.constantFrom('21', '22', '31', '32', '91'),
      pw: fc.stringMatching(/^[0-9A-Za-z]{6,24}$/),
      mn: fc.stringMatching(/^[0-9A-Za-z_]{1,24}$/),
      answer: fc.constantFrom(0, 1),
      part: fc.option(fc.record({ number: fc.integer({ min: 1, max: 99 }), of: fc.integer({ min: 1, max: 99 }) }), { nil: null }),
      isResent: fc.boolean(),
    })
    fc.assert(
      fc.property(message, header, ({ cn, at, factors }, { answer, ...head }) => {
        const groups: ReadingGroup[] = factors.map((factor) => ({
          at: factor.at ?? at,
          seq: null,
          position: null,
          readings: factor.readings,
        }))
        const flag = version + answer + (head.part === null ? 0 : 2)
        const bytes = writeFrame({ ...head, cn, flag, area: writeData(at, groups, edition) })
        const [raw] = createScanner().push(bytes)
        const judged = raw === undefined || raw.fault !== undefined ? null : judge(raw)
        const { area: _, ...fields } = judged?.fault === undefined && judged !== null ? judged.frame : { area: '' }
        expectSame(fields, { ...head, cn, flag, edition, wantsAnswer: answer === 1 })
        const decoded = decode(bytes)
        for (const { readings } of decoded.groups) for (const one of readings) delete one.hint
        expectSame(decoded, { groups, items: groups.map((_, i) => i), rejections: [] })
      }),
      { numRuns: runs },
    )
  }, 600_000)
