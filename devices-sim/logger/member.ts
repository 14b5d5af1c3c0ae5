import type { Device, Station, StationKind } from '../../domain/network.ts'
import type { Position } from '../../domain/reading.ts'
import { ordersFor, type FaultOrder } from '../faults/fault.ts'
import { faultsAt, type PlaceFaults } from '../faults/schedule.ts'
import { withoutServer, type SystemFault } from '../faults/system.ts'
import { spanMs, type Scenario } from '../scenarios/scenario.ts'
import type { Catchment } from '../world/catchment.ts'
import { cellVolts } from '../world/flight.ts'
import type { CatchmentModel } from '../world/model.ts'
import { keyOf } from '../world/random.ts'
import { wayAlong } from '../world/route.ts'
import { fieldFirmwareOf } from './field-firmware.ts'
import { firmwareOf, plainFirmware } from './firmware.ts'
import { createVolts, signalAt, statusOf, tryingMs } from './housekeeping.ts'
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
  stations: ReadonlyMap<string, Station>
  model: CatchmentModel
  scenario: Scenario
  faults: readonly FaultOrder[]
  /** Of the server that it sends to. */
  system: readonly SystemFault[]
  seed: number
  catchment: Pick<Catchment, 'flights' | 'rains'>
}

/** A week of a five-minute gauge. */
const usualMemory = 2_016

/** Stations with mains; the others live on a panel. */
const onMains: readonly StationKind[] = ['outfall', 'abstraction', 'air', 'noise', 'radiation', 'hazard']

export function createMember(device: Device, parts: MemberParts): Member {
  const { stations, scenario, faults: orders, system, seed, catchment } = parts
  const id = device.stations[0] ?? ''
  const station = stations.get(id)
  const { jitter, sendEvery, byException = false, memory = usualMemory, firmwares = false } = scenario.devices ?? {}
  const platform = platformOf(id, parts)
  const faults = faultsAt(ordersFor(device, orders), id, seed)
  const isSolar = station !== undefined && !onMains.includes(station.kind)
  const rain = catchment.rains.get(id)
  const upkeep = { key: keyOf(id), lon: station?.location?.lon ?? 0, seed, isSolar, ...(rain && { rain }) }
  const volts = createVolts(upkeep)
  const logger = createLogger({
    device: device.id,
    habits: { jitterMs: spanMs(jitter), sendEveryMs: spanMs(sendEvery), byException, memory },
    // only the plain one has a word for a position
    firmware: fieldFirmwareOf(device) ?? (firmwares && platform === null ? firmwareOf(id, seed) : plainFirmware),
    ...{ faults: withoutServer(faults, system, device.id, seed), seed },
    housekeeping: (at, drained) => statusOf(platform?.volts?.(at) ?? volts(at, drained), signalAt(at, upkeep)),
    tryingMs: (at) => tryingMs(at, upkeep),
    position: (at) => platform?.position(at) ?? null,
  })
  return { device, station: id, logger, faults }
}

/** What moves. */
interface Platform {
  position: (at: number) => Position | null
  /** Of its own battery; left out: it has one like all others. */
  volts?: (at: number) => number
}

function platformOf(id: string, { stations, model, catchment }: MemberParts): Platform | null {
  const { route, flights } = model.get(id) ?? {}
  const [a, b] = ((route ?? flights)?.between ?? []).map((end) => stations.get(end)?.location)
  if (!a || !b) return null
  const between = (from: number, to: number, part: number): number => Math.round((from + (to - from) * part) * 1e5) / 1e5
  const over = (part: number): [number, number] => [between(a.lon, b.lon, part), between(a.lat, b.lat, part)]
  if (route !== undefined) return { position: (at) => over(wayAlong(route, at)) }
  const flight = catchment.flights.get(id)
  return {
    position(at) {
      const place = flight?.(at)
      return place ? [...over(place.part), Math.round((flights?.groundM ?? 0) + place.heightM)] : null
    },
    volts: (at) => cellVolts(flight?.(at)?.charge ?? 1),
  }
}
