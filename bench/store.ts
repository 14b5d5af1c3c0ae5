import { performance } from 'node:perf_hooks'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import Value from 'typebox/value'
import { deviceId, parameterKey, sensorId, stationId, type SensorId } from '../domain/ids.ts'
import { flag } from '../domain/flag.ts'
import { DuckdbConfig, type DuckdbConfig as DuckdbSettings } from '../store/config.ts'
import { openDuckdbStore } from '../store/duckdb/store.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import type { Store } from '../store/ports/store.ts'
import { commitOf } from '../store/testing/rows.ts'
import { digits, ratio, table, whole } from './table.ts'
import { startInfluxd } from './theirs.ts'

const seriesCount = 1_000
const stepMs = 300_000
const batchRows = 10_000
const startAt = Date.UTC(2026, 0, 1)
const day = 86_400_000

const names: readonly SensorId[] = Array.from({ length: seriesCount }, (_, i) =>
  sensorId(stationId(`bench-${String(i).padStart(4, '0')}`), parameterKey('water_level')),
)

/** Level of gauge i at step k: a slow wave with millimetres of noise, as a gauge gives it. */
const levelOf = (i: number, k: number): number => Math.round(3000 + 400 * Math.sin(k / 90 + i) + ((k * 7919 + i * 31) % 7)) / 1000

/** Batch number b of `batchRows` rows, in arrival order: every gauge at one time, then the next time. */
function batch(b: number): StoredRow[] {
  const rows: StoredRow[] = []
  for (let n = b * batchRows; n < (b + 1) * batchRows; n += 1) {
    const [i, k] = [n % seriesCount, Math.floor(n / seriesCount)]
    const observedAt = startAt + k * stepMs
    rows.push({
      series: names[i] as SensorId,
      observedAt,
      receivedAt: observedAt + 800 + ((n * 13) % 400),
      value: levelOf(i, k),
      flag: flag.good,
      tests: 0,
      device: deviceId(`dev-${i}`),
      delivery: n + 1,
      seq: k,
      run: null,
      position: null,
      arrival: 'next',
    })
  }
  return rows
}

/** The same rows for influxd: the fields that both keep. */
function lines(rows: readonly StoredRow[]): string {
  return rows
    .map((row) => {
      const [station = '', parameter = ''] = row.series.split('/')
      return `observation,station=${station},parameter=${parameter},sensor=1 value=${row.value},flag=${row.flag}i,tests=${row.tests}i,received_at=${row.receivedAt}i,delivery=${row.delivery}i,device="${row.device}",seq=${row.seq}i,sim=false ${row.observedAt}`
    })
    .join('\n')
}

function bytesIn(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0)
}

async function medianMs(times: number, ask: (turn: number) => Promise<number>): Promise<number> {
  const took: number[] = []
  // the first calls of either store load blocks and compile code: not counted
  for (let turn = 0; turn < 5; turn += 1) await ask(turn)
  for (let turn = 0; turn < times; turn += 1) {
    const begun = performance.now()
    if ((await ask(turn)) === 0) throw new Error('a query of the bench came back empty')
    took.push(performance.now() - begun)
  }
  return took.sort((a, b) => a - b)[Math.floor(times / 2)] ?? NaN
}

interface Figures {
  appendPerSecond: number
  bytesPerRow: number
  dayRaw: number
  weekHourly: number
  allHourly: number
}

async function ours(folder: string, batches: number): Promise<Figures> {
  const store = await openDuckdbStore({ folder, config: Value.Default(DuckdbConfig, {}) as DuckdbSettings })
  let spent = 0
  for (let b = 0; b < batches; b += 1) {
    const rows = batch(b)
    const begun = performance.now()
    await store.ledger.commit(commitOf(rows, { cursor: (b + 1) * batchRows }))
    spent += performance.now() - begun
  }
  await store.maintain(startAt + 400 * day)
  const queries = await ourQueries(store)
  const { bytes, rows } = await store.telemetry.size()
  await store.close()
  return { appendPerSecond: (batches * batchRows * 1000) / spent, bytesPerRow: bytes / rows, ...queries }
}

