import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import { amendmentTopics } from '../domain/amendment.ts'
import { createFleet } from '../domain/fleet.ts'
import { readNetwork } from '../domain/network-load.ts'
import { orderOf, writeOrder } from '../ingest/repair-order.ts'
import { openHouse, receivedAt } from '../ingest/testing/house.ts'
import { openDuckdbStore } from '../store/duckdb/store.ts'
import { duckdbConfig } from '../store/testing/duckdb.ts'
import { commitOf, countOf } from '../store/testing/rows.ts'
import { gaugekeeper } from '../testing/command.ts'
import { onEachStore } from '../testing/each-store.ts'
import { startInfluxd } from '../testing/influxd.ts'
import { influxd, needing } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, totalsOf, until, type ServedSystem } from '../testing/server.ts'

const device = 'logger-1'
const series = 'gauge-1/water_level/1'
const minute = 60_000

interface Proxy {
  url: string
  refusesWrites: boolean
  close(): void
}

/** An InfluxDB that answers, and takes nothing while it is told to. */
async function proxyOf(target: string): Promise<Proxy> {
  const proxy: Proxy = { url: '', refusesWrites: false, close: () => void server.close() }
  const server: Server = createServer((asked, answer) => {
    if (proxy.refusesWrites && asked.url?.startsWith('/write')) {
      asked.resume()
      return void answer.writeHead(503).end('{"error":"for now"}')
    }
    const { method, headers } = asked
    const passed = request(`${target}${asked.url ?? ''}`, { ...(method !== undefined && { method }), headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    asked.pipe(passed)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return proxy
}

async function asked(system: ServedSystem, method: string, place: string, body: unknown): Promise<{ status: number; json: unknown }> {
  const headers = { authorization: `Bearer ${system.token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${system.url}${place}`, { method, headers, body: JSON.stringify(body) })
  return { status: answer.status, json: await answer.json() }
}

async function send(system: ServedSystem, readings: readonly object[]): Promise<void> {
  const password = (await secretsOf(system, [device])).get(device) ?? ''
  const client = await mqtt.connectAsync(system.mqtt, { username: device, password, clientId: device })
  for (const reading of readings) await client.publishAsync(`devices/${device}/readings`, JSON.stringify(reading), { qos: 1 })
  await client.endAsync(true)
  await until(async () => (await totalsOf(system)).received >= readings.length, 30_000, 'the readings being carried')
}

const network = (): string => writeNetworkFile(temporaryFolder(), riverNetwork(1))

needing(
  [influxd()],
  'a repair that waits for the store says so and is not taken again, also after a start anew',
  async (binary) => {
    const influx = await startInfluxd(binary)
    const proxy = await proxyOf(influx.url)
    const store = ['--set', 'store.engine=influxdb', '--set', `influx.url=${proxy.url}`, '--set', 'influx.api=v1']
    const flags = ['--no-demo', '--network', network(), ...store]
    let system = await serve({ flags })
    const begin = Date.now() - 30 * minute
    await send(
      system,
      [0, 1, 2].map((i) => ({ at: begin + i * minute, values: { lvl: 1 + i / 10 } })),
    )
    await asked(system, 'PUT', `/api/v1/devices/${device}/mapping`, { channels: { lvl: series }, reason: 'lvl is mapped' })
    proxy.refusesWrites = true
    const run = ['quarantine', 'run', '--data', system.data, '--note', 'lvl is mapped now']
    const waiting = await gaugekeeper(...run)
    expect(waiting.stdout).toMatch(/waits for the store\n3 of 3 are on disk and wait for the store/)
    const again = { device, dryRun: false, note: 'once more' }
    const refused = { status: 409, json: expect.objectContaining({ detail: expect.stringContaining('waits for the store') }) }
    for (const answer of await Promise.all([1, 2, 3].map(() => asked(system, 'POST', '/api/v1/quarantine/run', again))))
      expect(answer).toEqual(refused)
    expect(await totalsOf(system)).toMatchObject({ received: 3, stored: 0, duplicate: 0, quarantined: 3 })
    await system.kill()
    proxy.refusesWrites = false
    system = await serve({ flags, data: system.data })
    const carried = await Promise.all([1, 2, 3].map(() => asked(system, 'POST', '/api/v1/quarantine/run', again)))
    expect(carried).toMatchObject([1, 2, 3].map(() => ({ status: 200, json: { state: 'carried', takeable: 0 } })))
    expect(await totalsOf(system)).toMatchObject({ received: 3, stored: 3, versions: 0, duplicate: 0, quarantined: 0 })
    expect((await fetch(`${system.url}/metrics`)).status).toBe(200)
    expect((await gaugekeeper('doctor', '--data', system.data)).code).toBe(0)
    expect(await system.stop()).toBe(0)
    proxy.close()
    await influx.remove()
  },
  180_000,
)

test('what several people ask for at once holds once, and nothing stands twice when it is taken back', async () => {
  const system = await serve({ flags: ['--no-demo', '--network', network()] })
  const begin = Math.floor(Date.now() / minute) * minute - 50 * minute
  const readings = Array.from({ length: 10 }, (_, i) => ({ at: begin + i * 10_000, values: { water_level: 1 + i / 100 } }))
  await send(system, readings)
  const parallel = async (count: number, method: string, place: string, body: (i: number) => unknown) =>
    Promise.all(Array.from({ length: count }, (_, i) => asked(system, method, place, body(i))))
  const statuses = (answers: readonly { status: number }[]): number[] => answers.map(({ status }) => status).sort()
  const why = { reason: 'found at the visit', dryRun: false }
  const span = { from: new Date(begin).toISOString(), to: new Date(begin + 10 * minute).toISOString() }

  const values = await parallel(2, 'POST', '/api/v1/observations/corrections', () => {
    return { series, ...span, change: { factor: 1, offset: 1 }, ...why }
  })
  expect(statuses(values)).toEqual([200, 409])

  const clocks = await parallel(3, 'POST', `/api/v1/devices/${device}/clock/corrections`, () => ({ ...span, offset: '20m', ...why }))
  expect(statuses(clocks)).toEqual([200, 409, 409])
  const { id } = clocks.find(({ status }) => status === 200)?.json as { id: string }
  const withdrawals = await parallel(2, 'POST', `/api/v1/devices/${device}/clock/corrections/${id}/withdraw`, () => why)
  expect(statuses(withdrawals)).toEqual([200, 409])
  await send(system, readings)
  await until(async () => (await totalsOf(system)).received === 20)
  const { observations } = await system.get<{ observations: { value: number | null }[] }>(
    `/api/v1/observations?series=${series}&from=${begin}&to=${begin + 50 * minute}`,
  )
  const standing = observations.flatMap(({ value }) => value ?? [])
  expect(standing.map((value) => Math.round(value * 100))).toEqual(readings.map((_, i) => 200 + i))
  expect(await totalsOf(system)).toMatchObject({ received: 20, stored: 10, versions: 0, duplicate: 10, quarantined: 0 })

  const mapped = await parallel(2, 'PUT', `/api/v1/devices/${device}/mapping`, (i) => ({
    channels: { [`ch${i}`]: series },
    reason: 'race',
  }))
  expect(mapped.map(({ json }) => (json as { version: number }).version).sort()).toEqual([1, 2])
  expect(await system.stop()).toBe(0)
}, 120_000)

test('a data folder whose counts are wrong comes up with its figures, and doctor names the device', async () => {
  const flags = ['--no-demo', '--network', network()]
  const before = await serve({ flags })
  const { data } = before
  expect(await before.stop()).toBe(0)
  const store = await openDuckdbStore({ folder: data, config: duckdbConfig() })
  const counts = [countOf(device, { received: 3, stored: 3, duplicate: 6, quarantined: -6 })]
  const cursor = store.ledger.cursor()
  await store.ledger.commit(commitOf([], { counts, cursor, deferredCursor: cursor }))
  await store.close()
  const system = await serve({ flags, data })
  expect((await fetch(`${system.url}/metrics`)).status).toBe(200)
  expect((await gaugekeeper('doctor', 'bundle', path.join(temporaryFolder(), 'bundle.json.gz'), '--data', data)).code).toBe(0)
  const doctor = await gaugekeeper('doctor', '--data', data)
  expect([doctor.code, doctor.stdout]).toEqual([
    5,
    expect.stringContaining('does not hold for logger-1 (received 3, stored 3, versions 0, duplicate 6, quarantined -6)'),
  ])
  expect(await system.stop()).toBe(0)
}, 60_000)

onEachStore('orders for the same entry are carried once', async (make) => {
  const fleet = createFleet([readNetwork(riverNetwork(1), { file: null, run: null })])
  const open = await make()
  let house = await openHouse(fleet, { store: await open(), batch: 2 })
  for (let i = 0; i < 3; i++) await house.send(device, { at: receivedAt - i * minute, values: { lvl: 1 } })
  await house.carryAll()
  const mapped = createFleet([readNetwork(mappedNetwork(), { file: null, run: null })])
  const entries = await house.store.ledger.quarantine({ limit: 10 })
  const correction = { source: 'correction', topic: amendmentTopics.repair } as const
  for (const id of ['r-1', 'r-2', 'r-3']) {
    await house.pipeline.stop()
    await house.store.close()
    house = await openHouse(mapped, { store: await open(), journal: house.journal, batch: 2 })
    for (const entry of [...entries, ...entries]) {
      const order = writeOrder(orderOf(entry, { id, by: 'lin', reason: 'mapped now' }))
      await house.send('lin', Buffer.from(order).toString(), correction)
    }
    await house.carryAll()
    const [total] = await house.store.ledger.counts()
    expect(total).toMatchObject({ received: 3, stored: 3, versions: 0, duplicate: 0, quarantined: 0 })
  }
  const repairs = await house.store.ledger.repairsOf(entries.map(({ id }) => id))
  expect([...repairs.values()].map((repaired) => repaired?.id)).toEqual(['r-1', 'r-1', 'r-1'])
  await house.pipeline.stop()
  await house.store.close()
})

function mappedNetwork(): unknown {
  const { devices, ...rest } = riverNetwork(1) as { devices: object[] }
  return { ...rest, devices: devices.map((one) => ({ ...one, channels: { lvl: series } })) }
}
