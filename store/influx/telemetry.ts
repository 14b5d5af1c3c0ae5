import type { RunId, SensorId } from '../../domain/ids.ts'
import { knownSince, type Observation } from '../../domain/observation.ts'
import type { RangeQuery, Rollup, TelemetryStore } from '../ports/telemetry.ts'
import { StoreRefused } from '../errors.ts'
import { createAppend, type Append } from './append.ts'
import type { InfluxConnection } from './connection.ts'
import type { InfluxQl } from './influxql.ts'
import { dropRunFrom } from './drop-run.ts'
import { measurements, rollupColumns, rollupLine, rollupOf } from './points.ts'
import { askAll, before, inTime, isSeries, rowsOf, selectFrom } from './select.ts'
import { allPlaces, type Places } from './places.ts'
import { createStates } from './states.ts'
import { readWindows } from './windows.ts'

/** Telemetry in InfluxDB 1.6 and newer: written as line protocol, read with InfluxQL. */
export interface InfluxTelemetry extends TelemetryStore {
  append: Append
}

export interface InfluxTelemetryOptions {
  /** Places in the feed that are committed; see `KeptState.batch`. Default: everything that is there. */
  committed?: () => Places
}

export function createInfluxTelemetry(
  { ql, writer, bytes }: Pick<InfluxConnection, 'ql' | 'writer' | 'bytes'>,
  { committed = () => allPlaces }: InfluxTelemetryOptions = {},
): InfluxTelemetry {
  const states = createStates(ql, committed)
  return {
    capabilities: { versions: true, parquet: false },
    append: createAppend(states, writer),
    range: async (query) => {
      const { asOf, ...current } = query
      const found = await (asOf === undefined ? states.inRange(current) : states.asOf({ ...query, asOf }))
      return oldest(
        found.map((state) => state.observation),
        query,
      )
    },
    latest: async (series) => new Map((await states.newest(series)).map(({ observation }) => [observation.series, observation])),
    windows: (query) => readWindows(ql, query),
    existing: async (keys) => (await states.of(keys)).map((state) => state.observation),
    versions: async (key) =>
      (await states.versions(key)).map(({ observation, version }) => ({ ...observation, version, knownAt: knownSince(observation) })),
    putRollups: async (rollups) => {
      const [refused] = await writer.write(rollups.map(rollupLine))
      if (refused) throw new StoreRefused(`writing ${rollups.length} roll-ups to InfluxDB: it refused "${refused.line}": ${refused.reason}`)
    },
    rollups: ({ series, size, from, to }) => readRollups(ql, series, size, inTime(from, to)),
    dropBefore: (at) => dropBefore(ql, at),
    dropRun: (run: RunId) => dropRunFrom(ql, run),
    size: async () => ({ rows: await count(ql, ''), bytes: await bytes() }),
  }
}

/** The oldest rows over all series, in the order they came in. */
function oldest(rows: Observation[], { limit = Infinity }: RangeQuery): Observation[] {
  if (rows.length <= limit) return rows
  const chosen = new Set([...rows].sort((a, b) => a.observedAt - b.observedAt).slice(0, limit))
  return rows.filter((row) => chosen.has(row))
}

async function readRollups(ql: InfluxQl, series: readonly SensorId[], size: Rollup['size'], time: string): Promise<Rollup[]> {
  const answers = await askAll(
    ql,
    series.map((id) => selectFrom(measurements.rollup[size], rollupColumns, isSeries(id), time)),
  )
  return series.flatMap((id, i) => rowsOf(answers[i]).map((row) => rollupOf(id, size, row)))
}

async function count(ql: InfluxQl, where: string): Promise<number> {
  const [answer] = await ql.ask([`SELECT COUNT("flag") FROM "observation"${where}`])
  return Number(rowsOf(answer)[0]?.[1] ?? 0)
}

async function dropBefore(ql: InfluxQl, at: number): Promise<number> {
  const older = ` WHERE ${before(at)}`
  const dropped = await count(ql, older)
  await ql.ask([`DELETE FROM "observation"${older}`, `DELETE FROM "observation_history"${older}`])
  return dropped
}
