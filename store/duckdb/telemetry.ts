import { stat } from 'node:fs/promises'
import type { SensorId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { TelemetryStore } from '../ports/telemetry.ts'
import type { SeriesEntry } from './dictionary.ts'
import type { Live } from './live.ts'
import { createPruning } from './prune.ts'
import { readExisting, readRange, readVersions } from './range.ts'
import { createRollups } from './rollups.ts'
import { plain } from './state.ts'
import { readWindows } from './windows.ts'

/** Telemetry of one file. The newest observation of each series is in memory. */
export function createTelemetry(live: Live, file: string): TelemetryStore {
  return {
    capabilities: { versions: true, parquet: false },
    range: async (query) => {
      const { engine, state } = await live.opened()
      return engine.read('reading a range', (session) => readRange(session, state.words, query))
    },
    latest: async (series) => latestOf((await live.opened()).state.words.series, series),
    windows: async (query) => {
      const { engine, state } = await live.opened()
      return engine.read('reading windows', (session) => readWindows(session, state.words, query))
    },
    existing: async (keys) => {
      const { engine, state } = await live.opened()
      return engine.read(`looking for ${keys.length} keys`, (session) => readExisting(session, state.words, keys))
    },
    versions: async (key) => {
      const { engine, state } = await live.opened()
      return engine.read(`reading the versions of ${key.series}`, (session) => readVersions(session, state.words, key))
    },
    ...createRollups(live),
    ...createPruning(live),
    size: async () => {
      const { engine } = await live.opened()
      const [[rows = 0] = []] = await engine.read('counting rows', (session) => session.rows('SELECT count(*) FROM observation'))
      return { rows: Number(rows), bytes: (await bytesOf(file)) + (await bytesOf(`${file}.wal`)) }
    },
  }
}

interface KnownSeries {
  all(): readonly SeriesEntry[]
  known(name: SensorId): SeriesEntry | undefined
}

function latestOf(words: KnownSeries, series: readonly SensorId[] | undefined): Map<SensorId, Observation> {
  const entries = series === undefined ? words.all() : series.flatMap((name) => words.known(name) ?? [])
  const latest = new Map<SensorId, Observation>()
  for (const { name, latest: newest } of entries) if (newest !== null) latest.set(name, plain(newest))
  return latest
}

/** Bytes of a file; 0 when there is none. */
const bytesOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  )
