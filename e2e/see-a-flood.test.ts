import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { WarningNote } from '../api/schemas/warning.ts'
import { readScenario, spanMs } from '../devices-sim/scenarios/scenario.ts'
import { placesOf } from '../devices-sim/world/river.ts'
import { readNetwork } from '../domain/network-load.ts'
import { runId } from '../domain/ids.ts'
import type { Level } from '../domain/warning.ts'
import { makeBasin } from '../devices-sim/basin/basin.ts'
import { gaugekeeper } from '../testing/command.ts'
import { serve } from '../testing/server.ts'

const [minute, startAt] = [60_000, Date.parse('2026-06-15T00:00:00Z')]
const file = new URL('../devices-sim/scenarios/flood.yaml', import.meta.url)
const scenario = readScenario(readFileSync(file, 'utf8'), 'flood')
/** From here on a minute plays a second at 60x; what was before comes as fast as it is acknowledged. */
const watchedFrom = startAt + spanMs(scenario.prelude)
/** 3 min at 60x, less half a minute for what comes at once before. */
const toldWithinMs = 150 * minute

/** One step of the story of a gauge: which rule says it, from which level on, and how. */
interface Step {
  name: string
  rule: string
  level: Level
  says: { en: RegExp; zh: RegExp }
}

const stage = {
  en: /the level stayed at or above \d\.\d\d m for 10 min \(\d+ of \d+ readings good\)/,
  zh: /水位连续 10 分钟达到或超过 \d\.\d\d m/,
}
const steps: readonly Step[] = [
  {
    ...{ name: 'rain sum', rule: 'rain-1h', level: 'blue' },
    says: { en: /\d\d\.\d mm of rain fell in 1 h, at or above 20\.0 mm/, zh: /1 小时累计降雨 \d\d\.\d mm，达到或超过 20\.0 mm/ },
  },
  {
    ...{ name: 'rate of rise', rule: 'rising-fast', level: 'blue' },
    says: { en: /the level rose \d\.\d\d m\/h over 30 min/, zh: /水位在 30 分钟内以每小时 \d\.\d\d m 的速度上涨/ },
  },
  {
    ...{ name: 'time to threshold', rule: 'toward-stage', level: 'blue' },
    says: { en: /[Ee]xpected to pass \d\.\d\d m at 2026-06-1[56] \d\d:\d\d/, zh: /预计 2026-06-1[56] \d\d:\d\d.*超过 \d\.\d\d m/ },
  },
  { ...{ name: 'yellow', rule: 'level-high', level: 'yellow' }, says: stage },
  { ...{ name: 'orange', rule: 'level-high', level: 'orange' }, says: stage },
  { ...{ name: 'red', rule: 'level-high', level: 'red' }, says: stage },
]

/** When a step was first told, and in which words; null = never. */
function toldOf(
  { rule, level }: Step,
  warnings: readonly WarningNote[],
  stations: readonly string[],
): WarningNote['timeline'][number] | null {
  const lines = warnings
    .filter((warning) => warning.rule === rule && stations.includes(warning.station))
    .flatMap(({ timeline }) => timeline.filter((line) => line.what !== 'crossed' && line.level === level))
  return lines.sort((a, b) => a.at - b.at)[0] ?? null
}

/** Rain gauges within 15 km of each river gauge, by gauge. */
function rainRound(run: string): Map<string, string[]> {
  const { stations } = readNetwork(makeBasin({ id: run, stations: scenario.stations ?? 0, seed: 1 }).file, { file: null, run: runId(run) })
  const places = placesOf(stations)
  const isNear = (a: string, b: string): boolean => {
    const [from, to] = [places.get(a), places.get(b)]
    return from !== undefined && to !== undefined && Math.hypot(from.x - to.x, from.y - to.y) <= 15
  }
  const rain = stations.filter(({ sensors }) => sensors.some(({ parameter }) => parameter.key === 'rainfall'))
  const rivers = stations.filter(({ kind }) => kind === 'river')
  return new Map(rivers.map(({ id }) => [`${run}-${id}`, rain.filter((one) => isNear(id, one.id)).map((one) => `${run}-${one.id}`)]))
}

/** What is wrong with the story of one gauge and the rain round it; empty = it is told. */
function wrongIn(gauge: string, rain: readonly string[], warnings: readonly WarningNote[]): string[] {
  const told = steps.map((step) => ({ step, line: toldOf(step, warnings, step.rule === 'rain-1h' ? rain : [gauge]) }))
  return told.flatMap(({ step, line }, i) => {
    if (line === null) return [`${gauge}: no ${step.name}`]
    const before = told[i - 1]
    const inOrder = before?.line == null || before.line.at < line.at
    return [
      ...(inOrder ? [] : [`${gauge}: ${step.name} not behind ${before?.step.name}`]),
      ...(line.at <= watchedFrom + toldWithinMs ? [] : [`${gauge}: ${step.name} later than 3 min at 60x`]),
      ...(step.says.en.test(line.words.en) ? [] : [`${gauge}: ${step.name} says ${line.words.en}`]),
      ...(step.says.zh.test(line.words.zh) ? [] : [`${gauge}: ${step.name} says ${line.words.zh}`]),
    ]
  })
}

test('"See a flood" goes from rain sums to red within three minutes at 60x, at gauges below one another', async () => {
  const system = await serve()
  const order = ['simulate', 'flood', '--start', new Date(startAt).toISOString(), '--data', system.data, '--json']
  expect(await gaugekeeper(...order)).toMatchObject({ code: 0, stderr: '' })
  const { warnings, more } = await system.get<{ warnings: WarningNote[]; more: boolean }>('/api/v1/warnings?simulated=true&limit=1000')
  await system.stop()
  expect(more).toBe(false)

  const round = rainRound('flood-1')
  const gauges = ['flood-1-river-005', 'flood-1-river-004']
  const all = (those: readonly WarningNote[]): string[] => gauges.flatMap((gauge) => wrongIn(gauge, round.get(gauge) ?? [], those))
  expect(all(warnings)).toEqual([])

  // red goes down the river
  const river = ['flood-1-river-006', ...gauges].map((gauge) =>
    warnings.find(({ rule, station }) => rule === 'level-high' && station === gauge),
  )
  const reds = river.map((warning) => warning?.timeline.find(({ level }) => level === 'red')?.at ?? NaN)
  expect(reds[0]).toBeLessThan(reds[1] ?? NaN)
  expect(reds[1]).toBeLessThan(reds[2] ?? NaN)
  for (const warning of river) {
    expect(warning).toMatchObject({ level: 'red', state: 'active', run: 'flood-1', simulated: true, marks: { retrospective: false } })
    const { value, limit, trusted, from, to } = warning?.evidence ?? { value: null, limit: null, trusted: 0, from: 0, to: 0 }
    expect(trusted).toBeGreaterThanOrEqual(3)
    expect(value ?? -Infinity).toBeGreaterThanOrEqual(limit ?? Infinity)
    expect(to - from).toBeGreaterThanOrEqual(10 * minute)
    expect(warning?.clears.en).toMatch(/clears when below \d\.\d\d m/)
  }

  // a story that lacks a rule is none
  for (const { rule } of steps) expect(all(warnings.filter((warning) => warning.rule !== rule))).not.toEqual([])
}, 120_000)
