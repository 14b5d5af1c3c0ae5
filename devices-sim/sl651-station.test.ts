import { afterEach, expect, test } from '@jest/globals'
import { unknownDevice } from '../domain/codec.ts'
import type { Delivery } from '../domain/delivery.ts'
import { deviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { sl651 } from '../gateways/sl651/codec.ts'
import { addressOf, closeGateways, openGateway, riverFleet, until } from '../gateways/sl651/testing/gateways.ts'
import type { FieldStation } from './field-station.ts'
import { createSl651Station, type Sl651StationParts } from './sl651-station.ts'

const start = Date.UTC(2026, 10, 19, 0)
const device = deviceId('gauge-1')
const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }
const stations: FieldStation[] = []

afterEach(async () => {
  for (const station of stations.splice(0)) await station.stop()
  await closeGateways()
})

function stationAt(port: number, more: Partial<Sl651StationParts> = {}): FieldStation {
  const station = createSl651Station({
    ...{
      host: '127.0.0.1',
      port,
      device,
      address: addressOf(1),
      password: 0x03e8,
      encoding: 'hex',
      stationClass: 0x48,
      timers,
      now: () => start,
    },
    ...more,
  })
  stations.push(station)
  return station
}

const group = (minute: number): ReadingGroup => ({
  ...{ at: start + minute * 60_000 + 25_000, seq: null, position: null },
  readings: [
    { name: 'water_level', number: null, station: null, value: (3000 + minute) / 1000, unit: null, sourceQuality: null },
    { name: 'rainfall', number: null, station: null, value: minute % 5 === 0 ? 0.2 : 0, unit: null, sourceQuality: null },
  ],
})
const groups = (count: number): ReadingGroup[] => Array.from({ length: count }, (_, i) => group(i))

const levels = (deliveries: readonly Delivery[]): [number, number | null][] =>
  deliveries
    .flatMap(({ payload }) => sl651.decode(payload, unknownDevice, 0).groups)
    .flatMap(({ at, readings }) =>
      readings[0]?.name === 'water_level' ? [[((at ?? 0) - start) / 60_000, readings[0].value] as [number, number | null]] : [],
    )

for (const encoding of ['hex', 'ascii'] as const)
  test(`what a station measures comes through the gateway, to the minute, ${encoding}`, async () => {
    const { port, deliveries, refused } = await openGateway()
    const station = stationAt(port, { encoding })
    station.send(groups(30))
    await station.settled()
    expect(levels(deliveries)).toEqual(groups(30).map((_, i) => [i, (3000 + i) / 1000]))
    expect(station.figures()).toEqual({ acknowledged: 30, waiting: 0, dropped: 0 })
    expect(refused).toEqual([])
  })

test.each(['hex', 'ascii'] as const)('it says what it is, and sends the elements that are asked for, %s', async (encoding) => {
  const { port, gateway, deliveries, refused } = await openGateway({ now: () => start }, {}, riverFleet(1, { periodQuery: 'identifier' }))
  const station = stationAt(port, { encoding })
  station.send(groups(2))
  await station.settled()
  const ask = async (code: string, fields: Record<string, string> = {}): Promise<string> =>
    (await gateway.send(device, { kind: 'request', code, fields })).detail
  expect(await ask('46')).toBe('status 00000480: nothing to tell')
  expect(await ask('51')).toBe('its clock shows 2026-11-19 08:00:00 (Beijing), 0 s ahead of ours')
  if (encoding === 'hex') {
    expect(await ask('45')).toBe('software version "GKSIM 1"')
    expect(await ask('50')).toMatch(/^events: sent \d+$/)
  }
  expect(await ask('3A', { elements: 'Z' })).toBe('answered')
  expect(levels(deliveries)).toEqual([
    [0, 3],
    [1, 3.001],
    [1, 3.001],
  ])
  expect(refused).toEqual([])
})

test('what was not confirmed before the line broke comes again', async () => {
  let [isFull, tried] = [true, 0]
  const kept: Delivery[] = []
  const accept = async (delivery: Delivery): Promise<void> => {
    tried += 1
    if (isFull) throw new Error('full')
    kept.push(delivery)
  }
  const { port } = await openGateway({ accept })
  const station = stationAt(port)
  station.send(groups(3))
  await until(() => tried === 3)
  isFull = false
  station.loseLine()
  await station.settled()
  expect(levels(kept).map(([minute]) => minute)).toEqual([0, 1, 2])
})

test('it answers for a sample and for a period, in packets where it is long', async () => {
  const { port, gateway, deliveries } = await openGateway(
    { now: () => start + 4 * 3_600_000 },
    {},
    riverFleet(1, { periodQuery: 'definition' }),
  )
  const station = stationAt(port)
  station.send(groups(240))
  await station.settled()
  deliveries.length = 0
  expect(await gateway.send(device, { kind: 'sample-now' })).toMatchObject({ outcome: 'done' })
  expect(levels(deliveries)).toEqual([[239, 3.239]])
  deliveries.length = 0
  const resend = await gateway.send(device, { kind: 'resend', from: start, to: start + 4 * 3_600_000, everyMs: 60_000 })
  expect(resend).toMatchObject({ outcome: 'done' })
  expect(levels(deliveries)).toEqual(groups(240).map((_, i) => [i, (3000 + i) / 1000]))
  expect(deliveries.some(({ payload }) => Buffer.from(payload).toString('hex').split('7e7e01').length > 2)).toBe(true)
  const rain = deliveries
    .flatMap(({ payload }) => sl651.decode(payload, unknownDevice, 0).groups)
    .filter(({ readings }) => readings[0]?.name === 'rainfall')
  expect(rain.filter(({ readings }) => readings[0]?.value === 0.2)).toHaveLength(48)
})

test('a clock that drifts is set right by the gateway', async () => {
  let now = start
  const { port, gateway } = await openGateway({ now: () => now })
  const station = stationAt(port, { now: () => now, driftMsPerDay: 120_000 })
  station.send(groups(1))
  await station.settled()
  now += 86_400_000
  expect(station.clockError()).toBe(120_000)
  expect(await gateway.send(device, { kind: 'sync-clock' })).toMatchObject({ outcome: 'done' })
  expect(Math.abs(station.clockError())).toBeLessThanOrEqual(1_000)
})
