import { deviceStates, type DeviceList } from '../api/schemas/device.ts'
import type { QuarantineGroups, QuarantineList } from '../api/schemas/quarantine.ts'
import type { StationList } from '../api/schemas/station.ts'
import type { Asking } from './api-client.ts'
import { oneOf, text, type Query } from './load.ts'
import type { DevicesData } from './pages/devices.tsx'
import { quarantineStates } from './parts/quarantine-list.tsx'

/** Devices of one page: some 350 bytes of HTML each, packed a tenth of that. */
const devicesAPage = 200

export async function loadDevices(asking: Asking, query: Query): Promise<DevicesData> {
  const device = text(query.device) === '' ? null : text(query.device)
  const [search, show] = [text(query.q).trim().slice(0, 100), oneOf(query.show, ['all', ...deviceStates], 'all')]
  const [found, list, stations] = await Promise.all([
    quarantineOf(asking, query, device),
    asking.get<DeviceList>(`/api/v1/devices?${deviceQuery({ device, search, show, cursor: text(query.cursor) })}`),
    asking.get<StationList>('/api/v1/stations'),
  ])
  const zones = new Map(stations.networks.map((network) => [network.id, network.timeZone]))
  const names = new Map(stations.stations.map((station) => [station.id, station.name]))
  const zoneOf = (network: string): string => zones.get(network) ?? 'UTC'
  const networks = await networksOf(asking, [...new Set(found.quarantine.entries.map((entry) => entry.device))], list)
  return {
    ...{ list, device, search, show, ...found, zoneOf },
    isFirst: text(query.cursor) === '',
    zoneOfDevice: (id) => zoneOf(networks.get(id) ?? ''),
    nameOf: (station) => names.get(station) ?? { en: station, zh: station },
  }
}

interface DeviceWish {
  device: string | null
  search: string
  show: DevicesData['show']
  cursor: string
}

function deviceQuery({ device, search, show, cursor }: DeviceWish): URLSearchParams {
  const wishes = { device: device ?? '', search, state: show === 'all' ? '' : show, cursor }
  return new URLSearchParams([...Object.entries(wishes).filter(([, wish]) => wish !== ''), ['limit', String(devicesAPage)]])
}

async function quarantineOf(asking: Asking, query: Query, device: string | null) {
  const before = /^\d{1,15}$/.test(text(query.before)) ? `&before=${text(query.before)}` : ''
  const own = device === null ? '' : `&device=${encodeURIComponent(device)}`
  const state = oneOf(query.state, quarantineStates, 'open')
  const groups = (await asking.get<QuarantineGroups>('/api/v1/quarantine/groups')).groups.filter(
    (one) => device === null || one.device === device,
  )
  const reason = groups.find((one) => one.reason === query.reason)?.reason ?? null
  const only = reason === null ? '' : `&reason=${reason}`
  const quarantine = await asking.get<QuarantineList>(`/api/v1/quarantine?state=${state}&limit=${entriesAPage}${own}${only}${before}`)
  return { quarantine, groups, reason, state }
}

/** As many as one question for devices can name. */
const entriesAPage = 50

/** Networks of devices, whether they stand on this page of the list or not. */
async function networksOf(asking: Asking, devices: readonly string[], { devices: listed }: DeviceList): Promise<Map<string, string>> {
  const known = new Map(listed.map(({ id, network }) => [id, network]))
  const missing = devices.filter((id) => !known.has(id))
  if (missing.length === 0) return known
  const { devices: found } = await asking.get<DeviceList>(`/api/v1/devices?device=${encodeURIComponent(missing.join(','))}`)
  for (const { id, network } of found) known.set(id, network)
  return known
}
