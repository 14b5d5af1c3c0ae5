import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import mqtt, { type MqttClient } from 'mqtt'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

/*
 * R6: hostile payloads over MQTT and HTTP. Each one is judged as the table says, nearly all under a reason of their own, nothing is lost
 * from the count, and the process that served the first serves the last.
 */

interface Case {
  name: string
  payload: Buffer
  /** The reason it is put aside for; null = it is taken. */
  expected: string | null
}

const now = Date.now() - 60_000
let moment = 0
/** Another time for each reading, so that none is a duplicate. */
const at = (): number => now - (moment += 1) * 1_000
const level = (value: string, more = ''): Buffer => Buffer.from(`{"at":${at()},"values":{"water_level":${value}}${more}}`)
const named = (name: string): Buffer => Buffer.from(JSON.stringify({ at: at(), values: { [name]: 1 } }))
const timed = (time: unknown): Buffer => Buffer.from(JSON.stringify({ at: time, values: { water_level: 1 } }))
const many = (count: number): Buffer =>
  Buffer.from(JSON.stringify(Array.from({ length: count }, () => ({ at: at(), values: { water_level: 1 } }))))

const cases = (): Case[] => [
  { name: 'a bomb of arrays', payload: Buffer.from('['.repeat(50_000) + ']'.repeat(50_000)), expected: 'wrong-shape' },
  { name: 'a bomb of objects', payload: Buffer.from('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)), expected: 'wrong-shape' },
  { name: 'a bomb that never ends', payload: Buffer.from('{"a":'.repeat(20_000)), expected: 'wrong-shape' },
  { name: 'NaN', payload: level('NaN'), expected: 'not-finite' },
  { name: 'Infinity', payload: level('-Infinity'), expected: 'not-finite' },
  { name: '1e400', payload: level('1e400'), expected: 'not-finite' },
  { name: 'a duplicate key', payload: Buffer.from(`{"at":${at()},"values":{"water_level":1,"water_level":2}}`), expected: 'wrong-shape' },
  { name: '__proto__ as a value', payload: Buffer.from(`{"at":${at()},"values":{"__proto__":1}}`), expected: 'unknown-parameter' },
  {
    name: '__proto__ as the values',
    payload: Buffer.from(`{"at":${at()},"__proto__":{"values":{"water_level":1}}}`),
    expected: 'wrong-shape',
  },
  { name: 'constructor', payload: named('constructor'), expected: 'unknown-parameter' },
  { name: 'line protocol in a name', payload: named('water_level,station=x value=9 1\nobservation'), expected: 'unknown-parameter' },
  { name: 'line protocol in a station', payload: level('1', ',"station":"gauge-1,parameter=x value=1"'), expected: 'unknown-station' },
  {
    name: 'a query in a unit',
    payload: Buffer.from(`{"at":${at()},"values":{"water_level":{"v":1,"u":"m'; DROP TABLE x"}}}`),
    expected: 'unknown-unit',
  },
  {
    name: 'a unit that does not fit',
    payload: Buffer.from(`{"at":${at()},"values":{"water_level":{"v":1,"u":"kg"}}}`),
    expected: 'unit-mismatch',
  },
  { name: '1970', payload: timed(12), expected: 'time-1970' },
  { name: 'a day ahead', payload: timed(now + 86_400_000), expected: 'time-ahead' },
  { name: 'microseconds', payload: timed(now * 1_000), expected: 'time-microseconds' },
  { name: 'no offset', payload: timed('2026-11-22T02:15:00'), expected: 'no-offset' },
  { name: 'no time', payload: timed('yesterday'), expected: 'bad-time' },
  { name: 'a time of NUL', payload: timed('\u0000'), expected: 'bad-time' },
  { name: 'text for a number', payload: level('"3.4"'), expected: 'wrong-shape' },
  { name: 'Chinese name', payload: named('没有这个参数'), expected: 'unknown-parameter' },
  { name: 'emoji name', payload: named('🌊🌊'), expected: 'unknown-parameter' },
  { name: 'half an emoji', payload: Buffer.from(`{"at":${at()},"values":{"\\ud83c":1}}`), expected: 'unknown-parameter' },
  { name: 'emoji station', payload: level('1', ',"station":"🛰️"'), expected: 'unknown-station' },
  { name: 'UTF-16', payload: Buffer.from(`\ufeff{"at":${at()},"values":{"water_level":1}}`, 'utf16le'), expected: 'not-json' },
  { name: 'broken UTF-8', payload: Buffer.concat([Buffer.from('{"at":'), Buffer.from([0xc3, 0x28, 0xff])]), expected: 'not-json' },
  { name: 'nothing but NUL', payload: Buffer.alloc(1_000), expected: 'not-json' },
  { name: 'cut short', payload: level('1').subarray(0, 30), expected: 'not-json' },
  { name: 'HTML', payload: Buffer.from('<script>alert(1)</script>'), expected: 'not-json' },
  { name: 'gzip', payload: gzipSync(Buffer.alloc(5_000_000, 32)), expected: 'not-json' },
  {
    name: '10,001 values',
    payload: Buffer.from(JSON.stringify({ at: at(), values: Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`p${i}`, 1])) })),
    expected: 'too-many-values',
  },
  { name: 'a byte order mark', payload: Buffer.from(`\ufeff{"at":${at()},"values":{"water_level":1}}`), expected: null },
  { name: 'white space round it', payload: Buffer.from(`\r\n\t {"at":${at()},"values":{"water_level":1}} \n`), expected: null },
  { name: 'a batch of thousands', payload: many(4_000), expected: null },
]