async function ourQueries({ telemetry }: Store): Promise<Pick<Figures, 'dayRaw' | 'weekHourly' | 'allHourly'>> {
  const one = (turn: number): readonly SensorId[] => [names[(turn * 37) % seriesCount] as SensorId]
  return {
    dayRaw: await medianMs(
      21,
      async (turn) => (await telemetry.range({ series: one(turn), from: startAt + 5 * day, to: startAt + 6 * day })).length,
    ),
    weekHourly: await medianMs(
      21,
      async (turn) =>
        (await telemetry.windows({ series: one(turn), from: startAt, to: startAt + 7 * day, everyMs: 3_600_000, aggregates: ['mean'] }))
          .length,
    ),
    allHourly: await medianMs(
      5,
      async () =>
        (
          await telemetry.windows({
            series: names,
            from: startAt + 5 * day,
            to: startAt + 6 * day,
            everyMs: 3_600_000,
            aggregates: ['mean'],
          })
        ).length,
    ),
  }
}

async function theirs(folder: string, batches: number): Promise<Figures> {
  const influxd = await startInfluxd(folder)
  const url = `http://127.0.0.1:${influxd.port}`
  let spent = 0
  for (let b = 0; b < batches; b += 1) {
    const body = lines(batch(b))
    const begun = performance.now()
    const answer = await fetch(`${url}/write?db=bench&precision=ms`, { method: 'POST', body })
    if (answer.status !== 204) throw new Error(`influxd answered ${answer.status}: ${await answer.text()}`)
    spent += performance.now() - begun
  }
  const ask = async (query: string): Promise<number> => {
    const answer = await fetch(`${url}/query?db=bench&epoch=ms&q=${encodeURIComponent(query)}`)
    const { results } = (await answer.json()) as { results: { series?: { values: unknown[] }[] }[] }
    return (results[0]?.series ?? []).reduce((sum, one) => sum + one.values.length, 0)
  }
  const station = (turn: number): string => `bench-${String((turn * 37) % seriesCount).padStart(4, '0')}`
  const between = (from: number, to: number): string => `time >= ${startAt + from * day}ms AND time < ${startAt + to * day}ms`
  const fields = 'value, flag, tests, received_at, delivery, device, seq'
  const queries = {
    dayRaw: await medianMs(21, (turn) => ask(`SELECT ${fields} FROM observation WHERE station = '${station(turn)}' AND ${between(5, 6)}`)),
    weekHourly: await medianMs(21, (turn) =>
      ask(`SELECT mean(value) FROM observation WHERE station = '${station(turn)}' AND ${between(0, 7)} GROUP BY time(1h)`),
    ),
    allHourly: await medianMs(5, () => ask(`SELECT mean(value) FROM observation WHERE ${between(5, 6)} GROUP BY time(1h), station`)),
  }
  await influxd.stop()
  return { appendPerSecond: (batches * batchRows * 1000) / spent, bytesPerRow: bytesIn(influxd.data) / (batches * batchRows), ...queries }
}

/** DuckDB as we keep it, beside influxd with the same rows: 1,000 gauges every 5 minutes, in batches of 10,000. */
export async function storeBench(newFolder: () => string, say: (text: string) => void, batches = 400): Promise<void> {
  const first = await ours(newFolder(), batches)
  const second = await theirs(newFolder(), batches)
  const row = (name: string, one: Figures): string[] => [
    name,
    whole(one.appendPerSecond),
    digits(one.bytesPerRow),
    digits(one.dayRaw, 2),
    digits(one.weekHourly, 2),
    digits(one.allHourly, 1),
  ]
  const ratios: string[] = [
    'ratio',
    ...(['appendPerSecond', 'bytesPerRow', 'dayRaw', 'weekHourly', 'allHourly'] as const).map((key) => ratio(first[key], second[key])),
  ]
  say(
    `Store, ${whole(batches * batchRows)} rows of ${whole(seriesCount)} series, each with received time, device, delivery and sequence number; queries are medians in ms`,
  )
  say(
    table(
      [
        'store',
        'append rows/s',
        'bytes a row',
        "one series' day, raw",
        "one series' week, hourly means",
        'a day of all series, hourly means',
      ],
      [row('DuckDB (in transactions of 10,000)', first), row('influxd (in writes of 10,000)', second), ratios],
    ),
  )
}
