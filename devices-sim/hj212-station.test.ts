import { afterEach, expect, test } from '@jest/globals'
import { unknownDevice } from '../domain/codec.ts'
import { deviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { hj212 } from '../gateways/hj212/codec.ts'
import { closeGateways, openGateway, type TestGateway } from '../gateways/hj212/testing/gateways.ts'
import { readingLines } from '../gateways/hj212/testing/reading-lines.ts'
import type { FieldStation } from './field-station.ts'
import { createHj212Station, type Hj212StationParts } from './hj212-station.ts'

const stations: FieldStation[] = []
afterEach(async () => {
  for (const station of stations.splice(0)) await station.stop()
  await closeGateways()
})

const timers = { setTimeout, clearTimeout: (handle: unknown) => clearTimeout(handle as NodeJS.Timeout) }
const start = Date.parse('2026-08-01T08:00:00+08:00')
const minute = 60_000

function group(at: number, cod: number, ph = 7): ReadingGroup {
  const reading = (name: string, value: number) => ({ name, number: null, station: null, value, unit: null, sourceQuality: null })
  return { at, seq: null, position: null, readings: [reading('cod', cod), reading('ph', ph), reading('gate_opening', 1)] }
}

function open(port: number, id: string, more: Partial<Hj212StationParts> = {}): FieldStation {
  const station = createHj212Station({
    ...{ host: '127.0.0.1', port, device: deviceId(id), mn: `mn-${id}`, password: id, edition: '2017', st: '32', timers },
    now: () => Date.now(),
    ...more,
  })
  stations.push(station)
  return station
}

const linesOf = ({ deliveries }: TestGateway): string[] =>
  deliveries.flatMap(({ topic, payload }) =>
    readingLines(hj212.decode(payload, unknownDevice, 0)).map((line) => `${topic.slice(6)} ${line}`),
  )

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1))
}

test.each(['2005', '2017', '2025'] as const)('a station of edition %s sends what it measures, and is answered', async (edition) => {
  const bench = await openGateway(['a'])
  const station = open(bench.port, 'a', { edition })
  station.send([group(start, 20.1)])
  await station.settled()
  expect(station.figures()).toEqual({ acknowledged: 1, waiting: 0, dropped: 0 })
  expect(linesOf(bench)).toEqual(['2011 2026-08-01T08:00:00+08:00 cod value = 20.1 N', '2011 2026-08-01T08:00:00+08:00 ph value = 7 N'])
  expect(bench.gateway.figures()).toMatchObject({ connections: 1, stations: 1, kept: 1 })
})

test('the mean of an hour is sent when the hour is over, and recalled from memory', async () => {
  const bench = await openGateway(['a'])
  const station = open(bench.port, 'a')
  station.send(Array.from({ length: 13 }, (_, i) => group(start + i * 5 * minute, 20 + i)))
  await station.settled()
  const hourly = [
    'cod minimum hour = 20',
    'cod mean hour = 25.5',
    'cod maximum hour = 31',
    'ph minimum hour = 7',
    'ph mean hour = 7',
    'ph maximum hour = 7',
  ]
  const lines = (): string[] => linesOf(bench).filter((line) => line.startsWith('2061'))
  expect(lines()).toEqual(hourly.map((line) => `2061 2026-08-01T08:00:00+08:00 ${line} N`))
  const resend = { kind: 'resend', from: start, to: start + 60 * minute, everyMs: 60 * minute } as const
  expect(await bench.gateway.send(deviceId('a'), resend)).toEqual({ outcome: 'done', detail: '1 frames came' })
  expect(lines()).toHaveLength(12)
  const tenMinutes = await bench.gateway.send(deviceId('a'), { ...resend, everyMs: 10 * minute })
  expect(tenMinutes).toEqual({ outcome: 'done', detail: '6 frames came' })
  const nothing = await bench.gateway.send(deviceId('a'), { ...resend, from: start - 60 * minute, to: start })
  expect(nothing).toEqual({ outcome: 'done', detail: '0 frames came' })
})

test('a station that lost its line sends again what was not answered', async () => {
  const held: (() => void)[] = []
  let isHolding = true
  const bench = await openGateway(['a'], {
    accept: () => (isHolding ? new Promise((keep) => void held.push(keep)) : Promise.resolve()),
  })
  const station = open(bench.port, 'a', { edition: '2025' })
  station.send(Array.from({ length: 20 }, (_, i) => group(start + i * minute, i)))
  await until(() => held.length === 8)
  isHolding = false
  station.loseLine()
  for (const keep of held) keep()
  await station.settled()
  expect(station.figures()).toEqual({ acknowledged: 20, waiting: 0, dropped: 0 })
})

test('a station whose clock runs away is set right', async () => {
  const bench = await openGateway(['a'])
  let now = Date.now()
  const station = open(bench.port, 'a', { now: () => now, driftMsPerDay: 120_000 })
  station.send([group(start, 1)])
  await station.settled()
  now += 86_400_000
  expect(station.clockError()).toBe(120_000)
  const synced = await bench.gateway.send(deviceId('a'), { kind: 'sync-clock' })
  expect(synced).toEqual({ outcome: 'done', detail: 'carried out' })
  // the gateway's clock stands a day behind the one that this test turned
  expect(Math.abs(station.clockError() + 86_400_000)).toBeLessThan(60_000)
})

test('requests that are carried out, refused, or never reach it', async () => {
  const bench = await openGateway(['a', 'b'])
  const station = open(bench.port, 'a')
  station.send([group(start, 1)])
  await station.settled()
  const { gateway } = bench
  const a = deviceId('a')
  expect(await gateway.send(a, { kind: 'set-interval', everyMs: 10 * minute })).toEqual({ outcome: 'done', detail: 'carried out' })
  station.send([group(start + minute, 2), group(start + 11 * minute, 3)])
  await station.settled()
  expect(linesOf(bench).filter((line) => line.includes('cod value'))).toHaveLength(2)
  expect(await gateway.send(a, { kind: 'sample-now' })).toMatchObject({ outcome: 'done' })
  expect(await gateway.request(a, { cn: '1061', area: '' })).toMatchObject({ outcome: 'done', areas: ['RtdInterval=600'] })
  expect(await gateway.request(a, { cn: '3020', area: '' })).toMatchObject({
    outcome: 'refused',
    detail: 'refused: it does not know the command',
  })
  expect(await gateway.request(a, { cn: '2012', area: '', ends: 'notice' })).toMatchObject({ outcome: 'done' })
  expect(await gateway.send(deviceId('b'), { kind: 'sync-clock' })).toMatchObject({ outcome: 'unreachable' })
})

test('a revoked station is cut off; one with a wrong password is never answered', async () => {
  const bench = await openGateway(['a', 'b'])
  const station = open(bench.port, 'a')
  station.send([group(start, 1)])
  await station.settled()
  bench.gateway.kick(deviceId('a'))
  await until(() => bench.gateway.figures().stations === 0)
  const stranger = open(bench.port, 'b', { password: 'guess' })
  stranger.send([group(start, 1)])
  await until(() => bench.refused.some(({ reason }) => reason === 'wrong-password'))
  expect(stranger.figures()).toEqual({ acknowledged: 0, waiting: 1, dropped: 0 })
})
