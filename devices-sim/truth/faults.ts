import type { Network } from '../../domain/network.ts'
import { faultKinds, ordersFor, ordersForSensor, type FaultOrder, type FaultWindow } from '../faults/fault.ts'
import { appearing, faultsAt, neverAny, type PlaceFaults } from '../faults/schedule.ts'
import { systemExpects, type SystemFault } from '../faults/system.ts'
import type { TruthFault } from './truth.ts'

/** A place that can have faults, as the truth names it. */
interface Watched {
  faults: PlaceFaults
  place: Pick<TruthFault, 'device' | 'station' | 'parameter'>
}

export interface FaultParts {
  network: Network
  /** Of instruments, of everything else. */
  instruments: readonly FaultOrder[]
  devices: readonly FaultOrder[]
  /** Of the system under test. */
  system: readonly SystemFault[]
  seed: number
  /** First moment of the simulation. */
  startAt: number
}

/** Tells of every fault as it begins: those in (from, to], at first also those that are open at the start, in the order of their beginning. */
export function createFaultWatch(parts: FaultParts): (from: number, to: number) => TruthFault[] {
  const { network, instruments, devices, system, seed, startAt } = parts
  const stations = new Map(network.stations.map((station) => [station.id, station]))
  const watched = network.devices.flatMap((one): Watched[] => {
    const {
      id: device,
      stations: [id],
    } = one
    const station = id === undefined ? undefined : stations.get(id)
    if (station === undefined) return []
    const own = { faults: faultsAt(ordersFor(one, devices), station.id, seed), place: { device, station: null, parameter: null } }
    const series = station.sensors.map((sensor) => ({
      faults: faultsAt(ordersForSensor(sensor, instruments), `${station.id}/${sensor.parameter.key}`, seed),
      place: { device, station: station.id, parameter: sensor.parameter.key },
    }))
    return [own, ...series].filter(({ faults }) => faults !== neverAny)
  })
  return (from, to) =>
    [
      ...watched.flatMap(({ faults, place }) => appearing(faults, { from, to, startAt }).map((window) => faultLine(window, place))),
      ...system.filter((fault) => from < fault.from && fault.from <= to).map(systemLine),
    ].sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
}

const faultLine = ({ id, type, from, to }: FaultWindow, place: Watched['place']): TruthFault => ({
  ...{ kind: 'fault', id, type, ...place, from, to },
  expects: faultKinds[type].expects,
})

/** Nobody's in particular: `device` is `*`. */
const systemLine = ({ id, type, from, to }: SystemFault): TruthFault => ({
  ...{ kind: 'fault', id, type, device: '*', station: null, parameter: null, from, to },
  expects: systemExpects,
})
