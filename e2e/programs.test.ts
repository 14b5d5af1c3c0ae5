import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, expect, test } from '@jest/globals'
import type { AuditEntry } from '../domain/audit.ts'
import type { ObservationRow } from '../api/schemas/observation.ts'
import type { WarningNote } from '../api/schemas/warning.ts'
import { mosquittoSub, needing } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const minute = 60_000
const topic = 'observations/gauge-1/water_level/1'
/** A rise that is held long enough to be warned of, and a fall that is held long enough to end it, 5 min apart. */
const [rise, fall] = [
  [2.95, 3.05, 3.06, 3.07, 3.08],
  [2.88, 2.87, 2.86, 2.85, 2.84, 2.83, 2.82],
]

interface Key {
  key: { id: string }
  token: string
}

interface Program {
  client: MqttClient
  /** What came under `observations/`. */
  rows: ObservationRow[]
  /** What stands under `warnings/` as far as it knows, by topic, and how many ended. */
  standing: Map<string, WarningNote>
  ended: () => number
}

const makeKey = (system: ServedSystem, name: string): Promise<Key> =>
  system.send('POST', '/api/v1/keys', { name, scopes: ['read'], days: 1 })

const clients: MqttClient[] = []
afterEach(() => Promise.all(clients.splice(0).map((client) => client.endAsync(true))))

async function connect(system: ServedSystem, username: string, password: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(system.mqtt, { username, password, reconnectPeriod: 0 }, false)
  client.on('error', () => undefined)
  clients.push(client)
  return client
}

const closed = (client: MqttClient): Promise<void> => new Promise((resolve) => client.once('close', () => resolve()))

/** A program that follows everything. */
async function follow(system: ServedSystem, name: string, { token }: Key): Promise<Program> {
  const client = await connect(system, name, token)
  const [rows, standing] = [[] as ObservationRow[], new Map<string, WarningNote>()]
  let ended = 0
  client.on('message', (place, payload) => {
    if (place.startsWith('observations/')) rows.push(JSON.parse(payload.toString()) as ObservationRow)
    else if (payload.length > 0) standing.set(place, JSON.parse(payload.toString()) as WarningNote)
    else if (standing.delete(place)) ended++
  })
  await client.subscribeAsync(['observations/#', 'warnings/#'], { qos: 1 })
  return { client, rows, standing, ended: () => ended }
}

/** QoS of each filter that is granted, 128 of each that is not. */
const granted = (client: MqttClient, filters: readonly string[]): Promise<number[]> =>
  Promise.all(
    filters.map((filter) =>
      client.subscribeAsync(filter, { qos: 1 }).then(
        ([first]) => first?.qos ?? -1,
        () => 128,
      ),
    ),
  )

async function send(system: ServedSystem, secret: string, from: number, levels: readonly number[], device = 'logger-1'): Promise<void> {
  const client = await connect(system, device, secret)
  const readings = levels.map((level, i) => ({ at: from + i * 5 * minute, values: { water_level: level } }))
  await client.publishAsync(`devices/${device}/readings`, JSON.stringify(readings), { qos: 1 })
  await client.endAsync()
}

async function river(...settings: string[]): Promise<{ flags: string[]; system: ServedSystem; secret: string }> {
  const flags = ['--no-demo', '--network', writeNetworkFile(temporaryFolder(), riverNetwork(1)), ...settings]
  const system = await serve({ flags })
  return { flags, system, secret: (await secretsOf(system, ['logger-1'])).get('logger-1') ?? '' }
}

test('a program hears what was judged and what is warned of, over a SIGKILL, until its key is revoked', async () => {
  const { flags, system, secret } = await river()
  const key = await makeKey(system, 'display')
  const began = Math.floor(Date.now() / minute) * minute - 55 * minute
  const early = await follow(system, 'display', key)
  await send(system, secret, began, rise)
  await until(() => early.rows.length >= rise.length && early.standing.size === 1)
  const { observations } = await system.get<{ observations: ObservationRow[] }>(
    `/api/v1/observations?series=gauge-1/water_level&from=${began}&to=${began + 60 * minute}`,
  )
  expect(observations.map(({ value }) => value)).toEqual(rise)
  for (const row of observations) expect(early.rows).toContainEqual(row)
  const { warnings } = await system.get<{ warnings: WarningNote[] }>('/api/v1/warnings')
  const place = `warnings/gauge-1/${warnings[0]?.id}`
  expect([...early.standing]).toEqual([[place, warnings[0]]])
  expect(early.standing.get(place)).toMatchObject({ state: 'active', level: 'yellow', run: null, marks: { retrospective: false } })

  await system.kill()
  const again = await serve({ data: system.data, flags })
  const late = await follow(again, key.key.id, key)
  await until(() => late.standing.size === 1)
  expect(late.standing.get(place)).toEqual(warnings[0])
  await send(again, secret, began + rise.length * 5 * minute, fall)
  await until(() => late.ended() === 1)
  expect([late.standing.size, await metric(again, 'gaugekeeper_out_warnings')]).toEqual([0, 0])
  await again.kill()

  const last = await serve({ data: system.data, flags })
  const { client, standing, rows } = await follow(last, 'display', key)
  await send(last, secret, began + (rise.length + fall.length) * 5 * minute, [2.81])
  await until(() => rows.length > 0)
  expect([...standing.keys()]).toEqual([])
  const cut = closed(client)
  await last.send('DELETE', `/api/v1/keys/${key.key.id}`)
  await cut
  await expect(connect(last, 'display', key.token)).rejects.toMatchObject({ code: 4 })
  expect(await last.stop()).toBe(0)
}, 120_000)

