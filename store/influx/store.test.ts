import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import Value from 'typebox/value'
import { startFakeInfluxV2 } from '../../testing/fake-influx-v2.ts'
import { influxd } from '../../testing/needing.ts'
import { startInfluxd, type Influxd } from '../../testing/influxd.ts'
import { deviceId, type SensorId } from '../../domain/ids.ts'
import { describeStore } from '../contract.ts'
import { describeTelemetry } from '../contract/telemetry.ts'
import { StoreUnavailable } from '../errors.ts'
import { createMemoryStore } from '../memory.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { InfluxConfig } from './config.ts'
import { openInfluxStore } from './open.ts'
import type { Commit, StoredRow } from '../ports/ledger.ts'
import type { Store } from '../ports/store.ts'
import { commitOf, countOf, day, hour, minute, observed, rowsOf, seriesOf, start, storedRow } from '../testing/rows.ts'
import { connectInflux, type InfluxConnection } from './connection.ts'
import { createInfluxStore } from './store.ts'

const part = influxd()
if (part.found === null) test['skip'](`InfluxDB as the only store (${part.missing})`, () => undefined)
else againstInfluxd(part.found)

function againstInfluxd(binary: string): void {
  let server: Influxd
  let opened = 0
  beforeAll(async () => {
    server = await startInfluxd(binary)
  })
  afterAll(() => server.remove())

  const connect = async (): Promise<InfluxConnection> => {
    const connection = connectInflux({ url: server.url, api: 'v1', database: `test_${++opened}`, timeoutMs: 10_000 })
    await connection.prepare()
    return connection
  }
  const capabilities = { versions: true, parquet: false }

  describeStore('influxd 1.6', async () => createInfluxStore({ connection: await connect(), control: createMemoryStore() }), capabilities)

  const newFolder = temporaryFolders()
  describeStore(
    'influxd 1.6 with its control side in DuckDB',
    async () => {
      const url = { url: server.url, api: 'v1', database: `test_${++opened}` } as const
      const influx = { ...(Value.Default(InfluxConfig, {}) as InfluxConfig), ...url }
      return openInfluxStore({ influx, folder: await newFolder(), duckdb: duckdbConfig() })
    },
    capabilities,
  )

  describeTelemetry(
    'InfluxDB 2 on the wire',
    async () => {
      const behind = { url: server.url, database: `test_${++opened}` }
      const made = connectInflux({ ...behind, api: 'v1', timeoutMs: 10_000 })
      await made.prepare()
      made.close()
      const fake = await startFakeInfluxV2({ token: 'secret', org: 'hydro', bucket: 'water', behind })
      const v2 = { api: 'v2', org: 'hydro', bucket: 'water', token: 'secret', database: 'mapped' } as const
      const connection = connectInflux({ ...v2, url: fake.url, timeoutMs: 10_000 })
      await connection.prepare()
      const { telemetry, ledger, close } = createInfluxStore({ connection, control: createMemoryStore() })
      return {
        // What the disk takes is the fake's own figure.
        telemetry,
        write: async (rows) => void (await ledger.commit(commitOf(rows))),
        close: async () => {
          await close()
          await fake.close()
        },
      }
    },
    capabilities,
  )

  describe('InfluxDB as the only store', () => {
    const open: Store[] = []
    afterEach(async () => {
      for (const store of open.splice(0)) await store.close()
    })
    const keep = (store: Store): Store => (open.push(store), store)
    describeDying(connect, async (control) => {
      const connection = await connect()
      return () => keep(createInfluxStore({ connection, control }))
    })
    describeRefused(async () => keep(createInfluxStore({ connection: await connect(), control: createMemoryStore() })))
    describeAway(
      async () => keep(createInfluxStore({ connection: await connect(), control: createMemoryStore() })),
      () => server,
    )
    test('it opens while influxd is away, and makes its database when it is there', async () => {
      await server.stop()
      const url = { url: server.url, api: 'v1', database: `test_${++opened}` } as const
      const influx = { ...(Value.Default(InfluxConfig, {}) as InfluxConfig), ...url }
      const store = keep(await openInfluxStore({ influx, folder: await newFolder(), duckdb: duckdbConfig() }))
      const rows = rowsOf(seriesOf('a'), 3)
      await expect(store.telemetry.existing(rows)).rejects.toThrow(StoreUnavailable)
      await server.start()
      expect(await store.telemetry.existing(rows)).toEqual([])
      await store.ledger.commit(commitOf(rows, { cursor: 3 }))
      expect(await store.telemetry.existing(rows)).toEqual(rows.map(observed))
      await expect(openInfluxStore({ influx: { ...influx, url: '' }, folder: await newFolder(), duckdb: duckdbConfig() })).rejects.toThrow(
        'influx.url',
      )
    })
    describeMany(async () => keep(createInfluxStore({ connection: await connect(), control: createMemoryStore() })))
  })
}

