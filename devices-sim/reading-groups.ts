import type { DeviceId } from '../domain/ids.ts'
import type { Device, Network } from '../domain/network.ts'
import type { Reading, ReadingGroup } from '../domain/reading.ts'
import { createVolts, signalAt, statusOf } from './logger/housekeeping.ts'
import type { SimulatedReading } from './world/instruments.ts'
import { keyOf } from './world/random.ts'

/** Turns what instruments show into what their devices send: one group for each device, station and time, in time order. */
export type GroupReadings = (readings: readonly SimulatedReading[]) => Map<DeviceId, ReadingGroup[]>

/**
 * For one network. A device with several stations names the station; one with a channel map uses its own names. Each group carries the
 * battery (V, charged by the sun) and the signal (dBm). Readings of stations that no device serves are left out.
 */
export function createGrouping(network: Network, seed: number): GroupReadings {
  const deviceOf = new Map(network.devices.flatMap((device) => device.stations.map((station) => [station as string, device] as const)))
  const names = new Map(
    network.devices.map((device) => [device.id, new Map([...device.channels].map(([name, series]) => [series as string, name]))]),
  )
  const lonOf = new Map(network.stations.map((station) => [station.id as string, station.location?.lon ?? 0]))
  const volts = new Map<DeviceId, ReturnType<typeof createVolts>>()
  const statusAt = ({ id }: Device, at: number, { station, lon }: { station: string | null; lon: number }): Reading[] => {
    const upkeep = { key: keyOf(id), lon, seed, isSolar: true }
    const battery = volts.get(id) ?? createVolts(upkeep)
    volts.set(id, battery)
    return statusOf(battery(at, 0), signalAt(at, upkeep), station)
  }
  return (readings) => {
    const groups = new Map<DeviceId, ReadingGroup[]>()
    const open = new Map<string, ReadingGroup>()
    for (const { sensor, at, value } of readings) {
      const device = deviceOf.get(sensor.station)
      if (device === undefined || value === null) continue
      const station = device.stations.length > 1 ? sensor.station : null
      const key = `${sensor.station} ${at}`
      const group = open.get(key) ?? begin(at, statusAt(device, at, { station, lon: lonOf.get(sensor.station) ?? 0 }))
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
