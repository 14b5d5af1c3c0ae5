import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { parameters } from '../domain/parameters.ts'
import { levels, type Level, type Warning } from '../domain/warning.ts'
import type { RuleDefinition, Sensor } from '../domain/network.ts'
import type { Episode } from './episode.ts'
import { levelOf } from './episode.ts'
import type { BoundRule } from './rule-kind.ts'
import { compileRules } from './rules/compile.ts'
import { besides, decimalsFor, fixed, nounOf, quantity, span } from './sentences.ts'
import { fleetOf, networkWith, parameterNamed, ruleOf, sensorAt, stationWith } from './testing/places.ts'
import { nextVersion } from './warnings.ts'

test('quantities show their resolution, and enough to tell a value from its limit', () => {
  const shown = (key: string, x: number, limits: number[] = []) => {
    const parameter = parameterNamed(key)
    return quantity(x, parameter.display, decimalsFor(parameter, limits))
  }
  expect(shown('water_level', 3)).toBe('3.00 m')
  expect(shown('water_level', 3.1254, [3.125])).toBe('3.125 m')
  expect(shown('ph', 7.2)).toBe('7.20')
  expect(shown('dissolved_oxygen_saturation', 84.26)).toBe('84.3%')
  expect(shown('turbidity', -0.001)).toBe('0.0 NTU')
  expect(besides(2.9996, 3, 2)).toBe(4)
  expect(besides(3, 3, 2)).toBe(2)
  expect(fixed(-0.004, 2)).toBe('0.00')
})

test('lengths of time in their two largest units', () => {
  const spoken = (ms: number, en: string, zh: string) => expect(span(ms)).toEqual({ en, zh })
  spoken(900_000, '15 min', '15 分钟')
  spoken(5_400_000, '1 h 30 min', '1 小时 30 分钟')
  spoken(2 * 86_400_000 + 3_600_000 + 60_000, '2 d 1 h', '2 天 1 小时')
  spoken(45_400, '45 s', '45 秒')
  spoken(10, '0 s', '0 秒')
})

test('every parameter has a noun without remarks in brackets', () => {
  for (const parameter of parameters.values()) {
    const { en, zh } = nounOf(parameter)
    expect(en + zh).not.toMatch(/[()（）]/)
    expect(en.length * zh.length).toBeGreaterThan(0)
  }
  expect(nounOf(parameterNamed('ph')).en).toBe('pH')
  expect(nounOf(parameterNamed('pm2_5')).en).toBe('PM2.5')
  expect(nounOf(parameterNamed('ammonia_nitrogen')).en).toBe('ammonia nitrogen')
})

const keys = [...parameters.keys()]
const number = fc.oneof(
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.integer({ min: -10_000, max: 10_000 }),
)
const minutes = fc.integer({ min: 0, max: 20_000 }).map((count) => `${count}m`)
const often = fc.integer({ min: 1, max: 9 })
const some = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

/** Any rule that a network file can hold. */
const anyRule = fc.record({
  kind: fc.constantFrom('threshold' as const, 'rate-of-rise' as const, 'rain-accumulation' as const, 'silence' as const, 'trend' as const),
  key: fc.constantFrom(...keys),
  limits: fc.uniqueArray(number, { minLength: 1, maxLength: 4 }),
  settings: fc.record({
    hold: some(minutes),
    onCount: some(often),
    clearAfter: some(minutes),
    offCount: some(often),
    deadband: some(fc.double({ min: 0, max: 50, noNaN: true })),
  }),
  direction: fc.constantFrom('up', 'down'),
  inclusive: fc.boolean(),
  everyMs: fc.option(fc.integer({ min: 1000, max: 90_000_000 }), { nil: null }),
})

