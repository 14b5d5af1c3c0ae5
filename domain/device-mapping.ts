import { NetworkInvalid } from './errors.ts'
import { buildDevices } from './network-devices.ts'
import type { Device, Network } from './network.ts'
import { collectProblems } from './problems.ts'

/** How a device's words are read, where a person set it right. What its network file declares wins. */
export interface DeviceMapping {
  /** Its own names -> station/parameter or station/parameter/number. */
  channels?: Record<string, string>
  /** Parameter -> unit in which it sends it (UCUM), whatever it writes. */
  units?: Record<string, string>
  /** Zone of times that it writes without an offset. */
  zone?: string
  /** It may send no time at all. */
  noTime?: boolean
}

/** A mapping as it was set; the newest one holds, an empty one takes everything back. */
export interface MappingVersion {
  device: string
  /** Counts from 1. */
  version: number
  at: number
  by: string
  reason: string
  mapping: DeviceMapping
}

/** The device with a mapping under what its network declares. Throws NetworkInvalid with every mistake of the mapping. */
export function withMapping(device: Device, { stations, id, run }: Network, mapping: DeviceMapping): Device {
  const problems = collectProblems([])
  const clock = { ...(mapping.zone !== undefined && { zone: mapping.zone }), none: mapping.noTime ?? false }
  const { channels = {}, units = {} } = mapping
  const asked = { id: device.id, protocol: 'mqtt' as const, stations: [...device.stations], channels, units, clock }
  const [made] = buildDevices([asked], stations, { network: id, run }, problems)
  if (made === undefined || problems.list.length > 0)
    throw new NetworkInvalid(
      `of device ${device.id}`,
      problems.list.map(({ path, message }) => ({ path: path.replace('devices[0].', ''), message })),
    )
  return {
    ...device,
    channels: new Map([...made.channels, ...device.channels]),
    units: new Map([...made.units, ...device.units]),
    clock: { zone: device.clock.zone ?? made.clock.zone, none: device.clock.none || made.clock.none },
  }
}

/** What of a mapping the device's network declares itself, as `channels.ch1`, `units.ph`, `zone`. */
export function declaredOf({ channels, units, clock }: Device, mapping: DeviceMapping): string[] {
  return [
    ...Object.keys(mapping.channels ?? {}).flatMap((name) => (channels.has(name) ? `channels.${name}` : [])),
    ...Object.keys(mapping.units ?? {}).flatMap((key) => (units.has(key) ? `units.${key}` : [])),
    ...(mapping.zone !== undefined && clock.zone !== null ? ['zone'] : []),
  ]
}

/** Where the mappings of devices are kept. */
export interface MappingDesk {
  /** All versions, newest first. */
  history(device: Device['id']): Promise<MappingVersion[]>
  /**
   * Puts a new version in force, one after the other. Answers with what the network file declares itself instead, when it does, or with the
   * version that is in the way: nothing is changed then. Rejects with NetworkInvalid.
   */
  change(change: MappingChange): Promise<MappingVersion | { declared: string[]; file: string } | MappingConflict>
}

export interface MappingChange extends Omit<MappingVersion, 'version' | 'at'> {
  /** The version that it was made from, 0 = there was none; absent = whatever holds. */
  basedOn?: number
}

/** `same`: it holds already; `newer`: it was made from a version that is not the newest. */
export interface MappingConflict {
  conflict: 'same' | 'newer'
  holds: MappingVersion
}