let system: ServedSystem
let secrets: Map<string, string>
let client: MqttClient
const [overMqtt, overHttp] = ['logger-1', 'logger-2']

beforeAll(async () => {
  const folder = temporaryFolder()
  const file = writeNetworkFile(folder, riverNetwork(2))
  system = await serve({ flags: ['--no-demo', '--network', file] })
  secrets = await secretsOf(system, [overMqtt, overHttp])
  client = await mqtt.connectAsync(system.mqtt, { username: overMqtt, password: secrets.get(overMqtt) ?? '', keepalive: 60 })
}, 120_000)
afterAll(async () => {
  await client.endAsync(true)
  await system.stop()
})

interface Counts {
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
}
interface Put {
  id: number
  device: string
  reason: string
}

const countsOf = async (device: string): Promise<Counts> => {
  const { devices } = await system.get<{ devices: { id: string; counts: Counts }[] }>('/api/v1/devices')
  const counts = devices.find(({ id }) => id === device)?.counts
  if (counts === undefined) throw new Error(`no device ${device}`)
  return counts
}
const putAside = async (device: string): Promise<Put[]> =>
  (await system.get<{ entries: Put[] }>(`/api/v1/quarantine?device=${device}&limit=500`)).entries

async function sendHttp(payload: Buffer, encoding?: string): Promise<number> {
  const answer = await fetch(`${system.url}/api/v1/deliveries`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${overHttp}:${secrets.get(overHttp) ?? ''}`).toString('base64')}`,
      'content-type': 'application/json',
      ...(encoding !== undefined && { 'content-encoding': encoding }),
    },
    body: new Uint8Array(payload),
  })
  return answer.status
}

/** Sends each case, waits until it is counted, and tells what it was put aside for. */
async function judge(device: string, send: (payload: Buffer) => Promise<unknown>): Promise<void> {
  const all = cases()
  const wrong: unknown[] = []
  for (const { name, payload, expected } of all) {
    const [before, known] = [await countsOf(device), (await putAside(device)).length]
    await send(payload)
    await until(async () => (await countsOf(device)).received > before.received, 20_000, name)
    const entries = await putAside(device)
    const fresh = entries.slice(0, entries.length - known)
    const got = fresh.length === 0 ? null : [...new Set(fresh.map(({ reason }) => reason))].join(' ')
    if (got !== expected) wrong.push({ name, expected, got })
  }
  expect(wrong).toEqual([])
  const { received, stored, versions, duplicate, quarantined } = await countsOf(device)
  expect(received).toBe(stored + versions + duplicate + quarantined)
  expect(stored).toBe(4_002)
}

test('hostile payloads over MQTT are each judged right', async () => {
  await judge(overMqtt, (payload) => client.publishAsync(`devices/${overMqtt}/readings`, payload, { qos: 1 }))
}, 120_000)

test('hostile payloads over HTTP are each judged right, and a compressed body is refused before it is unpacked', async () => {
  await judge(overHttp, async (payload) => expect(await sendHttp(payload)).toBe(202))
  const before = await countsOf(overHttp)
  expect(await sendHttp(gzipSync(Buffer.alloc(50_000_000, 32)), 'gzip')).toBe(415)
  expect(await sendHttp(Buffer.alloc(300_000, 32))).toBe(413)
  expect(await countsOf(overHttp)).toEqual(before)
}, 120_000)

test('the process that served the first case serves the last', async () => {
  expect((await fetch(`${system.url}/healthz`)).status).toBe(200)
  expect(() => process.kill(system.pid, 0)).not.toThrow()
})