function bound({
  kind,
  key,
  limits,
  settings,
  direction,
  inclusive,
  everyMs,
}: typeof anyRule extends fc.Arbitrary<infer Rule> ? Rule : never): BoundRule | undefined {
  const sensor: Sensor = sensorAt('qingxi', key, { everyMs })
  const own =
    kind === 'threshold'
      ? { ...settings, direction, inclusive }
      : kind === 'rate-of-rise'
        ? { ...settings, direction }
        : kind === 'rain-accumulation'
          ? settings
          : kind === 'trend'
            ? { direction }
            : {}
  const sorted = [...limits].sort((a, b) => (direction === 'down' && kind === 'threshold' ? b - a : a - b))
  const chosen: RuleDefinition['levels'] = {}
  sorted.forEach((limit, i) => (chosen[levels[i] ?? 'red'] = kind === 'silence' ? Math.abs(limit) + 1 : limit))
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
  const rule = ruleOf(kind, { parameter: sensor.parameter.key, levels: chosen, settings: given })
  const { readings, silences, trends } = compileRules(fleetOf(networkWith([stationWith('qingxi', [sensor])], [rule])))
  return [...readings.values()].flat()[0] ?? silences[0] ?? trends[0]
}

const moment = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) })
const figures = fc.record({
  lower: fc.option(number, { nil: null }),
  upper: number,
  hours: fc.double({ min: 0.5, max: 72, noNaN: true }),
  coverage: fc.double({ min: 0, max: 1, noNaN: true }),
  slopePerHour: number,
  p: fc.double({ min: 0, max: 1, noNaN: true }),
  timeToThresholdMs: fc.integer({ min: 0, max: 1e10 }),
  earliestMs: fc.integer({ min: 0, max: 1e10 }),
  latestMs: fc.option(fc.integer({ min: 0, max: 1e10 }), { nil: null }),
})
const anyChange = fc.record({
  at: moment,
  lasted: fc.integer({ min: 0, max: 1e10 }),
  trusted: fc.nat(5000),
  rejected: fc.nat(500),
  doubtful: fc.nat(3),
  value: number,
  limit: number,
  figures,
})

/** An episode through levels of the rule: up, down, perhaps to its end. */
function episodeOf(
  changes: readonly (typeof anyChange extends fc.Arbitrary<infer Change> ? Change : never)[],
  places: readonly number[],
  ends: boolean,
  held: readonly Level[],
): Episode {
  const made = changes.map(({ at, lasted, ...evidence }, i) => ({
    at,
    level: ends && i > 0 && i === changes.length - 1 ? null : (held[(places[i] ?? 0) % held.length] ?? 'blue'),
    evidence: { from: at - lasted, to: at, unit: 'm', ...evidence },
  }))
  const [first, ...rest] = made
  if (!first) throw new Error('one change at least')
  return { onset: first.at, changes: [first, ...rest] }
}

function wordsOf({ why, clears, timeline }: Warning): string[] {
  return [why, clears, ...timeline.map((entry) => entry.words)].flatMap(({ en, zh }) => [en, zh])
}

/** What no sentence may hold. */
const hole = /undefined|null|NaN|Infinity|[{}[\]]|\$|Invalid| {2}|，。|：。|\(\)|（）/

test('ten thousand sentences without a hole, each in both languages', () => {
  let sentences = 0
  fc.assert(
    fc.property(
      anyRule,
      fc.array(anyChange, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (written, changes, places, ends) => {
        const rule = bound(written)
        if (rule === undefined) return
        const held = levels.filter((level) => (rule.rule.kind === 'trend' ? level === 'blue' : rule.rule.levels[level] !== undefined))
        const episode = episodeOf(changes, places, ends, held)
        const warning = nextVersion(rule, {
          episode,
          blind: false,
          retrospective: false,
          gone: null,
          replaces: null,
          grounds: null,
          warning: null,
        })
        expect(levels).toContain(levelOf(episode))
        for (const sentence of wordsOf(warning)) {
          sentences += 1
          // one parameter has brackets in its own name
          expect(sentence.replaceAll(/benzo\[a\]pyrene|苯并\[[aα]\]芘/gi, 'name')).not.toMatch(hole)
          expect(sentence).toMatch(/[.。]$/)
        }
        expect(warning.why.zh).toMatch(/\p{Script=Han}/u)
        expect(warning.why.en).not.toMatch(/\p{Script=Han}/u)
      },
    ),
    { numRuns: 10_000 },
  )
  expect(sentences).toBeGreaterThan(60_000)
}, 120_000)
