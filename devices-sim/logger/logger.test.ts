import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { unknownDevice } from '../../domain/codec.ts'
import { createCodecOf } from '../../ingest/codecs/registry.ts'
import { readScenario } from '../scenarios/scenario.ts'
import { createSimulation, type FieldProtocol } from '../simulation.ts'
import type { TruthEntry, TruthFault, TruthReading } from '../truth/truth.ts'
import type { Transmission } from './wire.ts'

const [minute, hour] = [60_000, 3_600_000]
const startAt = Date.parse('2026-06-15T00:00:00Z')
const title = { en: 'x', zh: 'x' }

function ran(content: object, stations = 40, protocols: readonly FieldProtocol[] = []) {
  const scenario = readScenario(stringify({ id: 'trial', title, about: title, lasts: '8h', weather: 'calm', ...content }), 'trial')
  const [messages, truth]: [Transmission[], TruthEntry[]] = [[], []]
  const simulation = createSimulation({ scenario, run: 'trial', stations, seed: 1, startAt, lastsMs: null, protocols })
  for (const step of simulation.steps()) {
    messages.push(...step.messages)
    truth.push(...step.truth)
  }
  return {
    messages,
    simulation,
    readings: truth.filter((entry): entry is TruthReading => entry.kind === 'reading'),
    faults: truth.filter((entry): entry is TruthFault => entry.kind === 'fault'),
  }
}

test('every firmware is somewhere in a fleet, and what it writes is what the truth says', () => {
  const { messages } = ran({ devices: { firmwares: true, jitter: '20s' }, lasts: '2h' }, 150)
  const kinds: Record<string, (message: Transmission) => boolean> = {
    plain: ({ payload }) => /"at":"[^"]+Z"/.test(payload),
    beijing: ({ payload }) => /"at":"[^"]+\+08:00"/.test(payload),
    milliseconds: ({ topic, payload }) => topic.endsWith('/readings') && /"at":\d{13}\b/.test(payload),
    seconds: ({ payload }) => /"at":\d{10}\b/.test(payload),
    centimetres: ({ payload }) => payload.includes('"u":"cm"'),
    thingsboard: ({ topic }) => topic === 'v1/devices/me/telemetry',
    senml: ({ topic }) => topic.endsWith('/senml'),
  }
  for (const [kind, is] of Object.entries(kinds)) expect({ kind, found: messages.some(is) }).toEqual({ kind, found: true })
  const codecOf = createCodecOf([])
  for (const { topic, payload, readings } of messages) {
    const codec = codecOf(topic)
    if (codec === null || codec === 'message') throw new Error(`nobody reads ${topic}`)
    const { groups, rejections } = codec.decode(Buffer.from(payload), unknownDevice, startAt)
    expect(rejections).toEqual([])
    const values = groups.flatMap(({ at, readings: own }) =>
      own.flatMap(({ name, value, unit }) => (['battery', 'signal'].includes(name) ? [] : [`${name} ${at} ${asMetres(value, unit)}`])),
    )
    const nameOf = (parameter: string): string => (parameter === 'rain_accumulated' ? 'rainfall' : parameter)
    expect(values).toEqual(readings.map(({ parameter, at, value }) => `${nameOf(parameter)} ${at} ${value}`))
  }
})

const asMetres = (value: number | null, unit: string | null): number | null =>
  unit === 'cm' && value !== null ? Math.round(value * 1e3) / 1e5 : value

test('in a storm what moves fast leaves at once, and what does not waits for the quarter of an hour', () => {
  const happenings = [{ id: 'front', kind: 'storm', at: '2h', lasts: '4h', size: 90, radius: 0.9 }]
  const waits = (byException: boolean) => {
    const { readings } = ran({ happenings, devices: { jitter: '20s', sendEvery: '15m', byException } })
    const own = readings.filter(({ station, parameter }) => station.includes('-river-') && parameter === 'water_level')
    const early = own.filter(({ made, sent }) => sent !== null && Math.ceil(made / (15 * minute)) * 15 * minute > sent)
    return {
      before: early.filter(({ made }) => made < startAt + 2 * hour).length,
      within: early.filter(({ made }) => made >= startAt + 2 * hour).length,
    }
  }
  expect(waits(false)).toEqual({ before: 0, within: 0 })
  expect(waits(true).before).toBeLessThan(10)
  expect(waits(true).within).toBeGreaterThan(200)
})

