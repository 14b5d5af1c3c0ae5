import { deviceId, parseSensorId, sensorId, stationId, type RunId, type SensorId } from './ids.ts'
import type { LooseDevice } from './network-schema.ts'
import type { Device, Hj212Settings, Sl651Settings, Station, Szy206Settings } from './network.ts'
import { hint } from './nearest.ts'
import type { Problems } from './problems.ts'
import { findOrReport } from './network-stations.ts'
import { isTimeZone } from './time-zone.ts'
import { converter } from './units.ts'

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
    const protocol = file.protocol ?? 'mqtt'
    const units = readUnits(file, path, problems)
    const addresses = readAddresses(file, protocol, path, problems)
    const hj212 = readHj212(file, protocol, path, problems)
    const sl651 = readSl651(file, protocol, path, problems)
    const szy206 = readSzy206(file, protocol, path, problems)
    const wire = { protocol, addresses, hj212, sl651, szy206 }
    const { stationPrefix } = file
    const known = { id: deviceId(id), stations: served.map(stationId), ...(stationPrefix && { stationPrefix }) }
    return [{ ...known, channels, clock, units, ...wire, ...owner }]
  })
}

/** What only makes sense for a device of a field protocol. */
function onlyInField(name: string, protocol: Device['protocol'], path: string, problems: Problems): void {
  if (protocol !== 'mqtt') return
  problems.add(`${path}.${name}`, () => `${name} is for devices of a field protocol; over MQTT leave it out, or write protocol: hj212`)
}

function readUnits(file: LooseDevice, path: string, problems: Problems): Device['units'] {
  const units = new Map<string, string>()
  for (const [key, unit] of Object.entries(file.units ?? {})) {
    const place = `${path}.units.${key}`
    const parameter = findOrReport(key, place, problems)
    if (parameter === null || unit === undefined) continue
    const turn = converter(unit, parameter.unit, parameter)
    if (typeof turn !== 'function') problems.add(place, () => turn.detail)
    units.set(key, unit)
  }
  return units
}

const addressShape = /^(?:\d{1,3}(?:\.\d{1,3}){3}(?:\/(?:\d|[12]\d|3[0-2]))?|[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:\/\d{1,3})?)$/

function readAddresses(file: LooseDevice, protocol: Device['protocol'], path: string, problems: Problems): string[] {
  if (file.addresses !== undefined) onlyInField('addresses', protocol, path, problems)
  const addresses = (file.addresses ?? []).filter((address) => address !== undefined)
  for (const [place, address] of addresses.entries()) {
    if (!addressShape.test(address))
      problems.add(`${path}.addresses[${place}]`, () => `"${address}" is neither an address nor a network such as 10.1.0.0/16`)
  }
  return addresses
}

function readHj212(file: LooseDevice, protocol: Device['protocol'], path: string, problems: Problems): Hj212Settings | null {
  const { hj212 } = file
  if (protocol !== 'hj212') {
    if (hj212 !== undefined) problems.add(`${path}.hj212`, () => 'these settings need protocol: hj212')
    return null
  }
  if (hj212?.mn === undefined) problems.add(`${path}.hj212`, () => 'a device of HJ 212 needs the MN of its frames: hj212: { mn: … }')
  return { mn: hj212?.mn ?? '', crc: hj212?.crc ?? 'hj212', sm4: hj212?.sm4 ?? null }
}

function readSl651(file: LooseDevice, protocol: Device['protocol'], path: string, problems: Problems): Sl651Settings | null {
  const { sl651 } = file
  if (protocol !== 'sl651') {
    if (sl651 !== undefined) problems.add(`${path}.sl651`, () => 'these settings need protocol: sl651')
    return null
  }
  if (sl651?.address === undefined)
    problems.add(`${path}.sl651`, () => 'a device of SL 651 needs the station address of its frames: sl651: { address: "0012345678" }')
  const { mode = 'M2', stayOnline = false, levelBase = null, periodQuery = null, settings = false } = sl651 ?? {}
  return { address: (sl651?.address ?? '').toUpperCase(), mode, stayOnline, levelBase, periodQuery, settings }
}

function readSzy206(file: LooseDevice, protocol: Device['protocol'], path: string, problems: Problems): Szy206Settings | null {
  const { szy206 } = file
  if (protocol !== 'szy206') {
    if (szy206 !== undefined) problems.add(`${path}.szy206`, () => 'these settings need protocol: szy206')
    return null
  }
  if (szy206?.address === undefined)
    problems.add(`${path}.szy206`, () => 'a device of SZY 206 needs the station address of its frames: szy206: { address: "4406070001" }')
  if ((file.addresses ?? []).length === 0)
    problems.add(
      `${path}.addresses`,
      () => 'frames of SZY 206 carry no password: name the addresses it may speak from, such as 10.1.0.0/16',
    )
  const { confirm = null, levelDecimals = null, missingAA = false } = szy206 ?? {}
  return { address: (szy206?.address ?? '').toUpperCase(), confirm, levelDecimals, missingAA }
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
