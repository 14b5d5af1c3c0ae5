import { isDeepStrictEqual } from 'node:util'
import { declaredOf, withMapping, type MappingChange, type MappingDesk, type MappingVersion } from '../domain/device-mapping.ts'
import { NetworkInvalid } from '../domain/errors.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { InTurn } from '../domain/in-turn.ts'
import type { Device, Network } from '../domain/network.ts'
import type { DocumentStore } from '../store/ports/documents.ts'

interface MappingsParts {
  documents: DocumentStore
  now: () => number
  /** One change after the other, also with those who change stored readings: what they try is read as it will be carried. */
  inTurn: InTurn
  /** The networks as they are declared. */
  declared: () => readonly Network[]
  /** Called when a mapping has changed. */
  onChanged: () => void
}

export interface Mappings extends MappingDesk {
  /** A network with the mappings of its devices. One that no longer fits its network is passed over. */
  applied(network: Network): Network
}

/** Versions are documents of the collection `setting`, `mapping/<device>/<version>`. */
const prefix = 'mapping/'
const keyOf = ({ device, version }: MappingVersion): string => `${prefix}${device}/${String(version).padStart(6, '0')}`

export async function openMappings({ documents, now, inTurn, declared, onChanged }: MappingsParts): Promise<Mappings> {
  const versions = new Map<string, MappingVersion[]>()
  const keep = (version: MappingVersion): void => {
    versions.set(version.device, [version, ...(versions.get(version.device) ?? [])])
  }
  for (const { key, body } of await documents.list<MappingVersion>('setting', { after: prefix })) if (key.startsWith(prefix)) keep(body)

  const find = (id: string): { device: Device; network: Network } | null => {
    for (const network of declared()) for (const device of network.devices) if (device.id === id) return { device, network }
    return null
  }
  async function change({ basedOn, ...change }: MappingChange): ReturnType<MappingDesk['change']> {
    const found = find(change.device)
    if (found === null) throw new NetworkInvalid(`of device ${change.device}`, [{ path: 'device', message: 'it stands in no network' }])
    const { device, network } = found
    const clashes = network.file === null ? [] : declaredOf(device, change.mapping)
    if (network.file !== null && clashes.length > 0) return { declared: clashes, file: network.file }
    withMapping(device, network, change.mapping)
    const holds = versions.get(change.device)?.[0]
    if (holds !== undefined && basedOn !== undefined && basedOn !== holds.version) return { conflict: 'newer', holds }
    if (holds !== undefined && isDeepStrictEqual(holds.mapping, change.mapping)) return { conflict: 'same', holds }
    const version = { ...change, version: (holds?.version ?? 0) + 1, at: now() }
    await documents.put('setting', keyOf(version), version, version.at)
    keep(version)
    onChanged()
    return version
  }

  return {
    history: async (device: DeviceId) => versions.get(device) ?? [],
    change: (asked) => inTurn(() => change(asked)),
    applied: (network) => {
      if (!network.devices.some(({ id }) => versions.has(id))) return network
      return { ...network, devices: network.devices.map((device) => mapped(device, network, versions.get(device.id)?.[0])) }
    },
  }
}

function mapped(device: Device, network: Network, version: MappingVersion | undefined): Device {
  if (version === undefined) return device
  try {
    return withMapping(device, network, version.mapping)
  } catch (error) {
    if (error instanceof NetworkInvalid) return device
    throw error
  }
}
