import type { Fleet } from '../../domain/fleet.ts'
import type { TelemetryStore } from '../../store/ports/telemetry.ts'
import { fullHour, hourMs, type RunClock } from '../clocks.ts'
import type { WatchContext } from '../slot.ts'
import { daysOf, DirtyHours, hoursOf, rollUp, type RollupOrder } from './rollups.ts'
import { judgeTrends, type TrendSubject } from './trend-warnings.ts'

export interface HourlyParts {
  telemetry: TelemetryStore
  /** How long after the full hour readings on their way are waited for, ms. */
  graceMs: number
  /** Touched hours that may wait. */
  mostDirty: number
}

/** The jobs of the full hour, for each run by its own clock. What they do depends on the hour and the store only. */
export interface Hourly {
  /** A stored reading of an hour that may have been summed up already. */
  touch(clock: RunClock, row: { series: Parameters<DirtyHours['add']>[0]; observedAt: number }): void
  dirty: DirtyHours
  /** The full hour that a clock has reached, when its jobs are due; null when they are not. */
  due(clock: RunClock): number | null
  /** Runs the jobs of a clock up to its hour. Rejects with StoreUnavailable: they stay due. */
  run(context: WatchContext, fleet: Fleet, clock: RunClock, trends: readonly TrendSubject[]): Promise<void>
}

/** Roll-ups written in one call. */
const rollupsAtOnce = 20_000

export function createHourly({ telemetry, graceMs, mostDirty }: HourlyParts): Hourly {
  const dirty = new DirtyHours()
  const reached = (clock: RunClock): number => fullHour(clock.at - graceMs)
  const due = (clock: RunClock): number | null => {
    if (clock.hour === null || clock.at === -Infinity) return null
    return reached(clock) > clock.hour || dirty.size > mostDirty ? Math.max(reached(clock), clock.hour) : null
  }

  async function put(orders: readonly RollupOrder[]): Promise<void> {
    for (const order of orders) {
      const rollups = await rollUp(telemetry, order)
      for (let first = 0; first < rollups.length; first += rollupsAtOnce)
        await telemetry.putRollups(rollups.slice(first, first + rollupsAtOnce))
    }
  }

  return {
    dirty,
    due,
    touch(clock, row) {
      if (clock.hour === null) clock.hour = fullHour(row.observedAt)
      else if (row.observedAt < clock.hour) dirty.add(row.series, row.observedAt)
    },
    async run(context, fleet, clock, trends) {
      const to = due(clock)
      const from = clock.hour
      if (to === null || from === null) return
      const networks = fleet.networks.filter((network) => network.run === clock.run)
      for (const network of networks) {
        await put([...hoursOf(network, from, to), ...daysOf(network, from, to)])
        await put(dirty.orders(network, to))
        for (const sensor of network.stations.flatMap((station) => station.sensors)) dirty.forget(sensor.id)
      }
      const hours = Array.from({ length: (to - from) / hourMs }, (_, i) => from + (i + 1) * hourMs)
      await judgeTrends(context, telemetry, trends, hours)
      clock.hour = to
    },
  }
}
