import { parameterKey, parseSensorId, runId, sensorId, stationId, deviceId, type SensorId } from '../../domain/ids.ts'
import type { Flag } from '../../domain/flag.ts'
import type { Observation } from '../../domain/observation.ts'
import { positionOf } from '../../domain/reading.ts'
import type { Rollup, WarningPoint } from '../ports/telemetry.ts'
import type { Row } from './influxql.ts'
import { bool, decodeTag, encodeTag, float, int, line, tag, text, type FieldText } from './line-protocol.ts'

/** Names of the measurements; docs and dashboards use the same words. */
export const measurements = {
  observation: 'observation',
  history: 'observation_history',
  warning: 'warning',
  rollup: { '1h': 'observation_1h', '1d': 'observation_1d' },
  system: 'system',
} as const

type SeriesMeasurement = 'observation' | 'observation_history' | 'observation_1h' | 'observation_1d'

/** One state of one key as InfluxDB holds it. */
export interface KeptState {
  observation: Observation
  /** Counts from 1. */
  version: number
  /**
   * Place in the feed that brought this state: where its lane of the journal ends with its batch, see places.ts (InfluxDB as the only
   * store), or its commit number (second sink). A state beyond what was committed is from a batch that died half-way and comes again.
   */
  batch: number
}

// A point that is written again keeps the fields the new line does not have. `given` says which of the optional ones belong to it.
const given = { value: 1, seq: 2, run: 4, position: 8, altitude: 16, judged: 32 } as const

/** Columns that make a state, in the order `stateOf` reads them. */
export const stateColumns = [
  'value',
  'flag',
  'received_at',
  'delivery',
  'device',
  'tests',
  'seq',
  'run',
  'lon',
  'lat',
  'altitude',
  'given',
  'version',
  'batch',
  'judged_at',
  'judged_by',
] as const

/** `observation`, at observedAt in ms. A missing value (flag 9) is a point without `value`. */
export const observationLine = (state: KeptState): string =>
  `${headOf.observation(state.observation.series)} ${stateFields(state)} ${state.observation.observedAt}`

/**
 * `observation_history`, at observedAt in **ns**: the version stands in the nanoseconds below the millisecond (bounds 1..999,999), so
 * that the versions of one key lie side by side, no series is added, and a read in ms gives observedAt again.
 */
export const historyLine = (state: KeptState): string =>
  `${headOf.observation_history(state.observation.series)} ${stateFields(state)} ${nanoseconds(state.observation.observedAt, state.version)}`

/** The fields in one text: on the path of every reading, so without a list between. */
function stateFields({ observation: seen, version, batch }: KeptState): string {
  let bits = 0
  let written =
    `flag=${int(seen.flag)},received_at=${int(seen.receivedAt)},delivery=${int(seen.delivery)},device=${deviceText(seen.device)},` +
    `sim=${bool(seen.run !== null)},tests=${int(seen.tests)},version=${int(version)},batch=${int(batch)}`
  if (seen.value !== null) {
    bits |= given.value
    written += `,value=${float(seen.value)}`
  }
  if (seen.seq !== null) {
    bits |= given.seq
    written += `,seq=${int(seen.seq)}`
  }
  if (seen.run !== null) {
    bits |= given.run
    written += `,run=${text(seen.run)}`
  }
  if (seen.position !== null) {
    bits |= given.position
    written += `,lon=${float(seen.position[0])},lat=${float(seen.position[1])}`
    if (seen.position[2] !== undefined) {
      bits |= given.altitude
      written += `,altitude=${float(seen.position[2])}`
    }
  }
  if (seen.judged !== undefined) {
    bits |= given.judged
    written += `,judged_at=${int(seen.judged.at)},judged_by=${int(seen.judged.delivery)}`
  }
  return `${written},given=${int(bits)}`
}

/** Reads a row of `time, ...stateColumns`. A point that another writer left without our fields reads as version 1, not evaluated. */
export function stateOf(series: SensorId, row: Row): KeptState {
  const [time, value, flag, receivedAt, delivery, device, tests, seq, run, lon, lat, altitude, bits, version, batch, ...judgement] = row
  const [judgedAt, judgedBy] = judgement
  const has = (bit: number): boolean => typeof bits !== 'number' || (bits & bit) !== 0
  return {
    observation: {
      series,
      observedAt: number(time) ?? 0,
      receivedAt: number(receivedAt) ?? number(time) ?? 0,
      value: has(given.value) ? number(value) : null,
      flag: (number(flag) ?? 2) as Flag,
      tests: number(tests) ?? 0,
      device: deviceId(typeof device === 'string' ? device : ''),
      delivery: number(delivery) ?? 0,
      seq: has(given.seq) ? number(seq) : null,
      run: has(given.run) && typeof run === 'string' ? runId(run) : null,
      position:
        has(given.position) && typeof lon === 'number' && typeof lat === 'number'
          ? positionOf(lon, lat, has(given.altitude) ? altitude : null)
          : null,
      ...(has(given.judged) &&
        typeof judgedAt === 'number' &&
        typeof judgedBy === 'number' && { judged: { at: judgedAt, delivery: judgedBy } }),
    },
    version: number(version) ?? 1,
    batch: number(batch) ?? 0,
  }
}

