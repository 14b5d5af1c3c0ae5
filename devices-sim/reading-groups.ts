import type { DeviceId } from '../domain/ids.ts'
import type { Device, Network } from '../domain/network.ts'
import type { Reading, ReadingGroup } from '../domain/reading.ts'
import type { SimulatedReading } from './world/instruments.ts'
import { keyOf, wander } from './world/random.ts'
import { daily } from './world/sewage.ts'

/** Turns what instruments show into what their devices send: one group for each device, station and time, in time order. */
export type GroupReadings = (readings: readonly SimulatedReading[]) => Map<DeviceId, ReadingGroup[]>

/**
 * For one network. A device with several stations names the station; one with a channel map uses its own names. Each group carries the
 * battery (V, higher by day) and the signal (dBm). Readings of stations that no device serves are left out.
 */
export function createGrouping(network: Network, seed: number): GroupReadings {
  const deviceOf = new Map(network.devices.flatMap((device) => device.stations.map((station) => [station as string, device] as const)))
  const names = new Map(
    network.devices.map((device) => [device.id, new Map([...device.channels].map(([name, series]) => [series as string, name]))]),
  )
  const lonOf = new Map(network.stations.map((station) => [station.id as string, station.location?.lon ?? 0]))
  return (readings) => {
    const groups = new Map<DeviceId, ReadingGroup[]>()
    const open = new Map<string, ReadingGroup>()
    for (const { sensor, at, value } of readings) {
      const device = deviceOf.get(sensor.station)
      if (device === undefined || value === null) continue
      const station = device.stations.length > 1 ? sensor.station : null
      const key = `${sensor.station} ${at}`
      const group = open.get(key) ?? begin(at, housekeeping(device, at, { station, lon: lonOf.get(sensor.station) ?? 0, seed }))
      if (group.readings.length === 0) {
        open.set(key, group)
        groups.set(device.id, [...(groups.get(device.id) ?? []), group])
      }
      const channel = names.get(device.id)?.get(sensor.id)
      const number = channel === undefined && sensor.number !== 1 ? sensor.number : null
      group.readings.push(reading(channel ?? sensor.parameter.key, station, value, number))
    }
    return groups
  }
}

const begin = (at: number, own: Reading[]): ReadingGroup => ({ at, seq: null, position: null, readings: [], housekeeping: own })

const reading = (name: string, station: string | null, value: number, number: number | null = null): Reading => ({
  ...{ name, number, station, value },
  unit: null,
  sourceQuality: null,
})

/**
 * What a device says of itself: a battery that the sun charges (V), and a radio's signal (dBm).
 * @param drained how far it is on its way to be empty, 0..1
 */
export function housekeeping({ id }: Device, at: number, { station, lon, seed }: Surroundings, drained = 0): Reading[] {
  const key = keyOf(id)
  const battery = 12.9 - 2.3 * drained + 0.35 * (1 - drained) * daily(at, lon, 14) + 0.1 * wander(at, 86_400_000, seed, key)
  const signal = -72 - (key & 15) + 2 * wander(at, 3_600_000, seed, key)
  return [reading('battery', station, Math.round(battery * 100) / 100), reading('signal', station, Math.round(signal))]
}

interface Surroundings {
  /** As the device names it. */
  station: string | null
  lon: number
  seed: number
}