test('a device hears nothing of others, and a program has what it may and no more', async () => {
  const { system, secret } = await river()
  const device = await connect(system, 'logger-1', secret)
  expect(await granted(device, [topic, 'observations/#', 'warnings/#', 'warnings/gauge-1/+'])).toEqual([128, 128, 128, 128])
  await device.endAsync()

  const key = await makeKey(system, 'display')
  const program = await connect(system, 'display', key.token)
  expect(await granted(program, [topic, 'observations/+/water_level/+', 'warnings/#'])).toEqual([1, 1, 1])
  expect(await granted(program, ['#', '$SYS/#', '$share/g/observations/#', 'devices/#'])).toEqual([128, 128, 128, 128])
  const cut = closed(program)
  program.publish(topic, '{"value":99}', { qos: 1 })
  await cut
  expect(await metric(system, 'gaugekeeper_broker_refused_total', 'publish-not-allowed')).toBe(1)
  const noted = async (): Promise<AuditEntry | undefined> =>
    (await system.get<{ entries: AuditEntry[] }>('/api/v1/audit')).entries.find(({ reason }) => reason === 'publish-not-allowed')
  await until(async () => (await noted()) !== undefined)
  expect(await noted()).toMatchObject({ action: 'mqtt-refused', who: `key display (${key.key.id})`, detail: topic })
  expect(await system.stop()).toBe(0)
}, 60_000)

const rehearsal = {
  network: { id: 'rehearsal', name: 'Rehearsal', timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'made', kind: 'river', sensors: [{ parameter: 'water_level', every: '5m' }] }],
  devices: [{ id: 'made-logger', stations: ['made'] }],
}

test.each([false, true])(
  'with outgoingSimulated %p a program hears of simulations accordingly',
  async (isOpen) => {
    const { system, secret } = await river('--set', `broker.outgoingSimulated=${isOpen}`)
    const { rows } = await follow(system, 'display', await makeKey(system, 'display'))
    const { secrets } = await system.send<{ secrets: { secret: string }[] }>('POST', '/api/v1/runs', {
      ...{ run: 'rehearsal', clock: 'wall', network: rehearsal },
    })
    const now = Math.floor(Date.now() / minute) * minute
    await send(system, secrets[0]?.secret ?? '', now, [1], 'made-logger')
    await send(system, secret, now, [1])
    await until(() => rows.some(({ run }) => run === null))
    expect(rows.map(({ series, run }) => [series, run])).toEqual([
      ...(isOpen ? [['made/water_level/1', 'rehearsal']] : []),
      ['gauge-1/water_level/1', null],
    ])
    expect(await system.stop()).toBe(0)
  },
  60_000,
)

needing(
  [mosquittoSub()],
  'mosquitto_sub sees an open warning retained',
  async (program) => {
    const { system, secret } = await river()
    const { token } = await makeKey(system, 'display')
    await send(system, secret, Math.floor(Date.now() / minute) * minute - 25 * minute, rise)
    await until(async () => (await metric(system, 'gaugekeeper_out_warnings')) === 1)
    const { hostname, port } = new URL(system.mqtt)
    const { stdout } = await promisify(execFile)(program, [
      ...[
        '-h',
        hostname,
        '-p',
        port,
        '-i',
        'x',
        '-u',
        'display',
        '-P',
        token,
        '-q',
        '1',
        '-t',
        'warnings/#',
        '-C',
        '1',
        '-W',
        '30',
        '-F',
        '%r %t %p',
      ],
    ])
    const [, retained, station, payload = ''] = /^(\d) warnings\/([^/]+)\/\S+ (.+)$/.exec(stdout.trim()) ?? []
    expect([retained, station, (JSON.parse(payload) as WarningNote).state]).toEqual(['1', 'gauge-1', 'active'])
    expect(await system.stop()).toBe(0)
  },
  60_000,
)
