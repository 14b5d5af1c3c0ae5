import type { SensorId } from '../../domain/ids.ts'
import type { Network, Sensor } from '../../domain/network.ts'
import { dayEnd, dayStart } from '../../domain/time.ts'
import type { Rollup, TelemetryStore, Window } from '../../store/ports/telemetry.ts'
import { fullHour, hourMs } from '../clocks.ts'

/** Windows of one length to be summed up for some series. */
export interface RollupOrder {
  size: Rollup['size']
  start: number
  end: number
  /** Windows lie end to end from `start`; the last one ends at `end`. */
  windowMs: number
  sensors: readonly Sensor[]
  /** Windows without a trusted reading: kept with n 0 (completeness counts them), or left out. */
  withEmpty: boolean
}

const figures = ['min', 'mean', 'max', 'sum'] as const

/**
 * Sums up windows of stored readings with flags 1 and 2: min, mean, max, sum, n and completeness = n / readings due in the window (null
 * for an irregular series, 1 at most). A pure function of what is stored: made again, it gives the same. One query.
 */
export async function rollUp(telemetry: Pick<TelemetryStore, 'windows'>, order: RollupOrder): Promise<Rollup[]> {
  const { start, end, windowMs, sensors } = order
  const found = await telemetry.windows({
    series: sensors.map((sensor) => sensor.id),
    from: start,
    to: end,
    everyMs: windowMs,
    offsetMs: start % windowMs,
    aggregates: figures,
  })
  const bySeries = new Map<SensorId, Map<number, Window>>()
  for (const window of found) {
    const known = bySeries.get(window.series) ?? new Map<number, Window>()
    bySeries.set(window.series, known.set(window.start, window))
  }
  const rollups: Rollup[] = []
  for (const sensor of sensors)
    for (let at = start; at < end; at += windowMs) {
      const window = bySeries.get(sensor.id)?.get(at)
      if (window !== undefined || (order.withEmpty && sensor.everyMs !== null)) rollups.push(rollupOf(order, sensor, at, window))
    }
  return rollups
}

function rollupOf({ size, windowMs }: RollupOrder, sensor: Sensor, start: number, window: Window | undefined): Rollup {
  const n = window?.n ?? 0
  return {
    series: sensor.id,
    size,
    start,
    end: start + windowMs,
    n,
    min: window?.min ?? null,
    mean: window?.mean ?? null,
    max: window?.max ?? null,
    sum: window?.sum ?? null,
    completeness: sensor.everyMs === null ? null : Math.min(1, n / Math.max(1, Math.round(windowMs / sensor.everyMs))),
  }
}

/** Hours of one query at most: a thousand series then give 48,000 windows. */
const mostHours = 48

/** The hours [from, to) of all series of a network. After a long stretch without a clock only hours with readings are kept. */
export function hoursOf(network: Network, from: number, to: number): RollupOrder[] {
  const sensors = network.stations.flatMap((station) => station.sensors)
  const orders: RollupOrder[] = []
  for (let start = from; start < to; start += mostHours * hourMs) {
    const end = Math.min(to, start + mostHours * hourMs)
    orders.push({ size: '1h', start, end, windowMs: hourMs, sensors, withEmpty: to - from <= mostHours * hourMs })
  }
  return orders
}

/** The network's days that end in (from, to]; each has its own length where clocks change. */
export function daysOf(network: Network, from: number, to: number): RollupOrder[] {
  const sensors = network.stations.flatMap((station) => station.sensors)
  const orders: RollupOrder[] = []
  const { timeZone, dayStartsAtMinutes } = network
  for (let start = dayStart(from, timeZone, dayStartsAtMinutes); ;) {
    const end = dayEnd(start, timeZone, dayStartsAtMinutes)
    if (end > to) return orders
    if (end > from) orders.push({ size: '1d', start, end, windowMs: end - start, sensors, withEmpty: to - from <= mostHours * hourMs })
    start = end
  }
}

/** Hours of series that were touched after they had been summed up. */
export class DirtyHours {
  private readonly hours = new Map<SensorId, Set<number>>()
  size = 0

  add(series: SensorId, at: number): void {
    const hour = fullHour(at)
    let known = this.hours.get(series)
    if (known === undefined) this.hours.set(series, (known = new Set()))
    if (known.has(hour)) return
    known.add(hour)
    this.size += 1
  }

  /** Keeps only what these series are about. */
  keepOnly(series: { has(series: SensorId): boolean }): void {
    for (const known of [...this.hours.keys()]) if (!series.has(known)) this.forget(known)
  }

  /** As pairs, for a checkpoint. */
  entries(): [SensorId, number[]][] {
    return [...this.hours].map(([series, hours]) => [series, [...hours]])
  }

  /** These have been summed up again. */
  forget(series: SensorId): void {
    this.size -= this.hours.get(series)?.size ?? 0
    this.hours.delete(series)
  }

  /** What is to be summed up again in a network: hours by civil day, and the days themselves that are over by `until`. */
  orders(network: Network, until: number): RollupOrder[] {
    const { timeZone, dayStartsAtMinutes } = network
    const days = new Map<number, { sensors: Set<Sensor>; first: number; last: number }>()
    const touch = (at: number, sensor: Sensor, hour: number): void => {
      const start = dayStart(at, timeZone, dayStartsAtMinutes)
      const day = days.get(start) ?? { sensors: new Set(), first: Infinity, last: -Infinity }
      days.set(start, { sensors: day.sensors.add(sensor), first: Math.min(day.first, hour), last: Math.max(day.last, hour) })
    }
    for (const sensor of network.stations.flatMap((station) => station.sensors))
      for (const hour of this.hours.get(sensor.id) ?? []) {
        touch(hour, sensor, hour)
        touch(hour + hourMs - 1, sensor, hour) // where days begin at half past, an hour lies in two
      }
    return [...days].flatMap(([start, { sensors, first, last }]) => ordersOfDay(start, [...sensors], { first, last, until }))

    function ordersOfDay(
      start: number,
      sensors: Sensor[],
      { first, last, until }: Record<'first' | 'last' | 'until', number>,
    ): RollupOrder[] {
      const end = dayEnd(start, timeZone, dayStartsAtMinutes)
      const hours = { size: '1h' as const, start: first, end: last + hourMs, windowMs: hourMs, sensors, withEmpty: true }
      return end > until ? [hours] : [hours, { size: '1d' as const, start, end, windowMs: end - start, sensors, withEmpty: true }]
    }
  }
}