test('a memory that is full loses its oldest readings, and only those', () => {
  const { readings } = ran({ faults: [{ type: 'line-cut', at: '2h', lasts: '3h' }], devices: { memory: 10 } })
  const own = readings.filter(({ station, parameter }) => station === 'trial-river-001' && parameter === 'water_level')
  const [from, to] = [startAt + 2 * hour, startAt + 5 * hour]
  const within = own.filter(({ made }) => made >= from && made < to)
  const [lost, kept] = [within.filter(({ outcome }) => outcome === 'never sent'), within.filter(({ outcome }) => outcome === 'stored')]
  expect(lost.length + kept.length).toBe(within.length)
  expect(within.length).toBe(36)
  // some fall due while the device dials anew
  expect(kept.length).toBeGreaterThan(5)
  expect(kept.length).toBeLessThan(12)
  expect(Math.max(...lost.map(({ made }) => made))).toBeLessThan(Math.min(...kept.map(({ made }) => made)))
  expect(lost.every(({ faults }) => faults.some((id) => id.startsWith('line-cut:')))).toBe(true)
})

test('a poor radio is late, a good one is not, and neither changes the order', () => {
  const { messages } = ran({ devices: {} }, 200, ['hj212', 'sl651'])
  const by = new Map<string, Transmission[]>()
  for (const message of messages) by.set(message.device, [...(by.get(message.device) ?? []), message])
  const latest = (message: Transmission): number => Math.max(...message.readings.map(({ made }) => made))
  const delays = [...by.values()].map((own) => Math.max(...own.map((message) => message.at - latest(message))))
  const poor = delays.filter((delay) => delay > 0)
  expect(poor.length).toBeGreaterThan(10)
  expect(poor.length).toBeLessThan(50)
  expect(Math.max(...delays)).toBeGreaterThan(minute)
  for (const own of by.values()) expect(own.map(latest)).toEqual(own.map(latest).sort((a, b) => a - b))
})

test('what moves says where it is: a boat on the plane, a drone with its altitude while it flies', () => {
  const { messages, simulation } = ran({ lasts: '12h' }, 40)
  const mobile = new Set<string>(simulation.network.stations.filter(({ kind }) => kind === 'mobile').map(({ id }) => id))
  const of = (count: number): (readonly number[])[] =>
    messages.flatMap(({ payload, device }) => {
      const { position } = JSON.parse(payload) as { position?: number[] }
      return position?.length === count && mobile.has(device.replace('trial-', '')) ? [position] : []
    })
  const [boat, drone] = [of(2), of(3)]
  expect(new Set(boat.map(String)).size).toBeGreaterThan(20)
  expect(new Set(drone.map(String)).size).toBeGreaterThan(40)
  for (const [lon = 0, lat = 0, altitude = 0] of drone) {
    expect([Math.abs(lon - 121.5) < 2, Math.abs(lat - 28.7) < 2]).toEqual([true, true])
    expect(altitude).toBeGreaterThan(0)
    expect(altitude).toBeLessThan(400)
  }
  const located = messages.filter(({ payload }) => payload.includes('"position"'))
  expect(new Set(located.map(({ device }) => device)).size).toBe(mobile.size)
})

test('only a gauge that counts has its count reset', () => {
  const { faults, simulation } = ran({ faults: [{ type: 'counter-reset', where: '*/rainfall', every: '2h', lasts: '30m' }] }, 60)
  const counting = simulation.file.stations.filter(({ sensors }) => sensors.some(({ from }) => from === 'counter')).map(({ id }) => id)
  expect(counting.length).toBeGreaterThan(0)
  expect(new Set(faults.map(({ station }) => station))).toEqual(new Set(counting))
})
