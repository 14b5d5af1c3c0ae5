import type { Device, Network } from '../../domain/network.ts'
import type { Position } from '../../domain/reading.ts'
import { ordersFor, type FaultOrder } from '../faults/fault.ts'
import { faultsAt, type PlaceFaults } from '../faults/schedule.ts'
import { withoutServer, type SystemFault } from '../faults/system.ts'
import { housekeeping } from '../reading-groups.ts'
import { spanMs, type Scenario } from '../scenarios/scenario.ts'
import type { CatchmentModel } from '../world/model.ts'
import { wayAlong, type Route } from '../world/route.ts'
import { fieldFirmwareOf } from './field-firmware.ts'
import { firmwareOf, plainFirmware } from './firmware.ts'
import { createLogger, type Logger } from './logger.ts'

/** One device of a made basin, with its one station. */
export interface Member {
  device: Device
  station: string
  logger: Logger
  /** Of its clock, its wire and its line. */
  faults: PlaceFaults
}

export interface MemberParts {
  network: Network
  model: CatchmentModel
  scenario: Scenario
  faults: readonly FaultOrder[]
  /** Of the server that it sends to. */
  system: readonly SystemFault[]
  seed: number
}

/** A week of a five-minute gauge. */
const usualMemory = 2_016

export function createMember(device: Device, { network, model, scenario, faults: orders, system, seed }: MemberParts): Member {
  const station = device.stations[0] ?? ''
  const { jitter, sendEvery, byException = false, memory = usualMemory, firmwares = false } = scenario.devices ?? {}
  const route = model.get(station)?.route
  const faults = faultsAt(ordersFor(device, orders), station, seed)
  const lon = network.stations.find(({ id }) => id === station)?.location?.lon ?? 0
  const logger = createLogger({
    device: device.id,
    habits: { jitterMs: spanMs(jitter), sendEveryMs: spanMs(sendEvery), byException, memory },
    // only the plain one has a word for a position
    firmware: fieldFirmwareOf(device) ?? (firmwares && route === undefined ? firmwareOf(station, seed) : plainFirmware),
    ...{ faults: withoutServer(faults, system, device.id, seed), seed },
    housekeeping: (at, drained) => housekeeping(device, at, { station: null, lon, seed }, drained),
    position: (at) => (route === undefined ? null : positionOn(route, network, at)),
  })
  return { device, station, logger, faults }
}

function positionOn(route: Route, { stations }: Network, at: number): Position | null {
  const [a, b] = route.between.map((end) => stations.find(({ id }) => id === end)?.location)
  if (!a || !b) return null
  const part = wayAlong(route, at)
  const between = (from: number, to: number): number => Math.round((from + (to - from) * part) * 1e5) / 1e5
  return [between(a.lon, b.lon), between(a.lat, b.lat)]
}
