import { existsSync } from 'node:fs'
import path from 'node:path'
import * as ss from 'simple-statistics'
import { findParameter } from '../../domain/parameters.ts'
import { formatDuration } from '../../domain/time.ts'
import { deviceIdOf, stationIdOf } from './names.ts'
import { recordedRows, type RecordedRow } from './rows.ts'
import { stationNotes, type StationNote } from './stations.ts'

/** What a recorded folder holds: its series with their usual step. */
export interface RecordedSeries {
  station: string
  parameter: string
  rows: number
  /** Median of the steps between readings, ms; null for a single reading. */
  stepMs: number | null
}

export interface RecordSurvey {
  series: readonly RecordedSeries[]
  rows: number
  /** What stands of the stations in a file beside. */
  notes: ReadonlyMap<string, StationNote>
  /** Parameters that the catalogue does not know, with their rows: these are quarantined by the server. */
  unknownParameters: ReadonlyMap<string, number>
}

export interface NetworkOptions {
  id: string
  /** Station -> level of its warning stage, m. */
  stages?: ReadonlyMap<string, number>
}

/** Reads the files once and says what they hold. */
export async function surveyRecord(files: readonly string[]): Promise<RecordSurvey> {
  const { steps, counts, rows, unknown } = await survey(files)
  const series = [...counts].map(([key, count]) => {
    const [station = '', parameter = ''] = key.split('\u0000')
    const gaps = steps.get(key) ?? []
    return { station, parameter, rows: count, stepMs: gaps.length > 0 ? Math.round(ss.median(gaps)) : null }
  })
  return { series, rows, notes: await notesBeside(files), unknownParameters: unknown }
}

/** Content of a network file for what was recorded: one station and one device each, with level rules where there are stages. */
export function makeNetwork({ series, notes }: RecordSurvey, options: NetworkOptions): Record<string, unknown> {
  const stations = [...new Set(series.map((one) => one.station))].sort()
  return {
    network: {
      id: options.id,
      name: { en: `Replay ${options.id}`, zh: `回放 ${options.id}` },
      timeZone: 'UTC',
      dayStartsAt: '00:00',
      recorded: true,
    },
    stations: stations.map((station) =>
      stationOf(
        station,
        series.filter((one) => one.station === station),
        notes.get(station),
        options.stages?.get(station),
      ),
    ),
    devices: stations.map((station) => ({ id: deviceIdOf(options.id, station), protocol: 'mqtt', stations: [stationIdOf(station)] })),
    rules: rulesFor(series, options.stages),
  }
}

interface Survey {
  steps: Map<string, number[]>
  counts: Map<string, number>
  rows: number
  unknown: Map<string, number>
}

/** Steps of each series are sampled: the first thousand say enough about its interval. */
async function survey(files: readonly string[]): Promise<Survey> {
  const found: Survey = { steps: new Map(), counts: new Map(), rows: 0, unknown: new Map() }
  const last = new Map<string, number>()
  for await (const row of recordedRows(files)) {
    found.rows += 1
    const parameter = findParameter(row.parameter)?.key
    if (parameter === undefined) found.unknown.set(row.parameter, (found.unknown.get(row.parameter) ?? 0) + 1)
    else noteStep(found, last, `${row.station}\u0000${parameter}`, row)
  }
  return found
}

function noteStep(found: Survey, last: Map<string, number>, key: string, row: RecordedRow): void {
  found.counts.set(key, (found.counts.get(key) ?? 0) + 1)
  if (row.at === null) return
  const before = last.get(key)
  last.set(key, row.at)
  const steps = found.steps.get(key) ?? []
  if (before !== undefined && row.at > before && steps.length < 1000) steps.push(row.at - before)
  found.steps.set(key, steps)
}

async function notesBeside(files: readonly string[]): Promise<ReadonlyMap<string, StationNote>> {
  const folders = [...new Set(files.map((file) => path.dirname(file)))].map((folder) => path.join(folder, 'stations.csv'))
  const all = await Promise.all(folders.filter((file) => existsSync(file)).map(stationNotes))
  return new Map(all.flatMap((notes) => [...notes]))
}

function stationOf(
  recorded: string,
  series: readonly RecordedSeries[],
  note: StationNote | undefined,
  warning: number | undefined,
): unknown {
  const name = note?.name ?? recorded
  return {
    id: stationIdOf(recorded),
    name: { en: name, zh: name },
    kind: kindOf(series.map((one) => one.parameter)),
    ...(note?.location ? { location: note.location } : {}),
    sensors: series.map(({ parameter, stepMs }) => ({
      parameter,
      ...(stepMs === null ? {} : { every: formatDuration(stepMs) }),
      ...(parameter === 'water_level' && warning !== undefined ? { stages: { warning } } : {}),
    })),
  }
}

/** The kind of place that measures these. */
function kindOf(parameters: readonly string[]): string {
  const has = (...keys: string[]): boolean => keys.some((key) => parameters.includes(key))
  if (has('pm2_5', 'pm10', 'so2', 'no2', 'o3', 'co')) return 'air'
  if (has('rainfall') && parameters.length === 1) return 'rain'
  if (has('residual_chlorine', 'chlorine_dioxide')) return 'water-source'
  return 'river'
}

function rulesFor(series: readonly RecordedSeries[], stages: ReadonlyMap<string, number> | undefined): unknown[] {
  const measured = new Set(series.map((one) => one.parameter))
  const level = measured.has('water_level')
  return [
    ...(level && stages && stages.size > 0
      ? [
          {
            id: 'level-high',
            kind: 'threshold',
            parameter: 'water_level',
            levels: { yellow: 'stage.warning' },
            hold: '30m',
            deadband: 0.1,
            clearAfter: '1h',
          },
        ]
      : []),
    ...(level
      ? [{ id: 'level-rising', kind: 'rate-of-rise', parameter: 'water_level', levels: { yellow: 0.5, orange: 1 }, window: '1h' }]
      : []),
    ...(measured.has('rainfall')
      ? [{ id: 'rain-3h', kind: 'rain-accumulation', parameter: 'rainfall', hours: 3, levels: { yellow: 30, orange: 50, red: 100 } }]
      : []),
    { id: 'silent', kind: 'silence', after: '6h', level: 'blue' },
  ]
}