/** A memory store whose commits fail when told to, after the points were written. */
function failingControl(): { control: Store; failNext(): void } {
  const memory = createMemoryStore()
  let fails = false
  const commit: Store['ledger']['commit'] = async (batch) => {
    if (!fails) return memory.ledger.commit(batch)
    fails = false
    throw new StoreUnavailable('committing to a file that is full')
  }
  return { control: { ...memory, ledger: { ...memory.ledger, commit } }, failNext: () => void (fails = true) }
}

interface Sent {
  series: SensorId
  observedAt: number
  value: number
}

/** Takes the next deliveries as the pipeline would: a known key with another value is a version, with the same one a duplicate. */
async function classified(store: Store, sent: readonly Sent[], first: number): Promise<StoredRow[]> {
  const known = new Map((await store.telemetry.existing(sent)).map((row) => [`${row.observedAt} ${row.series}`, row.value]))
  return sent.flatMap(({ series, observedAt, value }, i) => {
    const name = `${observedAt} ${series}`
    const before = known.get(name)
    known.set(name, value)
    if (before === value) return []
    const arrival = before === undefined ? ('inserted' as const) : ('revised' as const)
    return [storedRow({ series, observedAt, value, delivery: first + i, receivedAt: start + first + i, arrival })]
  })
}

