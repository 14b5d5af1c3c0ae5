import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { freshFolder, openBroker } from '../../broker/testing/brokers.ts'
import { deviceId } from '../../domain/ids.ts'
import { readScenario } from '../scenarios/scenario.ts'
import { simulate } from '../simulate.ts'
import { createSimulation, type Simulation } from '../simulation.ts'
import type { TruthEntry, TruthFault, TruthReading } from '../truth/truth.ts'
import { createTruthWriter } from '../truth/write.ts'
import type { SystemFaultType, SystemHands } from './system.ts'

const [minute, hour] = [60_000, 3_600_000]
const startAt = Date.parse('2026-06-15T00:00:00Z')
const title = { en: 'x', zh: 'x' }
const content = {
  ...{ id: 'trial', title, about: title, lasts: '4h', weather: 'calm', devices: { jitter: '20s' } },
  faults: [
    { type: 'line-cut', share: 0.3, at: '65m', lasts: '30m' },
    { type: 'line-cut', where: '*', share: 0.3, at: '65m', lasts: '10m' },
  ],
  system: [
    { fault: 'broker-away', at: '1h', lasts: '20m' },
    { fault: 'store-away', at: '2h', lasts: '30m' },
    { fault: 'sigkill', at: '3h10s' },
    { fault: 'broker-away', at: '3h50m', lasts: '20m' },
  ],
}
const simulationOf = (): Simulation =>
  createSimulation({ scenario: readScenario(stringify(content), 'trial'), run: 'trial', stations: 20, seed: 1, startAt, lastsMs: null })

test('a system that is ill-treated has its moments, its lines in the truth, and the readings that it touches', () => {
  const steps = [...simulationOf().steps()]
  const changes = steps.flatMap(({ system }) => system.map(({ fault, at, begins }) => [fault.type, (at - startAt) / minute, begins]))
  expect(changes).toEqual([
    ['broker-away', 60, true],
    ['broker-away', 80, false],
    ['store-away', 120, true],
    ['store-away', 150, false],
    ['sigkill', 180 + 1 / 6, true],
    ['broker-away', 230, true],
    ['broker-away', 250, false],
  ])
  const truth = steps.flatMap((step) => step.truth)
  const faults = truth.filter((entry): entry is TruthFault => entry.kind === 'fault' && entry.device === '*')
  expect(faults.map(({ type, device, expects }) => [type, device, expects])).toEqual(
    ['broker-away', 'store-away', 'sigkill', 'broker-away'].map((type) => [type, '*', 'unharmed']),
  )
  const readings = truth.filter((entry): entry is TruthReading => entry.kind === 'reading')
  for (const { id, type, from, to } of faults) {
    const touched = readings.filter((reading) => reading.faults.includes(id))
    expect(touched.length).toBeGreaterThan(20)
    for (const { sent, made } of touched) {
      if (type === 'broker-away') expect((sent ?? 0) >= to && made < to).toBe(true)
      else expect(from <= (sent ?? 0) && (sent ?? 0) < to).toBe(true)
    }
  }
  const silent = readings.filter(({ sent }) => sent !== null && startAt + hour <= sent && sent < startAt + hour + 20 * minute)
  expect(silent).toEqual([])
})

/** A real run on a broker of ours; what was done to it, and the faults of its truth. */
async function ran(hands: SystemHands | null) {
  const simulation = simulationOf()
  const broker = await openBroker({ identify: async (name) => ({ role: 'device', device: deviceId(name), run: null }) })
  const file = path.join(await freshFolder(), 'truth.jsonl')
  const progress = await simulate({
    ...{ simulation, speed: 'max', hands },
    timers: { setTimeout, clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    url: `mqtt://127.0.0.1:${broker.port}`,
    secrets: new Map(simulation.network.devices.map(({ id }) => [id, 'x'])),
    truth: await createTruthWriter(file, simulation.header),
    clock: () => Promise.resolve(),
    now: () => performance.now(),
    sleep: () => Promise.resolve(),
  })
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  const entries = lines.map((line) => JSON.parse(line) as TruthEntry)
  const notDone = entries.flatMap((entry) => (entry.kind === 'fault' && entry.device === '*' ? [[entry.type, entry.notDone]] : []))
  return { progress, notDone, delivered: broker.deliveries.filter(({ topic }) => !topic.endsWith('/status')).length }
}

test('hands do what they can, in order; the truth says what nobody did, and all is sent all the same', async () => {
  const done: string[] = []
  const hands: SystemHands = {
    refuses: (type: SystemFaultType) => (type === 'store-away' ? 'it has none' : null),
    begin: async (type) => void done.push(`${type} begins`),
    end: async (type) => void done.push(`${type} ends`),
  }
  const held = await ran(hands)
  const away = ['broker-away begins', 'broker-away ends']
  expect(done).toEqual([...away, 'sigkill begins', ...away])
  expect(held.notDone).toEqual([
    ['broker-away', undefined],
    ['store-away', 'it has none'],
    ['sigkill', undefined],
    ['broker-away', undefined],
  ])
  expect([held.progress.illTreated, held.delivered]).toEqual([3, held.progress.messages])
  // lines that are cut while no port is open break when one is, and those that are whole by then do not
  expect(held.progress.rejoined).toBeGreaterThan(1)
  const without = await ran(null)
  expect(without.notDone.map(([, why]) => why)).toEqual(Array.from({ length: 4 }, () => 'there was nobody to do it'))
  expect([without.progress.illTreated, without.delivered]).toEqual([0, held.delivered])
  expect(without.progress.rejoined).toBeGreaterThan(held.progress.rejoined)
})
