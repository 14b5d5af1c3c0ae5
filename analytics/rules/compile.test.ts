import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { RuleDefinition } from '../../domain/network.ts'
import { fleetOf, networkWith, ruleOf, sensorAt, stationWith } from '../testing/places.ts'
import { checkRules, compileRules, requireRules } from './compile.ts'
import { ruleKinds } from './registry.ts'

const level = sensorAt('qingxi', 'water_level', { stages: new Map([['warning', 3]]) })
const parameter = level.parameter.key
const problems = (rule: RuleDefinition): string[] => checkRules([rule]).map(({ path, message }) => `${path}: ${message}`)

test('every file of a kind is registered', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((file) => !/\.test\.ts$|^(registry|compile)\.ts$/.test(file))
  expect(files.map((file) => file.replace(/\.ts$/, '')).sort()).toEqual(ruleKinds.map(({ kind }) => kind).sort())
})

test('a mistake in a setting names the rule, the key and the nearest known one', () => {
  expect(problems(ruleOf('threshold', { parameter, settings: { holdMs: 900_000, deadband: 0.1 } }))).toEqual([])
  expect(problems(ruleOf('threshold', { parameter, settings: { deadbnd: 0.1 } }))).toEqual([
    'rules[threshold].deadbnd: the key is not known here; did you mean deadband?',
  ])
  expect(problems(ruleOf('threshold', { parameter, settings: { direction: 'dwon' } }))[0]).toContain('did you mean down?')
  expect(problems(ruleOf('threshold', { parameter, settings: { onCount: 0 } }))[0]).toContain('rules[threshold].onCount')
  expect(problems(ruleOf('rain-accumulation', { settings: { hours: { green: 3 } } }))[0]).toContain('rules[rain-accumulation].hours.green')
  expect(problems(ruleOf('rain-accumulation', { settings: { hours: 200 } }))).toHaveLength(1)
  expect(problems(ruleOf('trend', { parameter, settings: { window: 'soon' } }))[0]).toContain('"soon" is not a duration')
  expect(problems(ruleOf('trend', {}))[0]).toContain('needs a parameter')
})

test('a network is taken only with rules that can be used', () => {
  const fine = networkWith([], [ruleOf('silence')])
  expect(requireRules(fine)).toBe(fine)
  const slip = networkWith([], [ruleOf('silence', { settings: { leval: 'red' } })])
  expect(() => requireRules(slip)).toThrow('rules[silence].leval: the key is not known here; did you mean level?')
})

test('rules are bound to the series they are about, and a rule with mistakes is left out', () => {
  const rules = [
    ruleOf('threshold', {
      id: 'high' as RuleDefinition['id'],
      parameter,
      levels: { yellow: 'stage.warning' },
      settings: { holdMs: 900_000 },
    }),
    ruleOf('threshold', { id: 'bad' as RuleDefinition['id'], parameter, levels: { yellow: 1 }, settings: { hold: 3 } }),
    ruleOf('threshold', { id: 'elsewhere' as RuleDefinition['id'], parameter, levels: { yellow: 1 }, stations: [] }),
    ruleOf('silence'),
    ruleOf('trend', { parameter }),
  ]
  const { readings, silences, trends } = compileRules(fleetOf(networkWith([stationWith('qingxi', [level])], rules)))
  expect([...readings.values()].flat().map((rule) => rule.key)).toEqual(['high~qingxi/water_level/1'])
  expect(silences.map((rule) => rule.key)).toEqual(['silence~qingxi'])
  expect(trends.map((rule) => rule.key)).toEqual(['trend~qingxi/water_level/1'])
})

test('the fingerprint tells a changed rule, and only that', () => {
  const version = (content: Parameters<typeof ruleOf>[1], sensor = level): string | undefined => {
    const rule = ruleOf('threshold', { parameter, levels: { yellow: 'stage.warning' }, ...content })
    const compiled = compileRules(fleetOf(networkWith([stationWith('qingxi', [sensor])], [rule])))
    return compiled.readings.get(sensor.id)?.[0]?.version
  }
  expect(version({})).toMatch(/^[0-9a-f]{8}$/)
  expect(version({})).toBe(version({}))
  expect(version({ settings: { onCount: 1 } })).toBe(version({}))
  expect(version({ settings: { onCount: 3 } })).not.toBe(version({}))
  expect(version({}, { ...level, stages: new Map([['warning', 3.5]]) })).not.toBe(version({}))
})