/** @param open connects a new database; what it gives starts a process on it */
function describeDying(connect: () => Promise<InfluxConnection>, open: (control: Store) => Promise<() => Store>): void {
  const sent = fc.record({
    series: fc.constantFrom(seriesOf('a'), seriesOf('b')),
    observedAt: fc.integer({ min: 0, max: 5 }).map((i) => start + i * minute),
    value: fc.integer({ min: 0, max: 2 }),
  })
  const attempt = fc.record({ size: fc.integer({ min: 1, max: 6 }), dies: fc.boolean(), restarts: fc.boolean() })

  test('batches that die between points and control come again, cut otherwise, and nothing is lost, doubled or counted twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sent, { minLength: 1, maxLength: 25 }),
        fc.array(attempt, { minLength: 1, maxLength: 20 }),
        async (all, plan) => {
          const { control, failNext } = failingControl()
          const startProcess = await open(control)
          let store = startProcess()
          for (let [cursor, turn] = [0, 0]; cursor < all.length; turn += 1) {
            const { size, dies, restarts } = plan[turn % plan.length] ?? { size: 1, dies: false, restarts: false }
            if (restarts) store = startProcess()
            const batch = all.slice(cursor, cursor + size)
            const rows = await classified(store, batch, cursor + 1)
            // The last round of the plan must come through, or it would die for ever.
            if (dies && turn < plan.length) failNext()
            await store.ledger.commit(commitOf(rows, { cursor: cursor + batch.length })).then(
              () => (cursor += batch.length),
              () => undefined,
            )
          }
          await expectSame(startProcess(), all)
        },
      ),
      { numRuns: 25 },
    )
  })

  test('a new data folder beside an old database sees what is there, goes on with it, and still tells its own dead batches', async () => {
    const connection = await connect()
    const old = createInfluxStore({ connection, control: createMemoryStore() })
    await old.ledger.commit(commitOf(rowsOf(seriesOf('qingxi'), 3), { cursor: 1_000_000 }))
    const { control, failNext } = failingControl()
    const fresh = createInfluxStore({ connection, control })
    const ask = { series: [seriesOf('qingxi')], from: 0, to: start + day }
    const values = async (store: Store): Promise<unknown> => (await store.telemetry.range(ask)).map(({ value }) => value)
    expect(await values(fresh)).toEqual([0, 1, 2])
    const revised = storedRow({ value: 9, arrival: 'revised' })
    failNext()
    await expect(fresh.ledger.commit(commitOf([revised], { cursor: 5 }))).rejects.toThrow(StoreUnavailable)
    const again = createInfluxStore({ connection, control })
    expect(await values(again)).toEqual([0, 1, 2])
    await again.ledger.commit(commitOf([revised], { cursor: 5 }))
    expect(await values(again)).toEqual([9, 1, 2])
    expect((await again.telemetry.versions(revised)).map(({ value }) => value)).toEqual([0, 9])
    connection.close()
  })

  test('points of a dead deferred batch are not taken for committed because live batches have gone on', async () => {
    const { control, failNext } = failingControl()
    const startProcess = await open(control)
    const first = startProcess()
    await first.ledger.commit(
      commitOf([storedRow({ observedAt: start + hour, value: 1 })], { cursor: 9, deferredCursor: 3, deferred: [4, 5] }),
    )
    const deferred = [
      storedRow({ value: 5, arrival: 'inserted', delivery: 4 }),
      storedRow({ observedAt: start + hour, value: 6, arrival: 'revised' }),
    ]
    failNext()
    await expect(first.ledger.commit(commitOf(deferred, { cursor: 9, deferredCursor: 9 }))).rejects.toThrow(StoreUnavailable)
    const again = startProcess()
    await again.ledger.commit(commitOf([storedRow({ observedAt: start + 2 * hour, value: 2 })], { cursor: 20, deferredCursor: 3 }))
    const values = async (store: Store): Promise<unknown> =>
      (await store.telemetry.range({ series: [seriesOf('qingxi')], from: 0, to: start + day })).map(({ value }) => value)
    expect(await values(again)).toEqual([1, 2])
    expect(await again.telemetry.existing(deferred)).toHaveLength(1)
    await again.ledger.commit(commitOf(deferred.slice(0, 1), { cursor: 20, deferredCursor: 4 }))
    expect(await values(startProcess())).toEqual([5, 1, 2])
    await again.ledger.commit(commitOf(deferred.slice(1), { cursor: 20, deferredCursor: 20 }))
    expect(await values(startProcess())).toEqual([5, 6, 2])
  })

  test('a new process that finds the points of a dead batch does not take them for committed', async () => {
    const { control, failNext } = failingControl()
    const startProcess = await open(control)
    const first = startProcess()
    await first.ledger.commit(commitOf([storedRow({ value: 1 }), storedRow({ observedAt: start + minute, value: 2 })], { cursor: 2 }))
    failNext()
    const dead = [
      storedRow({ value: 5, arrival: 'revised', delivery: 3 }),
      storedRow({ observedAt: start + minute, value: 6, arrival: 'revised', delivery: 4 }),
      storedRow({ observedAt: start + 2 * minute, value: 7, delivery: 5 }),
    ]
    await expect(first.ledger.commit(commitOf(dead, { cursor: 5 }))).rejects.toThrow(StoreUnavailable)
    const { telemetry } = startProcess()
    const series = [seriesOf('qingxi')]
    expect((await telemetry.range({ series, from: 0, to: start + day })).map(({ value }) => value)).toEqual([1, 2])
    expect((await telemetry.range({ series, from: 0, to: start + day, asOf: start + day })).map(({ value }) => value)).toEqual([1, 2])
    expect([...(await telemetry.latest()).values()].map(({ value }) => value)).toEqual([2])
    expect(await telemetry.existing(dead)).toHaveLength(2)
    expect((await telemetry.versions({ series: seriesOf('qingxi'), observedAt: start })).map(({ value }) => value)).toEqual([1])
  })
}

async function expectSame(store: Store, all: readonly Sent[]): Promise<void> {
  const expected = new Map<string, Sent[]>()
  for (const each of all) {
    const name = `${each.observedAt} ${each.series}`
    const states = expected.get(name) ?? []
    if (states.at(-1)?.value !== each.value) expected.set(name, [...states, each])
  }
  for (const states of expected.values()) {
    const [key] = states
    if (!key) continue
    const versions = await store.telemetry.versions(key)
    expect(versions.map(({ version, value }) => [version, value])).toEqual(states.map(({ value }, i) => [i + 1, value]))
  }
  expect((await store.telemetry.size()).rows).toBe(expected.size)
  const committed = await store.ledger.committedSince(0, 1_000)
  expect(committed.flatMap(({ rows }) => rows)).toHaveLength([...expected.values()].flat().length)
}

