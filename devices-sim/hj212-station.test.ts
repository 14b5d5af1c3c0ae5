import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { unknownDevice } from '../domain/codec.ts'
import type { CommandResult } from '../domain/command.ts'
import { createFleet } from '../domain/fleet.ts'
import { deviceId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { hj212 } from '../gateways/hj212/codec.ts'
import { closeGateways, openGateway, type TestGateway } from '../gateways/hj212/testing/gateways.ts'
import { readingLines } from '../gateways/hj212/testing/reading-lines.ts'
import type { FieldStation } from './field-station.ts'
import { createHj212Station, type Hj212StationParts } from './hj212-station.ts'

const stations: FieldStation[] = []
const taps: Server[] = []
afterEach(async () => {
  for (const station of stations.splice(0)) await station.stop()
  for (const tap of taps.splice(0)) tap.close()
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

/** A port that passes everything on to another one, and tells what it passes. */
async function tapped(port: number, hear: (bytes: string) => void): Promise<number> {
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on('error', () => undefined)
      from.on('close', () => to.destroy())
      from.on('data', (chunk: Buffer) => {
        hear(chunk.toString('latin1'))
        to.write(chunk)
      })
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  taps.push(server)
  return (server.address() as AddressInfo).port
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

test.each(['bytes', 'hex', 'braces'] as const)('a station of 2025 with a key speaks SM4 both ways, its bytes as %s', async (sm4) => {
  const content = {
    network: { id: 'n', timeZone: 'Asia/Shanghai' },
    stations: [{ id: 'at-a', kind: 'outfall', sensors: [{ parameter: 'cod', every: '5m' }] }],
    devices: [{ id: 'a', protocol: 'hj212', stations: ['at-a'], hj212: { mn: 'mn-a', sm4 } }],
  }
  const fleet = createFleet([readNetwork(content, { file: null, run: null })])
  const key = Buffer.from('0123456789abcdef0123456789abcdef', 'hex')
  const bench = await openGateway(['a'], { fleet: () => fleet, keysOf: () => [key] })
  // what goes over the wire, both ways
  const seen: string[] = []
  const wire = await tapped(bench.port, (bytes) => seen.push(bytes))
  const station = open(wire, 'a', { edition: '2025', sm4: { key, wire: sm4 } })
  station.send(Array.from({ length: 13 }, (_, i) => group(start + i * 5 * minute, 20 + i)))
  await station.settled()
  expect(linesOf(bench)).toContain('2011 2026-08-01T08:00:00+08:00 cod value = 20 N')
  const resend = { kind: 'resend', from: start, to: start + 60 * minute, everyMs: 60 * minute } as const
  expect(await bench.gateway.send(deviceId('a'), resend)).toEqual({ outcome: 'done', detail: '1 frames came' })
  expect(linesOf(bench).filter((line) => line.includes('cod mean hour = 25.5'))).toHaveLength(2)
  expect(bench.refused).toEqual([])
  const all = seen.join('')
  expect(all).toMatch(/CN=2011;/)
  expect(all).toMatch(/CN=2061;/)
  expect(all).not.toMatch(/DataTime|BeginTime|w01018/)

  // another key opens nothing: it is never answered
  const stranger = open(bench.port, 'a', { edition: '2025', sm4: { key: Buffer.alloc(16), wire: sm4 } })
  stranger.send([group(start, 1)])
  await until(() => bench.refused.length > 0)
  expect(bench.refused[0]?.reason).toBe(sm4 === 'bytes' ? 'wrong-crc' : 'wrong-length')
  expect(stranger.figures()).toMatchObject({ acknowledged: 0 })
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
  expect(await gateway.request(a, { cn: '3021', area: '' })).toMatchObject({
    outcome: 'refused',
    detail: 'refused: it does not know the command',
  })
  expect(await gateway.request(a, { cn: '2012', area: '', ends: 'notice' })).toMatchObject({ outcome: 'done' })
  expect(await gateway.send(deviceId('b'), { kind: 'sync-clock' })).toMatchObject({ outcome: 'unreachable' })
})

test('every request of the standard is sent, carried out, and what it brings is told', async () => {
  const bench = await openGateway(['a'])
  const station = open(bench.port, 'a')
  station.send([group(start, 1)])
  await station.settled()
  const ask = async (code: string, fields: Record<string, string> = {}): Promise<string> => {
    const { outcome, detail } = await bench.gateway.send(deviceId('a'), { kind: 'request', code, fields })
    return `${code} ${outcome}: ${detail}`
  }
  const cod = { PolId: 'w01018' }
  const period = { BeginTime: '20260801000000', EndTime: '20260801235959' }
  const done = async (code: string, fields: Record<string, string>, brings: RegExp | '' = ''): Promise<void> =>
    expect(await ask(code, fields)).toMatch(brings === '' ? new RegExp(`^${code} done: carried out$`) : brings)
  await done('1000', { OverTime: '5', ReCount: '3' })
  await done('1011', {}, /it sent SystemTime=\d{14}$/)
  await done('1062', { RtdInterval: '60' })
  await done('1061', {}, /it sent RtdInterval=60$/)
  await done('1064', { MinInterval: '15' })
  await done('1063', {}, /it sent MinInterval=15$/)
  await done('2021', {}, /SB01-RS=1$/)
  for (const code of ['3011', '3012', '3013', '3014']) await done(code, cod)
  await done('3015', cod, /VaseNo=1$/)
  await done('3016', { ...cod, CstartTime: '080000', Ctime: '4' })
  await done('3017', cod, /it sent PolId=w01018,CstartTime=080000,Ctime=4$/)
  await done('3018', cod, /Stime=30$/)
  await done('3019', cod, /w01018-SN=mn-a$/)
  await done('3020', { ...cod, InfoId: 'i11001', ...period }, /i11001-Info=0$/)
  expect(await ask('2012')).toBe('2012 done: carried out')
  await done('2011', {})
  for (const code of ['2031', '2051', '2061']) expect(await ask(code, period)).toMatch(/^20\d1 done/)
  expect(bench.refused).toEqual([])
})

test('a password is changed while the station talks: its answers carry the new one already, both are good, nobody hears it', async () => {
  const kept: [string, string, number][] = []
  const good = new Set(['a'])
  const bench = await openGateway(['a'], {
    identify: async (name, secret) =>
      good.has(Buffer.from(secret).toString()) ? { role: 'device', device: deviceId(name), run: null } : null,
    passwords: {
      make: () => 'Ab12Cd',
      keep: async (device, password, overlapMs) => void (good.add(password), kept.push([device, password, overlapMs])),
    },
  })
  const station = open(bench.port, 'a')
  station.send([group(start, 1)])
  await station.settled()
  const change = (): Promise<CommandResult> => bench.gateway.send(deviceId('a'), { kind: 'request', code: '1072', fields: {} })
  const { outcome, detail } = await change()
  expect([outcome, kept]).toEqual(['done', [['a', 'Ab12Cd', 3_600_000]]])
  expect(detail).not.toContain('Ab12Cd')
  good.delete('a')
  station.send([group(start + minute, 2)])
  await station.settled()
  expect(await bench.gateway.send(deviceId('a'), { kind: 'sync-clock' })).toEqual({ outcome: 'done', detail: 'carried out' })
  expect(bench.refused).toEqual([])
  expect(await bench.gateway.send(deviceId('b'), { kind: 'request', code: '1072', fields: {} })).toMatchObject({ outcome: 'unreachable' })
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
