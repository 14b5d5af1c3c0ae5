import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { freshFolder, openBroker } from '../broker/testing/brokers.ts'
import type { Delivery } from '../domain/delivery.ts'
import { createFleet } from '../domain/fleet.ts'
import type { Identity } from '../domain/identity.ts'
import { deviceId, runId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import { closeGateways as closeHj212, openGateway as openHj212 } from '../gateways/hj212/testing/gateways.ts'
import { fieldCodecs } from '../gateways/registry.ts'
import { closeGateways as closeSl651, openGateway as openSl651 } from '../gateways/sl651/testing/gateways.ts'
import { readScenario } from './scenarios/scenario.ts'
import { simulate } from './simulate.ts'
import { createSimulation, type Simulation } from './simulation.ts'
import type { TruthEntry, TruthReading } from './truth/truth.ts'
import { createTruthWriter } from './truth/write.ts'

afterEach(() => Promise.all([closeHj212(), closeSl651()]))

const startAt = Date.parse('2026-06-15T00:00:00Z')
const title = { en: 'x', zh: 'x' }
const content = {
  ...{ id: 'trial', title, about: title, lasts: '6h', weather: 'calm' },
  happenings: [{ id: 'front', kind: 'storm', at: '10m', lasts: '3h', size: 90, radius: 0.9 }],
  faults: [
    { type: 'line-cut', share: 0.5, at: '2h', lasts: '1h' },
    { type: 'duplicate', share: 0.5, every: '2h', lasts: '20m' },
    { type: 'clock-skew', share: 0.5, at: '4h', lasts: '1h' },
    { type: 'truncated', at: '5h', lasts: '20m' },
  ],
  devices: { jitter: '20s', sendEvery: '15m', byException: true, protocols: { hj212: 0.5, sl651: 0.6 } },
}
const simulationOf = (): Simulation =>
  createSimulation({
    ...{ scenario: readScenario(stringify(content), 'trial'), run: 'trial', stations: 24, seed: 1, startAt, lastsMs: null },
    protocols: ['hj212', 'sl651'],
  })

/** Secret of every device; four HEX digits, as SL 651 has them. */
const secret = '03E8'
const identify = async (name: string): Promise<Identity> => ({ role: 'device', device: deviceId(name), run: null })

/** What came over the wires of both field protocols, by device, and the bytes of the truth. */
async function ran(speed: number | 'max') {
  const simulation = simulationOf()
  const fleet = createFleet([readNetwork(simulation.file, { file: null, run: runId('trial') })])
  const parts = { fleet: () => fleet, identify }
  const broker = await openBroker({ identify })
  const [hj212, sl651] = [await openHj212([], parts), await openSl651(parts, {}, fleet)]
  const file = path.join(await freshFolder(), 'truth.jsonl')
  await simulate({
    ...{ simulation, speed, hands: null },
    url: `mqtt://127.0.0.1:${broker.port}`,
    field: new Map([
      ['hj212', `127.0.0.1:${hj212.port}`],
      ['sl651', `127.0.0.1:${sl651.port}`],
    ]),
    timers: { setTimeout, clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    secrets: new Map(simulation.network.devices.map(({ id }) => [id, secret])),
    truth: await createTruthWriter(file, simulation.header),
    clock: () => Promise.resolve(),
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  })
  expect([hj212.refused, sl651.refused]).toEqual([[], []])
  const sent = new Map<string, Delivery[]>()
  for (const delivery of [...hj212.deliveries, ...sl651.deliveries])
    sent.set(delivery.device, [...(sent.get(delivery.device) ?? []), delivery])
  return { fleet, sent, truth: await readFile(file, 'utf8') }
}

test('devices of HJ 212 and SL 651 send through real gateways what the truth says, value by value, and the same bytes at two speeds', async () => {
  const [fast, slow] = [await ran('max'), await ran(20_000)]
  expect(slow.truth === fast.truth).toBe(true)
  const bytes = (sent: ReadonlyMap<string, readonly Delivery[]>) =>
    [...sent].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, own]) => [id, own.map(({ payload }) => Buffer.from(payload).toString('hex'))])
  expect(bytes(slow.sent)).toEqual(bytes(fast.sent))

  const entries = fast.truth
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as TruthEntry)
  const readings = entries.filter((entry): entry is TruthReading => entry.kind === 'reading' && entry.sent !== null)
  const spoken = new Set<string>()
  for (const [id, own] of fast.sent) {
    const device = fast.fleet.devices.get(deviceId(id))
    if (device === undefined) throw new Error(`nobody knows ${id}`)
    spoken.add(device.protocol)
    const heard = own.flatMap(({ topic, payload }) => {
      const decoded = fieldCodecs.find(({ reads }) => reads(topic))?.decode(payload, device, 0)
      return (decoded?.groups ?? []).flatMap(({ at, readings: values }) =>
        values.map(({ name, value }) => `${at} ${name === 'PN05' ? 'rainfall' : name} ${value?.toPrecision(6)}`),
      )
    })
    const made = readings
      .filter((one) => one.device === id)
      .map(({ at, parameter, value }) => `${at} ${parameter} ${value?.toPrecision(6)}`)
    expect(heard.sort()).toEqual(made.sort())
  }
  expect([...spoken].sort()).toEqual(['hj212', 'sl651'])
  expect(fast.sent.size).toBeGreaterThan(4)
  // what a protocol cannot say does not happen to its devices
  const cut = entries.flatMap((entry) => (entry.kind === 'fault' && entry.type === 'truncated' ? [entry.device] : []))
  expect(cut.length).toBeGreaterThan(5)
  expect(cut.filter((id) => fast.sent.has(id))).toEqual([])
})

test('shares of works and gauges speak the protocol of their trade, and no two runs the same address', () => {
  const addressed = (run: string) => {
    const scenario = readScenario(stringify(content), 'trial')
    const order = { scenario, run, stations: 200, seed: 1, startAt, lastsMs: null }
    const { devices } = createSimulation({ ...order, protocols: ['hj212', 'sl651'] }).network
    const plain = createSimulation(order).network.devices
    expect(plain.every(({ protocol }) => protocol === 'mqtt')).toBe(true)
    return devices.flatMap(({ hj212, sl651 }) => hj212?.mn ?? sl651?.address ?? [])
  }
  const [first, second] = [addressed('first'), addressed('second')]
  expect(first.length).toBeGreaterThan(50)
  expect(new Set([...first, ...second]).size).toBe(first.length + second.length)
})
