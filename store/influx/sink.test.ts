import { afterEach, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { startFakeInfluxV2, v2Answers } from '../../testing/fake-influx-v2.ts'
import { influxd, needing } from '../../testing/needing.ts'
import { startInfluxd } from '../../testing/influxd.ts'
import { openDuckdbStore } from '../duckdb/store.ts'
import { createMemoryStore } from '../memory.ts'
import { duckdbConfig, temporaryFolders } from '../testing/duckdb.ts'
import { StoreUnavailable } from '../errors.ts'
import { runId } from '../../domain/ids.ts'
import type { Store } from '../ports/store.ts'
import type { StoredRow } from '../ports/ledger.ts'
import { commitOf, day, hour, minute, rowsOf, seriesOf, start, storedRow, warningOf } from '../testing/rows.ts'
import { connectInflux, type InfluxConnection } from './connection.ts'
import { waitMs } from './follower.ts'
import { createInfluxSideFeed, createInfluxSink, type InfluxFeeding, type InfluxSinkParts } from './sink.ts'
import type { SystemFigures } from './system-points.ts'
import { createInfluxTelemetry } from './telemetry.ts'

const newFolder = temporaryFolders()
const closing: (() => Promise<unknown> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function until(what: string, met: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    if (await met()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`waiting until ${what}: 30 s are over`)
}

interface Logged {
  message: string
  details: object
}

function sinkOf(
  connection: InfluxConnection,
  store: Store,
  part: Partial<InfluxSinkParts> = {},
): { sink: InfluxFeeding; logged: Logged[] } {
  const logged: Logged[] = []
  const log = {
    info: (details: object, message: string) => void logged.push({ message, details }),
    warn: (details: object, message: string) => void logged.push({ message, details }),
  }
  const timers = {
    setTimeout: (call: () => void, ms: number) => setTimeout(call, ms),
    clearTimeout: (timer: unknown) => clearTimeout(timer as NodeJS.Timeout),
  }
  const { ledger } = store
  const sink = createInfluxSink({ connection, ledger, log, timers, now: Date.now, random: Math.random, longestWaitMs: 500, ...part })
  closing.push(() => sink.stop())
  return { sink, logged }
}

function connected(url: string, database: string): InfluxConnection {
  const connection = connectInflux({ url, api: 'v1', database, timeoutMs: 5_000 })
  closing.push(() => connection.close())
  return connection
}

const series = Array.from({ length: 10 }, (_, k) => seriesOf(`s${k}`))

/** Commit i: a new reading of each series, and a correction and another flag for what came five commits before. */
function rowsOfCommit(i: number): StoredRow[] {
  const part = { delivery: i + 1, receivedAt: start + i * minute }
  const rows = series.map((id, k) => storedRow({ ...part, series: id, observedAt: start + i * minute, value: i + k }))
  const earlier = { ...part, series: series[0] ?? seriesOf('s0'), observedAt: start + (i - 5) * minute }
  if (i >= 5)
    rows.push(storedRow({ ...earlier, value: -i, arrival: 'revised' }), storedRow({ ...earlier, value: -i, flag: 3, arrival: 'judged' }))
  return rows
}

async function expectEqualStores(store: Store, connection: InfluxConnection, commits: number): Promise<void> {
  const influx = createInfluxTelemetry(connection)
  const whole = { series, from: 0, to: start + day }
  expect((await influx.size()).rows).toBe(commits * series.length)
  expect(await influx.range(whole)).toEqual(await store.telemetry.range(whole))
  for (let i = 0; i < commits; i += 7) {
    const key = { series: series[0] ?? seriesOf('s0'), observedAt: start + i * minute }
    expect(await influx.versions(key)).toEqual(await store.telemetry.versions(key))
  }
  const asOf = start + (commits / 2) * minute
  expect(await influx.range({ ...whole, asOf })).toEqual(await store.telemetry.range({ ...whole, asOf }))
}

needing(
  [influxd()],
  'as a second sink, InfluxDB stopped and killed while rows come loses none and doubles none',
  async (binary) => {
    const server = await startInfluxd(binary)
    closing.push(() => server.remove())
    const store = await openDuckdbStore({ folder: await newFolder(), config: duckdbConfig() })
    closing.push(() => store.close())
    const connection = connected(server.url, 'second')
    const { sink, logged } = sinkOf(connection, store, { batchRows: 40 })
    sink.start()
    const commits = 60
    const outages = new Map<number, 'SIGTERM' | 'SIGKILL'>([
      [15, 'SIGTERM'],
      [35, 'SIGKILL'],
    ])
    for (let i = 0; i < commits; i += 1) {
      await store.ledger.commit(commitOf(rowsOfCommit(i), { cursor: i + 1 }))
      sink.wake()
      const signal = outages.get(i)
      if (signal) await server.stop(signal)
      if (i === 25 || i === 45) {
        await until('the sink has noticed', () => sink.figures().state === 'waiting')
        expect(sink.figures().behind).toBeGreaterThan(0)
        expect(sink.figures().problem?.code).toBe('store-unavailable')
        await server.start()
        await until('the sink goes on', () => sink.figures().state === 'following')
      }
      if (i % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await until('all is written', () => sink.figures().behind === 0)
    expect(sink.figures()).toMatchObject({ state: 'following', cursor: commits, refused: 0, awaySince: null, problem: null })
    await expectEqualStores(store, connection, commits)
    expect(logged.map(({ message }) => message)).toEqual([
      'InfluxDB is not fed; its place in the feed stays',
      'InfluxDB answers again',
      'InfluxDB is not fed; its place in the feed stays',
      'InfluxDB answers again',
    ])
  },
  60_000,
)

needing([influxd()], 'a sink that dies between its points and its place writes the same again, cut otherwise', async (binary) => {
  const server = await startInfluxd(binary)
  closing.push(() => server.remove())
  const store = createMemoryStore()
  const commits = 60
  for (let i = 0; i < commits; i += 1) await store.ledger.commit(commitOf(rowsOfCommit(i), { cursor: i + 1 }))
  const connection = connected(server.url, 'second')
  for (const batchRows of [35, 200, 80, 24, 1_000]) {
    let moves = 0
    const moveReader: Store['ledger']['moveReader'] = async (reader, commit) => {
      moves += 1
      if (moves === 3) throw new StoreUnavailable('moving the reader: the process died')
      await store.ledger.moveReader(reader, commit)
    }
    const { sink } = sinkOf(connection, { ...store, ledger: { ...store.ledger, moveReader } }, { batchRows })
    sink.start()
    await until('it has died or is done', () => sink.figures().state === 'waiting' || sink.figures().behind === 0)
    await sink.stop()
  }
  const { sink } = sinkOf(connection, store)
  sink.start()
  await until('all is written', () => sink.figures().cursor === commits)
  await expectEqualStores(store, connection, commits)
})

needing([influxd()], 'warnings, roll-ups and system figures follow, also those kept before the start', async (binary) => {
  const server = await startInfluxd(binary)
  closing.push(() => server.remove())
  const store = createMemoryStore()
  const later = warningOf({ version: 2, level: 'red', changedAt: start + 2 * hour })
  await store.warnings.putWarnings([warningOf(), later], null)
  const connection = connected(server.url, 'second')
  const { sink } = sinkOf(connection, store, {
    warnings: store.warnings,
    system: () => figures,
    systemEveryMs: 20,
    now: () => start,
    node: 'node "1"',
  })
  sink.start()
  const rollup = { series: seriesOf('a'), start, end: start + hour, n: 1, min: 1, mean: 1, max: 1, sum: 1, completeness: 0.5 }
  sink.offerRollups([
    { ...rollup, size: '1h' },
    { ...rollup, size: '1d' },
    { ...rollup, size: '1h', n: 2 },
  ])
  sink.offerWarnings([warningOf({ version: 3, state: 'cleared', changedAt: start + 3 * hour }), later])
  const rows = async (query: string): Promise<unknown[][]> => (await connection.ql.ask([query]))[0]?.flatMap((found) => found.rows) ?? []
  await until('system figures came', async () => (await rows('SELECT "received" FROM "system"').catch(() => [])).length === 1)
  await until('all is written', () => sink.figures().waiting === 0)
  expect(
    await rows('SELECT "level", "state", "value", "message", "message_zh", "sim" FROM "warning" WHERE "station" = \'qingxi\''),
  ).toEqual([
    [start + hour, 'yellow', 'active', 3.1, 'Level 3.1 m is above 3 m.', '水位3.1米，超警戒水位3米。', false],
    [start + 2 * hour, 'red', 'active', 3.1, 'Level 3.1 m is above 3 m.', '水位3.1米，超警戒水位3米。', false],
    [start + 3 * hour, 'yellow', 'cleared', 3.1, 'Level 3.1 m is above 3 m.', '水位3.1米，超警戒水位3米。', false],
  ])
  const telemetry = createInfluxTelemetry(connection)
  const read = { series: [seriesOf('a')], from: 0, to: start + day }
  expect(await telemetry.rollups({ ...read, size: '1h' })).toEqual([{ ...rollup, size: '1h', n: 2 }])
  expect(await telemetry.rollups({ ...read, size: '1d' })).toEqual([{ ...rollup, size: '1d' }])
  expect(await rows('SELECT "received", "loop_delay_p99_ms", "store_rows" FROM "system" WHERE "node" = \'node "1"\'')).toEqual([
    [start, 10, 1.5, 6],
  ])
})

needing([influxd()], 'what is dropped from the embedded store goes from InfluxDB after what was committed before', async (binary) => {
  const server = await startInfluxd(binary)
  closing.push(() => server.remove())
  const store = createMemoryStore()
  const run = runId('flood')
  const simulated = rowsOf(seriesOf('sim'), 6).map((row) => ({ ...row, run }))
  const mixed = rowsOf(seriesOf('mixed'), 9, hour).map((row, i) => (i % 3 === 1 ? { ...row, run } : row))
  await store.ledger.commit(commitOf([...simulated, ...mixed]))
  const connection = connected(server.url, 'second')
  const { sink } = sinkOf(connection, store)
  sink.dropRun(run)
  sink.dropBefore(start + 3 * hour)
  sink.start()
  const telemetry = createInfluxTelemetry(connection)
  const values = async (): Promise<unknown> =>
    (await telemetry.range({ series: [seriesOf('sim'), seriesOf('mixed')], from: 0, to: start + day })).map(({ value }) => value)
  await until(
    'both are done',
    async () => sink.figures().behind === 0 && sink.figures().state === 'following' && (await telemetry.size()).rows === 4,
  )
  expect(await values()).toEqual([3, 5, 6, 8])
})

test('a point that is refused is counted and logged, and the rest goes on', async () => {
  const fake = await startFakeInfluxV2({ token: 't', org: 'o', bucket: 'b', poison: 'station=s3,' })
  closing.push(() => fake.close())
  const connection = connectInflux({ url: fake.url, api: 'v2', database: 'd', org: 'o', bucket: 'b', token: 't', timeoutMs: 5_000 })
  closing.push(() => connection.close())
  const store = createMemoryStore()
  for (let i = 0; i < 4; i += 1) await store.ledger.commit(commitOf(rowsOfCommit(i), { cursor: i + 1 }))
  const { sink, logged } = sinkOf(connection, store)
  sink.start()
  await until('all is written', () => sink.figures().cursor === 4)
  expect(sink.figures()).toMatchObject({ rows: 40, refused: 4 })
  expect(fake.points().size).toBe(36)
  expect(logged).toEqual([
    {
      message: 'InfluxDB refused points for good',
      details: { points: 4, line: expect.stringContaining('s3'), reason: expect.any(String) },
    },
  ])
})

test('tries get rarer while InfluxDB is away, wait as long as it asks, and a wake does not hurry them', async () => {
  const fake = await startFakeInfluxV2({ token: 't', org: 'o', bucket: 'b' })
  closing.push(() => fake.close())
  const connection = connectInflux({ url: fake.url, api: 'v2', database: 'd', org: 'o', bucket: 'b', token: 't', timeoutMs: 5_000 })
  closing.push(() => connection.close())
  const store = createMemoryStore()
  await store.ledger.commit(commitOf([storedRow()]))
  const waits: { ms: number; end: () => void }[] = []
  const timers = { setTimeout: (end: () => void, ms: number) => void waits.push({ ms, end }), clearTimeout: () => undefined }
  const { sink } = sinkOf(connection, store, { timers, random: () => 1, longestWaitMs: 15_000, now: () => start })
  const away = { status: 503, body: '{"code":"unavailable","message":"closed"}' }
  fake.answerNext(away, away, v2Answers.tooMany(60), v2Answers.unauthorized, away, away, away)
  sink.start()
  for (const [i, ms] of [1_000, 2_000, 60_000, 8_000, 15_000, 15_000, 15_000].entries()) {
    await until(`try ${i + 1} has failed`, () => waits.length === i + 1)
    expect(waits[i]?.ms).toBe(ms)
    expect(sink.figures()).toMatchObject({ state: 'waiting', awaySince: start, tries: i + 1, behind: 1 })
    expect(sink.figures().problem?.code).toBe(i === 3 ? 'store-unauthorized' : 'store-unavailable')
    sink.wake()
    waits[i]?.end()
  }
  await until('it follows again', () => sink.figures().behind === 0 && sink.figures().state === 'following')
  expect(fake.writes()).toHaveLength(8)
})

test('the pause grows with each failure, never beyond the longest, and never lets two tries a second through', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), random, (failures, chance) => {
      const wait = waitMs(failures, chance, 15_000)
      expect(wait).toBeGreaterThanOrEqual(500)
      expect(wait).toBeLessThanOrEqual(15_000)
      expect(waitMs(failures + 1, chance, 15_000)).toBeGreaterThanOrEqual(wait)
    }),
  )
})

