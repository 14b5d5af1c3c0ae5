import type { ClockReport } from '../../domain/clock-health.ts'
import type { Fleet } from '../../domain/fleet.ts'
import type { Device } from '../../domain/network.ts'
import type { DeviceCount } from '../../store/ports/ledger.ts'
import type { DeviceNote, DeviceState, ValueCounts } from '../schemas/device.ts'
import { quietIntervals } from './series.ts'

export const nothing: ValueCounts = { received: 0, stored: 0, versions: 0, duplicate: 0, quarantined: 0, late: 0 }

export function sum(a: ValueCounts, b: ValueCounts): ValueCounts {
  return {
    received: a.received + b.received,
    stored: a.stored + b.stored,
    versions: a.versions + b.versions,
    duplicate: a.duplicate + b.duplicate,
    quarantined: a.quarantined + b.quarantined,
    late: a.late + b.late,
  }
}

export function countsOf(count: DeviceCount | undefined): ValueCounts {
  const { received, stored, versions, duplicate, quarantined, late } = count ?? nothing
  return { received, stored, versions, duplicate, quarantined, late }
}

/**
 * Whether a device is heard of, at `now`, the clock of its run. Silent: nothing came for three intervals of the slowest regular sensor of
 * its stations; one without such a sensor is never silent.
 */
export function stateOf({ stations }: Device, count: DeviceCount | undefined, fleet: Fleet, now: number): DeviceState {
  if (count === undefined || count.lastReceivedAt === 0) return 'never'
  const intervals = stations.flatMap((id) => fleet.stations.get(id)?.sensors.flatMap(({ everyMs }) => everyMs ?? []) ?? [])
  return intervals.length > 0 && now - count.lastReceivedAt > quietIntervals * Math.max(...intervals) ? 'silent' : 'reporting'
}

/** Whether a text, in small letters, stands in the id of a device, or in the id or a name of one of its stations. */
export function isNamed({ id, stations }: Device, wanted: string, fleet: Fleet): boolean {
  const names = stations.flatMap((station) => [station, ...Object.values(fleet.stations.get(station)?.name ?? {})])
  return [id, ...names].some((name) => name.toLowerCase().includes(wanted))
}

type Known = 'id' | 'protocol' | 'network' | 'stations' | 'run' | 'simulated' | 'lastReceivedAt' | 'counts' | 'clock'

export function deviceNote(device: Device, count: DeviceCount | undefined, clock: ClockReport | undefined): Pick<DeviceNote, Known> {
  const { id, protocol, network, stations, run } = device
  return {
    ...{ id, protocol, network, run },
    stations: [...stations],
    simulated: run !== null,
    lastReceivedAt: count?.lastReceivedAt ?? null,
    counts: countsOf(count),
    clock: clock ? clockMark(clock) : null,
  }
}

function clockMark({ state, offsetMs, driftMsPerDay, likelyZone, says }: ClockReport): DeviceNote['clock'] {
  return { state, offsetMs, driftMsPerDay, likelyZone, says }
}
