import { deviceId, parseSensorId, sensorId, stationId, type RunId, type SensorId } from './ids.ts'
import type { LooseDevice } from './network-schema.ts'
import type { Device, Station } from './network.ts'
import { hint } from './nearest.ts'
import type { Problems } from './problems.ts'
import { isTimeZone } from './time-zone.ts'

/** What the devices of one network share. */
interface DeviceOwner {
  network: string
  run: RunId | null
}

/** Devices of a file as the model has them; what is wrong goes to `problems`. */
export function buildDevices(
  files: readonly (LooseDevice | undefined)[],
  stations: readonly Station[],
  owner: DeviceOwner,
  problems: Problems,
): Device[] {
  const series = new Set<string>(stations.flatMap((station) => station.sensors.map((sensor) => sensor.id)))
  const ids = new Set<string>(stations.map((station) => station.id))
  const seen = new Set<string>()
  return files.flatMap((file, place): Device[] => {
    const path = `devices[${place}]`
    const id = file?.id
    if (file === undefined || id === undefined) return []
    if (seen.has(id)) problems.add(`${path}.id`, () => `device ${id} stands in the file twice; ids are unique`)
    seen.add(id)
    const zone = file.clock?.zone ?? null
    if (zone !== null && !isTimeZone(zone))
      problems.add(
        `${path}.clock.zone`,
        () => `"${zone}" is not a time zone; use an IANA name such as Asia/Shanghai, or an offset such as +08:00`,
      )
    const served = readStations(file, ids, path, problems)
    const channels = readChannels(file, served, series, path, problems)
    const clock = { zone, none: file.clock?.none ?? false }
    return [{ id: deviceId(id), protocol: file.protocol ?? 'mqtt', stations: served.map(stationId), channels, clock, ...owner }]
  })
}

function readStations(file: LooseDevice, ids: ReadonlySet<string>, path: string, problems: Problems): string[] {
  const served = (file.stations ?? []).filter((station) => station !== undefined)
  for (const [place, station] of served.entries()) {
    if (!ids.has(station))
      problems.add(`${path}.stations[${place}]`, () => `there is no station "${station}" in this network${hint(station, ids)}`)
  }
  return served
}

function readChannels(
  file: LooseDevice,
  served: readonly string[],
  series: ReadonlySet<string>,
  path: string,
  problems: Problems,
): ReadonlyMap<string, SensorId> {
  const channels = new Map<string, SensorId>()
  for (const [name, target] of Object.entries(file.channels ?? {})) {
    if (target === undefined) continue
    const place = `${path}.channels.${name}`
    const parts = parseSensorId(target)
    const id = parts === null ? null : sensorId(parts.station, parts.parameter, parts.number)
    if (parts === null || id === null)
      problems.add(place, () => `"${target}" is not a series; write station/parameter or station/parameter/number`)
    else if (!series.has(id)) problems.add(place, () => `there is no series "${target}" in this network${hint(id, series)}`)
    else if (!served.includes(parts.station))
      problems.add(place, () => `the device does not serve station ${parts.station}; add it to its stations`)
    else channels.set(name, id)
  }
  return channels
}
