import type { DeviceProblem } from '../api/parts.ts'
import { deviceId, type DeviceId, type StationId } from '../domain/ids.ts'
import { hint } from '../domain/nearest.ts'
import { buildDevices } from '../domain/network-devices.ts'
import { deviceSchema, type DeviceFile } from '../domain/network-schema.ts'
import type { Device, Network } from '../domain/network.ts'
import { checkShape } from '../domain/shape.ts'
import type { DocumentStore } from '../store/ports/documents.ts'

/** Names are looked for near a wrong one for so many rows of a list; each costs a walk over all stations. */
const mostHints = 50

/** Devices that no file declares: they came over the api, are kept as documents, and stand among the devices of their stations' network. */
export interface AddedDevices {
  /** The networks with the added devices in their place. Those that no longer fit (a file declares them now, or lost their station) rest. */
  into(networks: readonly Network[]): Network[]
  has(device: DeviceId): boolean
  /** Keeps devices, new or changed, in one transaction; the caller has judged them. */
  put(declarations: readonly DeviceFile[]): Promise<void>
  remove(device: DeviceId): Promise<boolean>
}

export async function openAddedDevices(documents: DocumentStore, now: () => number): Promise<AddedDevices> {
  const kept = new Map<DeviceId, DeviceFile>()
  for (const { key, body } of await documents.list<DeviceFile>('device')) kept.set(deviceId(key), body)
  return {
    into(networks) {
      const declared = new Set(networks.flatMap((network) => network.devices.map((device) => device.id)))
      const rows = [...kept.values()].filter((row) => !declared.has(deviceId(row.id)))
      const fitting = judgeDevices(rows, networks).flatMap(({ device }) => device ?? [])
      return networks.map((network) => ({
        ...network,
        devices: [...network.devices, ...fitting.filter((device) => device.network === network.id)],
      }))
    },
    has: (device) => kept.has(device),
    async put(declarations) {
      await documents.putAll(
        'device',
        declarations.map((body) => ({ key: body.id, body, updatedAt: now() })),
      )
      for (const body of declarations) kept.set(deviceId(body.id), body)
    },
    async remove(device) {
      kept.delete(device)
      return documents.remove('device', device)
    },
  }
}

/** A row with the device that it makes, or why it makes none. */
export interface JudgedDevice {
  row: DeviceFile | null
  device: Device | null
  problem: DeviceProblem | null
}

/** Reads what somebody sent as declarations of devices for the stations of some networks; one judgement a row, in their order. */
export function judgeDevices(rows: readonly unknown[], networks: readonly Network[]): JudgedDevice[] {
  const networkOf = new Map<StationId, Network>(
    networks.flatMap((network) => network.stations.map((station) => [station.id, network] as const)),
  )
  let hints = 0
  const near = (name: string): string => (hints++ < mostHints ? hint(name, networkOf.keys()) : '')
  const judged = rows.map((given) => shapeOf(given, networkOf, near))
  for (const network of networks) build(judged, network)
  return judged.map(({ row, device, problem }) => ({ row, device, problem }))
}

interface Judging extends JudgedDevice {
  network: Network | null
}

const wrong = (message: string): DeviceProblem => ({ kind: 'wrong', message })

function shapeOf(given: unknown, networkOf: ReadonlyMap<StationId, Network>, near: (name: string) => string): Judging {
  const problems: { path: string; message: string }[] = []
  const row = checkShape(deviceSchema, given, '', problems) as DeviceFile
  const [first] = problems
  if (first) return { row: null, device: null, network: null, problem: wrong(`${first.path}: ${first.message}`) }
  const [station = ''] = row.stations
  const network = networkOf.get(station as StationId) ?? null
  return { row, device: null, network, problem: network ? null : wrong(`there is no station "${station}"${near(station)}`) }
}

/** Fills in the devices of one network, all at once: its stations are indexed once. */
function build(judged: Judging[], network: Network): void {
  const own = judged.filter((one) => one.network === network && one.row !== null)
  const wrongs = new Map<number, string>()
  const problems = {
    list: [],
    add(path: string, message: () => string) {
      const place = Number(/^devices\[(\d+)\]/.exec(path)?.[1])
      if (!wrongs.has(place)) wrongs.set(place, `${path.replace(/^devices\[\d+\]\.?/, '')}: ${message()}`)
    },
  }
  const files = own.map(({ row }) => row ?? undefined)
  const devices = buildDevices(files, network.stations, { network: network.id, run: null }, problems)
  for (const [place, one] of own.entries()) {
    const message = wrongs.get(place)
    if (message === undefined) one.device = devices[place] ?? null
    else one.problem = wrong(message)
  }
}
