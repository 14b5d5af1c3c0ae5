import type { Device, Network, RuleDefinition, Sensor, Station } from './network.ts'
import type { DeviceId, RunId, SensorId, StationId } from './ids.ts'

/** All networks together, indexed. Immutable: a change of configuration makes a new one. */
export interface Fleet {
  networks: readonly Network[]
  stations: ReadonlyMap<StationId, Station>
  sensors: ReadonlyMap<SensorId, Sensor>
  devices: ReadonlyMap<DeviceId, Device>
  rules: readonly RuleDefinition[]
  networkOf(station: StationId): Network | null
  /** The run a station belongs to; null = real. */
  runOf(station: StationId): RunId | null
}

/** Where the current fleet is asked for: it may change between two calls. */
export type CurrentFleet = () => Fleet

/**
 * Indexes networks. Two networks may not share a station or a device id: the caller has checked (`networkClashes`).
 */
export function createFleet(networks: readonly Network[]): Fleet {
  const byId = new Map(networks.map((network) => [network.id, network]))
  const stations = new Map(networks.flatMap((network) => network.stations.map((station) => [station.id, station] as const)))
  const networkOf = (id: StationId): Network | null => byId.get(stations.get(id)?.network ?? '') ?? null
  return {
    networks,
    stations,
    sensors: new Map([...stations.values()].flatMap((station) => station.sensors.map((sensor) => [sensor.id, sensor] as const))),
    devices: new Map(networks.flatMap((network) => network.devices.map((device) => [device.id, device] as const))),
    rules: networks.flatMap((network) => network.rules),
    networkOf,
    runOf: (id) => networkOf(id)?.run ?? null,
  }
}

interface WireSettings {
  hj212?: { mn: string } | null
  sl651?: { address: string } | null
  szy206?: { address: string } | null
}

/** What the frames of a field protocol call a device, as people say it; null for one of MQTT. A gateway tells its devices apart by it. */
export function wireName({ hj212, sl651, szy206 }: WireSettings): string | null {
  if (hj212) return `the MN ${hj212.mn}`
  if (sl651) return `the SL 651 station address ${sl651.address.toUpperCase()}`
  return szy206 ? `the SZY 206 station address ${szy206.address.toUpperCase()}` : null
}

/** Station and device ids that stand in more than one network, MNs and station addresses that stand twice, as sentences; empty when they can live together. */
export function networkClashes(networks: readonly Network[]): string[] {
  const owner = new Map<string, string>()
  const clashes: string[] = []
  for (const network of networks) {
    const names = [
      ...network.stations.map((s) => `station ${s.id}`),
      ...network.devices.map((d) => `device ${d.id}`),
      ...network.devices.flatMap((device) => wireName(device) ?? []),
      `network ${network.id}`,
    ]
    for (const name of names) {
      const other = owner.get(name)
      if (other === undefined) owner.set(name, network.id)
      else if (other === network.id) clashes.push(`${name} stands twice in network ${network.id}; give each device its own`)
      else clashes.push(`${name} stands in network ${other} and in network ${network.id}; rename one`)
    }
  }
  return clashes
}