const number = (cell: Row[number] | undefined): number | null => (typeof cell === 'number' ? cell : null)

/** Columns of a roll-up, in the order `rollupOf` reads them. */
export const rollupColumns = ['end', 'n', 'min', 'mean', 'max', 'sum', 'completeness', 'irregular'] as const

/** `observation_1h` or `observation_1d`, at the window's start in ms. `irregular` marks a series without an expected interval. */
export function rollupLine(rollup: Rollup): string {
  const fields: [string, FieldText][] = [
    ['end', int(rollup.end)],
    ['n', int(rollup.n)],
    ['irregular', bool(rollup.completeness === null)],
  ]
  for (const name of ['min', 'mean', 'max', 'sum', 'completeness'] as const) {
    const figure = rollup[name]
    if (figure !== null) fields.push([name, float(figure)])
  }
  return line(headOf[measurements.rollup[rollup.size]](rollup.series), fields, rollup.start)
}

/** Reads a row of `time, ...rollupColumns`; figures left over from an earlier computation of an empty window do not count. */
export function rollupOf(series: SensorId, size: Rollup['size'], row: Row): Rollup {
  const [start, end, n, min, mean, max, sum, completeness, irregular] = row
  const figure = (cell: Row[number] | undefined): number | null => (n === 0 ? null : number(cell))
  return {
    series,
    size,
    start: number(start) ?? 0,
    end: number(end) ?? 0,
    n: number(n) ?? 0,
    min: figure(min),
    mean: figure(mean),
    max: figure(max),
    sum: figure(sum),
    completeness: irregular === true ? null : number(completeness),
  }
}

/**
 * `warning`, at the change in **ns**: a fingerprint of the content stands below the millisecond, so that two warnings of one rule at one
 * moment both stay, and the same one written twice is one.
 */
export function warningLine(point: WarningPoint): string {
  const parts = point.series === undefined ? null : parseSensorId(point.series)
  const fields: [string, FieldText][] = [
    ['state', text(point.state)],
    ['message', text(point.message)],
    ['message_zh', text(point.messageZh ?? point.message)],
    ['sim', bool(point.run != null)],
  ]
  if (point.value !== null) fields.push(['value', float(point.value)])
  if (parts) fields.push(['parameter', text(parts.parameter)], ['sensor', text(String(parts.number))])
  if (point.run != null) fields.push(['run', text(point.run)])
  const head = `${measurements.warning}${tag('station', point.station)}${tag('rule', point.rule)}${tag('level', point.level)}`
  return line(head, fields, nanoseconds(point.at, fingerprint(fields)))
}

/** FNV-1a, 32 bit, folded into the nanoseconds of a millisecond. */
function fingerprint(fields: readonly [string, FieldText][]): number {
  let hash = 0x811c9dc5
  for (const [, value] of fields) for (const byte of Buffer.from(value)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash % 1_000_000
}

function nanoseconds(ms: number, below: number): string {
  return String(BigInt(ms) * 1_000_000n + BigInt(below))
}

/** What is written of a text is remembered for the last so many: series and devices come again and again. */
function remembering<Key extends string>(write: (text: Key) => string): (text: Key) => string {
  const known = new Map<Key, string>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const written = write(text)
    if (known.size >= 100_000) known.clear()
    known.set(text, written)
    return written
  }
}

/** Measurement and tags of a series. */
const headOf = Object.fromEntries(
  [measurements.observation, measurements.history, ...Object.values(measurements.rollup)].map((name) => [
    name,
    remembering((series: SensorId) => `${name}${tag('station', tagsOf(series).station)}${parameterAndSensor(series)}`),
  ]),
) as Record<SeriesMeasurement, (series: SensorId) => string>

const deviceText = remembering((device: string) => text(device))

function parameterAndSensor(series: SensorId): string {
  const { parameter, sensor } = tagsOf(series)
  return `${tag('parameter', parameter)}${tag('sensor', sensor)}`
}

export interface SeriesTags {
  station: string
  parameter: string
  sensor: string
}

/** The tags of a series, not encoded. Throws RangeError for an id that is none: ids come from the registry. */
export function tagsOf(series: SensorId): SeriesTags {
  const parts = parseSensorId(series)
  if (!parts) throw new RangeError(`writing series "${series}": an id is station/parameter/number`)
  return { station: parts.station, parameter: parts.parameter, sensor: String(parts.number) }
}

/** The series of the tags of an answer; null for a point of another writer that has not our tags. */
export function seriesOfTags(tags: Readonly<Record<string, string>>): SensorId | null {
  const number = Number(tags['sensor'])
  if (!tags['station'] || !tags['parameter'] || !Number.isInteger(number) || number < 1) return null
  return sensorId(stationId(decodeTag(tags['station'])), parameterKey(decodeTag(tags['parameter'])), number)
}

/** The tag value as it stands in the database, for comparing in a query. */
export const tagInDatabase = encodeTag
