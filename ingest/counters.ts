import type { Fleet } from '../domain/fleet.ts'
import { parameterKey, sensorId, type SensorId } from '../domain/ids.ts'
import type { Sensor } from '../domain/network.ts'
import type { Observation } from '../domain/observation.ts'
import { findParameter } from '../domain/parameters.ts'
import { testBit } from '../domain/quality-tests.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { spanOf, type SeriesBook, type SeriesState } from './series-book.ts'
import type { ValidatedRows } from './validate.ts'

/**
 * A fleet with the series of its counters: what a sensor `from: counter` is sent goes as sent into a count series of its own
 * (`rain_accumulated` for rainfall, else the parameter's key with `_count`), and the sensor's series gets the increments.
 */
export interface CountingFleet extends Fleet {
  /** Sensor of increments -> sensor of counts. */
  counts: ReadonlyMap<SensorId, Sensor>
  /** Series of counts -> sensor of increments. */
  increments: ReadonlyMap<SensorId, Sensor>
}

export function withCounts(fleet: Fleet): CountingFleet {
  const sensors = new Map(fleet.sensors)
  const counts = new Map<SensorId, Sensor>()
  const increments = new Map<SensorId, Sensor>()
  for (const sensor of fleet.sensors.values()) {
    if (sensor.from !== 'counter' || sensor.parameter.direction === 'counter') continue
    const own = countSensor(sensor)
    const count = sensors.get(own.id) ?? own
    sensors.set(count.id, count)
    counts.set(sensor.id, count)
    increments.set(count.id, sensor)
  }
  return { ...fleet, sensors, counts, increments }
}

function countSensor(sensor: Sensor): Sensor {
  const key = sensor.parameter.key === 'rainfall' ? 'rain_accumulated' : `${sensor.parameter.key}_count`
  const parameter = findParameter(key) ?? { ...sensor.parameter, key: parameterKey(key), grossRange: { min: 0, max: null } }
  const range = { fail: null, suspect: null }
  return { ...sensor, id: sensorId(sensor.station, parameter.key, sensor.number), parameter, from: 'value', stages: new Map(), range }
}

/**
 * The increment between two counts: their difference times `perTip`. A fall is a roll-over when a modulus is known and the count before
 * was above 0.9 of it, else a reset, after which the count itself is the increment. The first count of a series brings 0.
 */
export function increment(before: number | null, count: number, { perTip, modulus }: Pick<Sensor, 'perTip' | 'modulus'>): number {
  const each = perTip ?? 1
  if (before === null) return 0
  if (count >= before) return (count - before) * each
  return modulus !== null && before > 0.9 * modulus ? (count - before + modulus) * each : count * each
}

/** Rows of increments that the counts of a batch bring or change; unchanged ones are among them. Rejects with StoreUnavailable. */
export type Derive = (rows: readonly StoredRow[]) => Promise<ValidatedRows>

/** How far back the count before an inserted one is looked for. */
const lookbackMs = 7 * 86_400_000
const late = testBit('late')

/** @param fleet the fleet of the batch */
export function createDerive(book: SeriesBook, fleet: () => CountingFleet): Derive {
  return async (rows) => {
    const derived: ValidatedRows = { rows: [], clocks: [] }
    const { increments } = fleet()
    if (increments.size === 0) return derived
    const disordered: Counted[] = []
    for (const counted of countedSeries(rows, increments, book)) {
      const { state, rows: own } = counted
      const inOrder = own.every((row) => row.arrival === 'next') && state.last?.value !== null
      if (inOrder) add(counted, state.last === null ? [] : [state.last], derived)
      else disordered.push(counted)
    }
    const spans = disordered.map(({ state, rows: own }) => {
      const from = Math.min(...own.map((row) => row.observedAt))
      return spanOf(state.sensor, from - lookbackMs, state.newest + 1)
    })
    const waiting = new Map(disordered.map((counted) => [counted.state.sensor.id, counted]))
    await book.read(spans, { withLate: true }, (series, stored) => {
      const counted = waiting.get(series)
      if (counted !== undefined) add(counted, stored, derived)
      waiting.delete(series)
    })
    for (const counted of waiting.values()) add(counted, [], derived)
    return derived
  }
}

/** The counts of one series in a batch. */
interface Counted {
  state: SeriesState
  /** The sensor that gets the increments. */
  sensor: Sensor
  rows: StoredRow[]
}

function countedSeries(rows: readonly StoredRow[], increments: ReadonlyMap<SensorId, Sensor>, book: SeriesBook): Counted[] {
  const found = new Map<SensorId, Counted>()
  for (const row of rows) {
    const sensor = increments.get(row.series)
    const state = sensor === undefined ? undefined : book.get(row.series)
    if (sensor === undefined || state === undefined) continue
    const counted = found.get(row.series)
    if (counted === undefined) found.set(row.series, { state, sensor, rows: [row] })
    else counted.rows.push(row)
  }
  return [...found.values()]
}

/** The increments at the batch's counts, and at the first count after each: it has a new one before it. */
function add({ sensor, rows }: Counted, stored: readonly Observation[], derived: ValidatedRows): void {
  const fresh = new Map(rows.map((row) => [row.observedAt, row]))
  const all: Observation[] = [...stored.filter((row) => !fresh.has(row.observedAt)), ...fresh.values()]
  all.sort((a, b) => a.observedAt - b.observedAt)
  let before: number | null = null
  /** The last count of the batch whose follower has not been seen. */
  let cause: StoredRow | null = null
  for (const { observedAt, value } of all) {
    cause = fresh.get(observedAt) ?? cause
    if (cause !== null) {
      const given = value === null ? null : increment(before, value, sensor)
      const [flag, tests] = [value === null ? 9 : 2, cause.tests & ~late] as const
      derived.rows.push({ ...cause, series: sensor.id, observedAt, value: given, flag, tests, arrival: 'next' })
      // What a late count brings or changes is late as well.
      derived.clocks.push((cause.tests & late) === 0 ? observedAt : Infinity)
    }
    if (value === null) continue
    before = value
    if (!fresh.has(observedAt)) cause = null
  }
}
