import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { freshFolder, openBroker, type TestBroker } from '../broker/testing/brokers.ts'
import type { Identity } from '../domain/identity.ts'
import { networkClashes } from '../domain/fleet.ts'
import { deviceId, runId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import { unknownDevice } from '../domain/codec.ts'
import { nativeJson } from '../ingest/codecs/native-json.ts'
import { ScenarioInvalid } from './errors.ts'
import { faultTypes } from './faults/fault.ts'
import { readScenario, type Scenario } from './scenarios/scenario.ts'
import { simulate } from './simulate.ts'
import { createSimulation, type Simulation, type SimulationStep } from './simulation.ts'
import type { TruthEntry, TruthReading } from './truth/truth.ts'
import { createTruthWriter } from './truth/write.ts'

const hour = 3_600_000
const startAt = Date.parse('2026-06-15T00:00:00Z')
const title = { en: 'x', zh: 'x' }
const scenarioOf = (content: object): Scenario =>
  readScenario(stringify({ id: 'trial', title, about: title, lasts: '6h', weather: 'calm', ...content }), 'trial')

const storm = scenarioOf({
  happenings: [{ id: 'front', kind: 'storm', at: '10m', lasts: '3h', size: 90, radius: 0.9 }],
  faults: [
    { type: 'spike', where: '*/water_level', every: '3h', lasts: '5m' },
    { type: 'duplicate', share: 0.5, every: '2h', lasts: '20m' },
    { type: 'line-cut', share: 0.3, at: '2h', lasts: '1h' },
  ],
  devices: { jitter: '20s', sendEvery: '15m', byException: true, firmwares: true },
})
const simulationOf = (scenario: Scenario, seed = 1): Simulation =>
  createSimulation({ scenario, run: 'trial', stations: 24, seed, startAt, lastsMs: null })
const readings = (steps: readonly SimulationStep[]): TruthReading[] =>
  steps.flatMap(({ truth }) => truth.flatMap((entry) => (entry.kind === 'reading' ? [entry] : [])))

test('the same order gives the same messages and the same truth, another seed others', () => {
  const [a, b, c] = [simulationOf(storm), simulationOf(storm), simulationOf(storm, 2)].map((one) => JSON.stringify([...one.steps()]))
  expect(a === b).toBe(true)
  expect(a === c).toBe(false)
})

test('a storm is a story: rain sums, rising rivers, floods, each by the front', () => {
  const events = [...simulationOf(storm).steps()].flatMap(({ truth }) => truth.flatMap((entry) => (entry.kind === 'event' ? [entry] : [])))
  for (const type of ['heavy-rain', 'rapid-rise', 'flood']) expect(events.map((event) => event.type)).toContain(type)
  expect(new Set(events.map(({ cause }) => cause))).toEqual(new Set(['front']))
  for (const { onset, peak, end } of events) expect(onset <= peak.at && peak.at <= end && startAt < onset).toBe(true)
})

test('what a trend ought to forecast are the crossings of its limit, once there are hours enough to see one', () => {
  const later = { lasts: '24h', happenings: [{ id: 'front', kind: 'storm', at: '8h', lasts: '3h', size: 90, radius: 0.9 }] }
  const entries = [...simulationOf(scenarioOf(later)).steps()].flatMap(({ truth }) => truth)
  const ahead = entries.flatMap((entry) => (entry.kind === 'event' && entry.ruleKind === 'trend' ? [entry] : []))
  expect(ahead.length).toBeGreaterThan(0)
  const early = [...simulationOf(storm).steps()].flatMap(({ truth }) => truth)
  expect(early.filter((entry) => entry.kind === 'event' && entry.ruleKind === 'trend')).toEqual([])
  for (const { station, rule, onset, ahead: limits } of ahead) {
    expect([rule, limits?.withinMs]).toEqual(['toward-stage', 12 * 3_600_000])
    const isSame = (entry: TruthEntry): boolean =>
      entry.kind === 'crossing' && entry.station === station && entry.limit === limits?.limit && entry.at === onset
    expect(entries.filter(isSame).length).toBe(1)
  }
})

test('every reading is accounted for once, and those of a cut line come when it is back', () => {
  const steps = [...simulationOf(storm).steps()]
  const all = readings(steps)
  const keys = all.filter(({ outcome }) => outcome !== 'duplicate').map(({ station, parameter, at }) => `${station} ${parameter} ${at}`)
  expect(new Set(keys).size).toBe(keys.length)
  const cuts = steps.flatMap(({ truth }) => truth.flatMap((entry) => (entry.kind === 'fault' && entry.type === 'line-cut' ? [entry] : [])))
  expect(cuts.length).toBeGreaterThan(2)
  for (const { device, from, to } of cuts) {
    const held = all.filter((one) => one.device === device && one.made > from && one.made < to - 900_000)
    expect(held.length).toBeGreaterThan(0)
    for (const { sent, outcome } of held) expect(outcome !== 'stored' || (sent ?? 0) >= to).toBe(true)
  }
  const lines = steps.flatMap((step) => step.lines)
  expect(lines.filter(({ isUp }) => isUp)).toHaveLength(cuts.length)
})

test('a line that was cut before the start is not there at first, and comes back; behind the end only what still struck is told of', () => {
  const faults = [
    { type: 'line-cut', every: '5h', lasts: '4h' },
    { type: 'duplicate', every: '10m', lasts: '9m' },
  ]
  const steps = [...simulationOf(scenarioOf({ faults, devices: { jitter: '10m' } })).steps()]
  const entries = steps.flatMap(({ truth }) => truth)
  const told = entries.flatMap((entry) => (entry.kind === 'fault' ? [entry] : []))
  const open = told.filter(({ type, from }) => type === 'line-cut' && from < startAt)
  expect(open.length).toBeGreaterThan(5)
  const changes = steps.flatMap(({ lines }) => lines)
  for (const { device, to } of open) {
    const [first, second] = changes.filter((change) => change.device === device)
    expect([first, second]).toEqual([
      { device, at: startAt, isUp: false },
      { device, at: to, isUp: true },
    ])
  }
  const borne = new Set(readings(steps).flatMap((reading) => reading.faults))
  const late = told.filter(({ from }) => from > startAt + 6 * hour)
  expect([late.length > 0, late.filter(({ id }) => !borne.has(id))]).toEqual([true, []])
  const ids = new Set(told.map(({ id }) => id))
  expect([...borne].filter((id) => !ids.has(id))).toEqual([])
})

test('what goes out is what the truth says, value by value', () => {
  const steps = [...simulationOf({ ...storm, devices: { sendEvery: '15m' } }).steps()]
  for (const { payload, readings: own, values } of steps.flatMap((step) => step.messages)) {
    const { groups, rejections } = nativeJson.decode(Buffer.from(payload), unknownDevice, 0)
    expect(rejections).toEqual([])
    const sent = groups.flatMap((group) => group.readings.map(({ name, value }) => ({ name, at: group.at, value })))
    expect(sent).toEqual(
      own.map(({ parameter, at, value }) => ({ name: parameter === 'rain_accumulated' ? 'rainfall' : parameter, at, value })),
    )
    expect(values).toBe(sent.length)
  }
})

test('every fault that can be ordered leaves its mark', () => {
  const where = (type: string): string =>
    ['stuck-bucket', 'blocked-gauge', 'counter-reset'].includes(type) ? '*/rainfall' : type === 'ice' ? '*/water_level' : '*'
  const scenario = scenarioOf({
    lasts: `${faultTypes.length}h`,
    happenings: [{ id: 'rain', kind: 'storm', at: '0m', lasts: `${faultTypes.length}h`, size: 300, radius: 1 }],
    faults: faultTypes.map((type, i) => ({ type, where: where(type), at: `${i}h`, lasts: '30m' })),
  })
  // when water may freeze
  const winter = Date.parse('2026-01-15T00:00:00Z')
  const all = readings([...createSimulation({ scenario, run: 'trial', stations: 40, seed: 1, startAt: winter, lastsMs: null }).steps()])
  for (const type of faultTypes) {
    const marked = all.filter(({ faults }) => faults.some((id) => id.startsWith(`${type}:`)))
    const held = all.filter(({ sent, made }) => (sent ?? 0) > made + 600_000)
    expect({ type, marked: (type === 'line-cut' ? held : marked).length > 0 }).toEqual({ type, marked: true })
  }
})

test('a scenario that names no station of the basin, or is no scenario, is refused with the place', () => {
  const lost = scenarioOf({
    happenings: [{ id: 's', kind: 'spill', place: { kind: 'outfall', nth: 99 }, at: '1h', lasts: '1h', size: 1, substance: 'salt' }],
  })
  expect(() => simulationOf(lost)).toThrow(/happenings.s.place: there is no outfall 99/)
  const refused = (text: string): unknown => {
    try {
      return readScenario(text, 'mine.yaml')
    } catch (error) {
      return error
    }
  }
  expect(refused('id: [')).toBeInstanceOf(ScenarioInvalid)
  expect(String(refused(stringify({ id: 'x', title, about: title, lasts: 'soon' })))).toMatch(/lasts: "soon" is not a length of time/)
  expect(String(refused(stringify({ id: 'x', title, about: title, lasts: '1h', wether: 'calm' })))).toMatch(/weather/)
})

const identify = async (name: string): Promise<Identity> => ({ role: 'device', device: deviceId(name), run: null })

/** First transmissions by device, in the order of their coming, and the bytes of the truth. */
async function run(broker: TestBroker, speed: number | 'max'): Promise<{ sent: Record<string, string[]>; truth: string; ticks: number[] }> {
  const simulation = simulationOf(storm)
  const file = path.join(await freshFolder(), 'truth.jsonl')
  const ticks: number[] = []
  await simulate({
    ...{ simulation, speed, hands: null },
    timers: { setTimeout, clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    url: `mqtt://127.0.0.1:${broker.port}`,
    secrets: new Map(simulation.network.devices.map(({ id }) => [id, 'x'])),
    truth: await createTruthWriter(file, simulation.header),
    clock: async (at) => void ticks.push(at),
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
  const sent: Record<string, string[]> = {}
  for (const { device, topic, payload } of broker.deliveries)
    if (!topic.endsWith('/status')) (sent[device] ??= []).push(`${topic} ${Buffer.from(payload).toString()}`)
  return { sent, truth: await readFile(file, 'utf8'), ticks }
}

test('two clock speeds over real MQTT give the same bytes: truth and first transmissions', async () => {
  const fast = await run(await openBroker({ identify }), 'max')
  const slow = await run(await openBroker({ identify }), 20_000)
  expect(slow.truth === fast.truth).toBe(true)
  expect(slow.sent).toEqual(fast.sent)
  expect(slow.ticks).toEqual(fast.ticks)
  expect(Object.keys(fast.sent)).toHaveLength(24)
  expect([fast.ticks[0], fast.ticks.length]).toEqual([startAt, 1 + (6 * hour) / 900_000])
})

test('two runs of one basin share no id, and their water and faults are the same', () => {
  const [a, b] = ['first', 'second'].map((run) =>
    createSimulation({ scenario: storm, run, stations: 24, seed: 1, startAt, lastsMs: null }),
  ) as [Simulation, Simulation]
  const networks = [a, b].map(({ file }, i) => readNetwork(file, { file: null, run: runId(String(i)) }))
  expect(networkClashes(networks)).toEqual([])
  const facts = (one: Simulation, run: string): string[] =>
    [...one.steps()].flatMap(({ truth }) =>
      truth.flatMap((entry) => {
        if (entry.kind === 'event')
          return [`${entry.station.replace(`${run}-`, '')} ${entry.rule} ${entry.onset} ${entry.end} ${entry.peak.value}`]
        return entry.kind === 'fault' ? [`${entry.id} ${entry.from} ${entry.to}`] : []
      }),
    )
  const [first, second] = [facts(a, 'first'), facts(b, 'second')]
  expect(first.length).toBeGreaterThan(10)
  expect(second).toEqual(first)
})

test('the truth names stations as the network does that the server is told', () => {
  const simulation = simulationOf(storm)
  const served = new Set(simulation.file.stations.map(({ id }) => id))
  const named = [...simulation.steps()].flatMap(({ truth }) => truth.flatMap(({ station }) => station ?? []))
  expect([...new Set(named)].filter((id) => !served.has(id))).toEqual([])
  expect(named.every((id) => id.startsWith('trial-'))).toBe(true)
})