test('where InfluxDB is the only store, warnings and system figures are fed alone', async () => {
  const fake = await startFakeInfluxV2({ token: 't', org: 'o', bucket: 'b' })
  closing.push(() => fake.close())
  const connection = connectInflux({ url: fake.url, api: 'v2', database: 'd', org: 'o', bucket: 'b', token: 't', timeoutMs: 5_000 })
  closing.push(() => connection.close())
  const waits: (() => void)[] = []
  const timers = { setTimeout: (end: () => void) => void waits.push(end), clearTimeout: () => undefined }
  const log = { info: () => undefined, warn: () => undefined }
  const feed = createInfluxSideFeed({ connection, log, timers, now: () => start, random: () => 0 })
  feed.offerWarnings([warningOf()])
  feed.start()
  await until('it is written', () => fake.points().size === 1)
  await Promise.all([feed.stop(), until('the pause is ended', () => (waits.forEach((end) => end()), true))])
  expect([...fake.points().keys()][0]).toMatch(/^warning,station=qingxi,rule=level-high,level=yellow /)
})

const figures: SystemFigures = {
  received: 10,
  stored: 6,
  versions: 1,
  duplicate: 2,
  quarantined: 1,
  refused: 0,
  late: 1,
  journalBytes: 1_000,
  journalBacklog: 3,
  sinkBehind: 2,
  devices: 5,
  devicesOnline: 4,
  openWarnings: 1,
  storeRows: 6,
  storeBytes: 4_096,
  rssBytes: 100_000_000,
  loopDelayP99Ms: 1.5,
}
