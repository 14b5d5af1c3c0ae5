import { createHash } from 'node:crypto'
import type { DeviceFile, NetworkFile } from '../../domain/network-schema.ts'
import type { JournalledDelivery } from '../../domain/delivery.ts'
import { deviceId } from '../../domain/ids.ts'

/** What ids of stations and devices of a replay begin with, on a server that has the originals too. */
export const prefixOf = (run: string): string => `${run}-`

/**
 * A network under ids that begin with the run: of itself, its stations and devices. What a device writes stays as it is, so that it names its
 * stations without that beginning (`stationPrefix`); MNs and station addresses, which stand once on a server, become made ones that
 * nobody uses.
 */
export function servedNetwork(file: NetworkFile, run: string): NetworkFile {
  const served = (id: string): string => `${prefixOf(run)}${id}`
  const { network, stations, devices = [], rules = [], ...rest } = file
  return {
    ...rest,
    network: { ...network, id: run, recorded: true },
    stations: stations.map(({ id, reach, ...station }) => ({
      ...{ id: served(id), ...station },
      ...(reach && { reach: { ...reach, downstream: served(reach.downstream) } }),
    })),
    devices: devices.map((device) => servedDevice(device, served)),
    rules: rules.map((rule) => ({ ...rule, ...(rule.stations && { stations: rule.stations.map(served) }) })),
  }
}

function servedDevice(device: DeviceFile, served: (id: string) => string): DeviceFile {
  const { id, stations, channels, hj212, sl651, szy206, stationPrefix = '' } = device
  return {
    ...device,
    ...{ id: served(id), stations: stations.map(served), stationPrefix: served(stationPrefix) },
    ...(channels && { channels: Object.fromEntries(Object.entries(channels).map(([name, series]) => [name, served(series)])) }),
    ...(hj212 && { hj212: { ...hj212, mn: digest(served(hj212.mn), 32) } }),
    ...(sl651 && { sl651: { ...sl651, address: digest(served(sl651.address), 10) } }),
    ...(szy206 && { szy206: { ...szy206, address: digest(served(szy206.address), 10) } }),
  }
}

const digest = (text: string, length: number): string => createHash('sha256').update(text).digest('hex').slice(0, length).toUpperCase()

/** A delivery of the device of that network: the name of the device, also in its topic; the bytes stay. */
export function servedDelivery(delivery: JournalledDelivery, run: string): JournalledDelivery {
  if (delivery.source === 'tick') return delivery
  const { device, topic } = delivery
  const served = `${prefixOf(run)}${device}`
  const levels = topic.split('/').map((level) => (level === device ? served : level))
  return { ...delivery, device: deviceId(served), topic: levels.join('/') }
}
