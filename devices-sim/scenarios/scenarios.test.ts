import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { checkRules } from '../../analytics/rules/compile.ts'
import { fewestStations } from '../basin/plan.ts'
import { createSimulation, type Simulation } from '../simulation.ts'
import type { TruthReading } from '../truth/truth.ts'
import { substances, water } from '../world/amounts.ts'
import { faultKinds, faultTypes } from '../faults/fault.ts'
import { systemFaultTypes } from '../faults/system.ts'
import { happeningKinds, type HappeningKind } from '../world/happenings.ts'
import { readScenario, spanMs, type Scenario } from './scenario.ts'

const hour = 3_600_000
const startAt = Date.parse('2026-06-15T00:00:00Z')
const files = readdirSync(new URL('.', import.meta.url)).filter((file) => file.endsWith('.yaml'))
const scenarios = files.map((file) => readScenario(readFileSync(new URL(file, import.meta.url), 'utf8'), file))
const named = (id: string): Scenario => scenarios.find((scenario) => scenario.id === id) ?? scenarioMissing(id)
const scenarioMissing = (id: string): never => {
  throw new Error(`there is no scenario ${id}`)
}

const simulationOf = (scenario: Scenario, lastsMs: number | null = null, stations = scenario.stations ?? 60, seed = 1): Simulation =>
  createSimulation({ scenario, run: 'trial', stations, seed, startAt, lastsMs })

test('every scenario is called by its file, says what it is in both languages, and finds its places in its basin', () => {
  expect(scenarios.map(({ id }) => `${id}.yaml`)).toEqual(files)
  for (const scenario of scenarios) {
    expect(scenario.title.en).not.toBe(scenario.title.zh)
    expect(scenario.about.en).not.toBe(scenario.about.zh)
    expect(spanMs(scenario.lasts)).toBeGreaterThan(hour)
    const { network, header } = simulationOf(scenario)
    expect(header.stations).toBe(Math.max(scenario.stations ?? 60, fewestStations))
    expect(checkRules(network.rules)).toEqual([])
    expect(new Set(network.rules.map(({ kind }) => kind)).size).toBe(5)
  }
})

test('a fault at an instrument that cannot have it is named', () => {
  const wrong = { ...named('storm'), faults: [{ type: 'out-of-water' as const, where: '*/pm10', at: '1h', lasts: '1h' }] }
  expect(() => simulationOf(wrong)).toThrow(/faults\.0\.where: no instrument of pm10 can have the fault out-of-water/)
})

test.each(scenarios)('every fault that a reading of $id bears is told of once', (scenario) => {
  for (const seed of [1, 2]) {
    const entries = [...simulationOf(scenario, hour, 31, seed).steps()].flatMap(({ truth }) => truth)
    const told = entries.flatMap((entry) => (entry.kind === 'fault' ? [entry.id] : []))
    const borne = new Set(entries.flatMap((entry) => (entry.kind === 'reading' ? entry.faults : [])))
    expect([...borne].filter((id) => !told.includes(id))).toEqual([])
    expect(new Set(told).size).toBe(told.length)
  }
})

test('an outage fills the memory of some devices and empties that of all', () => {
  const readings: TruthReading[] = []
  for (const { truth } of simulationOf(named('outage')).steps())
    for (const entry of truth) if (entry.kind === 'reading') readings.push(entry)
  const cut = (one: TruthReading): boolean => one.faults.some((id) => id.startsWith('line-cut:'))
  const lost = readings.filter((one) => one.outcome === 'never sent' && cut(one) && one.value !== null)
  expect(new Set(lost.map(({ device }) => device)).size).toBeGreaterThan(2)
  // nobody loses anything in the four hours in which all are cut
  expect(lost.filter(({ made }) => made < startAt + 10 * hour)).toEqual([])
  const late = readings.filter((one) => cut(one) && one.sent !== null && one.made < startAt + 7 * hour)
  expect(new Set(late.map(({ device }) => device)).size).toBeGreaterThan(50)
})

test('every fault that can be ordered happens in a scenario, and every kind of happening', () => {
  const ordered = new Set([...scenarios.flatMap(({ faults = [] }) => faults.map(({ type }) => type))])
  expect(faultTypes.filter((type) => !ordered.has(type))).toEqual([])
  const system = new Set(scenarios.flatMap(({ system = [] }) => system.map(({ fault }) => fault)))
  expect(systemFaultTypes.filter((type) => !system.has(type))).toEqual([])
  const happened = new Set(scenarios.flatMap(({ happenings = [] }) => happenings.map(({ kind }) => kind)))
  expect(Object.keys(happeningKinds).filter((kind) => !happened.has(kind as HappeningKind))).toEqual([])
})

test('every kind of fault is in a scenario, and all of instruments and clocks are in sensor-failures', () => {
  const ordered = new Set(scenarios.flatMap(({ faults = [] }) => faults.map(({ type }) => type as string)))
  expect(faultTypes.filter((type) => !ordered.has(type))).toEqual([])
  const own = (named('sensor-failures').faults ?? []).map(({ type }) => type as string)
  expect(faultTypes.filter((type) => ['value', 'clock'].includes(faultKinds[type].at) && !own.includes(type))).toEqual([])
})

test('what sensor-failures orders of a clock and of an instrument strikes somebody, and says so', () => {
  // ice strikes in winter only
  const winter = Date.parse('2026-01-15T00:00:00Z')
  const scenario = named('sensor-failures')
  const simulation = createSimulation({ scenario, run: 'trial', stations: 61, seed: 1, startAt: winter, lastsMs: null })
  const struck = new Map<string, number>()
  for (const { truth } of simulation.steps())
    for (const entry of truth) {
      if (entry.kind !== 'reading') continue
      for (const id of entry.faults) struck.set(id.split(':')[0] ?? '', (struck.get(id.split(':')[0] ?? '') ?? 0) + 1)
    }
  const ordered = new Set((scenario.faults ?? []).map(({ type }) => type as string))
  expect([...ordered].filter((type) => !struck.has(type))).toEqual([])
})

test('water and pollutants close to 0.1 % and far better, through storms, spills, gates and decay', () => {
  const happenings = [
    ...(named('storm').happenings ?? []),
    ...(named('spill').happenings ?? []),
    ...(named('dam-release').happenings ?? []),
  ]
  const simulation = simulationOf({ ...named('storm'), happenings }, 30 * hour)
  const before = simulation.balance()
  for (const step of simulation.steps()) expect(step.truth.length).toBeGreaterThanOrEqual(0)
  const after = simulation.balance()
  for (let i = 0; i < substances.length; i += 1) {
    const grown = (part: 'came' | 'went' | 'there'): number => (after[part][i] ?? 0) - (before[part][i] ?? 0)
    const error = Math.abs(grown('came') - grown('went') - grown('there')) / grown('came')
    expect({ substance: substances[i], closes: error < 1e-9 }).toEqual({ substance: substances[i], closes: true })
  }
  expect((after.came[water] ?? 0) - (before.came[water] ?? 0)).toBeGreaterThan(1e6)
  const spilt = substances.indexOf('salt')
  expect((after.came[spilt] ?? 0) - (before.came[spilt] ?? 0)).toBeGreaterThan(60_000 * 1000)
})
