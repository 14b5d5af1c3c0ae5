import type { NetworkFile } from '../domain/network-schema.ts'
import type { TruthEntry, TruthEvent } from './truth/truth.ts'

/** What the server and the truth call a station of a run: a server takes several runs of one basin, and no id twice. */
export const servedStation = (run: string, station: string): string => `${run}-${station}`

/** A made basin with the ids of its stations as the server has them. */
export function servedFile(basin: NetworkFile, run: string): NetworkFile {
  const served = (station: string): string => servedStation(run, station)
  return {
    ...basin,
    stations: basin.stations.map(({ id, reach, ...station }) => ({
      id: served(id),
      ...station,
      ...(reach && { reach: { ...reach, downstream: served(reach.downstream) } }),
    })),
    ...(basin.devices && { devices: basin.devices.map((device) => servedDevice(device, served)) }),
    ...(basin.rules && { rules: basin.rules.map((rule) => ({ ...rule, ...(rule.stations && { stations: rule.stations.map(served) }) })) }),
  }
}

type DeviceFile = NonNullable<NetworkFile['devices']>[number]

function servedDevice(device: DeviceFile, served: (station: string) => string): DeviceFile {
  const channels = device.channels && Object.fromEntries(Object.entries(device.channels).map(([name, series]) => [name, served(series)]))
  return { ...device, stations: device.stations.map(served), ...(channels && { channels }) }
}

/** Lines of the truth with the same ids; those of events and faults, which nobody but the truth knows, stay as they are. */
export const servedTruth = (entries: readonly TruthEntry[], run: string): TruthEntry[] =>
  entries.map((entry) => (entry.station === null ? entry : { ...entry, station: servedStation(run, entry.station) }))

export const servedEvents = (events: readonly TruthEvent[], run: string): TruthEvent[] =>
  events.map((event) => ({ ...event, station: servedStation(run, event.station) }))