function describeRefused(open: () => Promise<Store>): void {
  test('a point that the database will never take is quarantined with its bytes, and the counts add up', async () => {
    const store = await open()
    const device = deviceId('rtu-0017')
    const good = rowsOf(seriesOf('a'), 5)
    // No 64-bit integer: influxd refuses the point for good.
    const bad = storedRow({ series: seriesOf('b'), seq: 0.5, delivery: 6, arrival: 'late' })
    const counts = [countOf('rtu-0017', { received: 6, stored: 6, late: 1 }), countOf('other', { received: 1, duplicate: 1 })]
    const changed: Commit[] = []
    await store.ledger.commit(commitOf([...good, bad], { cursor: 6, counts }), (kept) => changed.push(kept))
    expect(changed.map(({ rows, quarantined }) => [rows, quarantined.length])).toEqual([[good, 1]])
    const series = [seriesOf('a'), seriesOf('b')]
    expect(await store.telemetry.range({ series, from: 0, to: start + day })).toEqual(good.map(observed))
    const totals = new Map((await store.ledger.counts()).map((total) => [total.device, total]))
    expect(totals.get(device)).toMatchObject({ received: 6, stored: 5, versions: 0, quarantined: 1, late: 0 })
    expect(totals.get(deviceId('other'))).toMatchObject({ received: 1, duplicate: 1, quarantined: 0 })
    const [entry] = await store.ledger.quarantine({ limit: 5 })
    expect(entry).toMatchObject({ reason: 'refused-by-store', device, delivery: 6, values: 1, topic: 'influxdb' })
    expect(new TextDecoder().decode(entry?.payload)).toMatch(/^observation,station=b,.*seq=0.5i/)
    expect((await store.ledger.committedSince(0, 10)).flatMap(({ rows }) => rows)).toEqual(good)
  })
}

function describeAway(open: () => Promise<Store>, server: () => Influxd): void {
  test('influxd stopped and killed during writes: every batch comes through once', async () => {
    const store = await open()
    const batches = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 50 }, (_, k) =>
        storedRow({ series: seriesOf(`s${k}`), observedAt: start + i * minute, value: i, delivery: i * 50 + k + 1 }),
      ),
    )
    let failures = 0
    const outages = new Map<number, 'SIGTERM' | 'SIGKILL'>([
      [10, 'SIGTERM'],
      [20, 'SIGKILL'],
      [30, 'SIGKILL'],
    ])
    for (const [i, rows] of batches.entries()) {
      const signal = outages.get(i)
      const outage = signal ? server().stop(signal) : null
      for (let done = false; !done;) {
        done = await store.ledger.commit(commitOf(rows, { cursor: (i + 1) * 50 })).then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof StoreUnavailable)) throw error
            failures += 1
            return false
          },
        )
        if (!done) {
          await outage
          await server().start()
        }
      }
      await outage
      await server().start()
    }
    expect(failures).toBeGreaterThan(0)
    expect((await store.telemetry.size()).rows).toBe(2_000)
    const series = [...new Set(batches.flat().map((row) => row.series))]
    const read = await store.telemetry.range({ series, from: 0, to: start + day })
    expect(read).toEqual(series.flatMap((id) => batches.flat().filter((row) => row.series === id)).map(observed))
    expect(await store.telemetry.existing(batches.flat())).toHaveLength(2_000)
  }, 60_000)

  test('while influxd is away nothing of a batch is committed, and the store says so', async () => {
    const store = await open()
    await store.ping()
    await server().stop()
    await expect(store.ledger.commit(commitOf(rowsOf(seriesOf('a'), 3), { cursor: 3 }))).rejects.toThrow(StoreUnavailable)
    await expect(store.telemetry.latest()).rejects.toThrow(StoreUnavailable)
    await expect(store.ping()).rejects.toThrow(StoreUnavailable)
    expect([store.ledger.cursor(), store.ledger.newest()]).toEqual([0, 0])
    await server().start()
    await store.ledger.commit(commitOf(rowsOf(seriesOf('a'), 3), { cursor: 3 }))
    expect((await store.telemetry.size()).rows).toBe(3)
  })
}

function describeMany(open: () => Promise<Store>): void {
  test('windows of many series in one call are those of each series alone, whatever their names', async () => {
    const { telemetry, ledger } = await open()
    const names = ['清溪站', "o'brien", 'a b', 'say "no"', 'a,b=c', 'a.b*c+(d)[e]{f}|g^$', 'back\\slash', 'a-b', '🌊', '__proto__', '%41']
    const series = names.flatMap((name, i) => [seriesOf(name, i % 2 ? 'rainfall' : 'water_level'), seriesOf(name, 'flow', 2)])
    await ledger.commit(commitOf([...series, seriesOf('axb*c')].flatMap((id) => rowsOf(id, 10, 20 * minute))))
    const ask = { from: start, to: start + day, everyMs: hour, aggregates: ['mean', 'last'] as const }
    const alone = await Promise.all(series.map((id) => telemetry.windows({ ...ask, series: [id] })))
    expect(await telemetry.windows({ ...ask, series })).toEqual(alone.flat())
    expect(alone.flat()).toHaveLength(4 * series.length)
  })
}
