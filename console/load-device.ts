import type { CompletenessPage, GapList, SeriesCompleteness } from '../api/schemas/continuity.ts'
import type { DeviceList } from '../api/schemas/device.ts'
import type { StationDetail, StationList } from '../api/schemas/station.ts'
import type { ReportingCell } from '../figures/reporting-bar.ts'
import { ApiRefusal, type Asking } from './api-client.ts'
import { text, type Query } from './load.ts'
import { gapsShown, type DeviceData, type SeriesReport } from './pages/device.tsx'

const [hourMs, dayMs] = [3_600_000, 86_400_000]
const [hours, days] = [48, 30]
/** Stations of one device that are looked at. */
const mostStations = 20

/** What came of what a device should have sent, and what is missing. Rejects with ApiRefusal (404) when there is no such device. */
export async function loadDevice(asking: Asking, id: string, query: Query): Promise<DeviceData> {
  const [list, stations] = await Promise.all([
    asking.get<DeviceList>(`/api/v1/devices?device=${encodeURIComponent(id)}`),
    asking.get<StationList>('/api/v1/stations'),
  ])
  const device = list.devices.find((one) => one.id === id)
  if (device === undefined) throw new ApiRefusal(404, `There is no device ${id}, or it is not yours to see.`)
  const network = stations.networks.find((one) => one.id === device.network)
  const now = network?.now ?? Date.UTC(2000, 0)
  const state = text(query.gaps) === 'all' ? 'all' : 'open'
  const found = await Promise.all(device.stations.slice(0, mostStations).map((station) => reportOf(asking, station, state, now)))
  const gaps = found
    .flatMap((one) => one.gaps)
    .filter((gap) => gap.device === id)
    .sort((a, b) => b.from - a.from)
  return {
    ...{ device, state, now, zone: network?.timeZone ?? 'UTC' },
    series: found.flatMap((one) => one.series),
    gaps: gaps.slice(0, gapsShown),
    hasMore: gaps.length > gapsShown,
    isReadingBack: found.some((one) => one.isReadingBack),
  }
}

async function reportOf(asking: Asking, station: string, state: DeviceData['state'], now: number) {
  const named = `station=${encodeURIComponent(station)}`
  const only = state === 'all' ? '' : '&state=open'
  const hour = Math.floor(now / hourMs) * hourMs
  const [detail, ofHours, ofDays, list] = await Promise.all([
    asking.get<StationDetail>(`/api/v1/stations/${encodeURIComponent(station)}`),
    asking.get<CompletenessPage>(`/api/v1/completeness?${named}&size=1h&from=${hour - hours * hourMs}&to=${hour}`),
    asking.get<CompletenessPage>(`/api/v1/completeness?${named}&size=1d&from=${hour - days * dayMs}&to=${hour}`),
    asking.get<GapList>(`/api/v1/gaps?${named}${only}&limit=${gapsShown + 1}`),
  ])
  const windowsOf = (page: CompletenessPage, series: string): SeriesCompleteness['windows'] =>
    page.series.find((one) => one.series === series)?.windows ?? []
  const series = detail.series
    .filter(({ everyMs }) => everyMs !== null)
    .map((one): SeriesReport => ({
      ...{ id: one.series, parameter: one.parameter, number: one.number, place: detail.station.name },
      completeness: ofHours.series.find(({ series: id }) => id === one.series)?.completeness ?? null,
      hours: cellsOf(windowsOf(ofHours, one.series), hours, hourMs, hour),
      days: cellsOf(windowsOf(ofDays, one.series), days, dayMs, hour),
    }))
  return { series, gaps: list.gaps, isReadingBack: list.readingBack }
}

/**
 * One cell for each of the `count` windows up to `to`, or up to the newest that is summed up when that is about to follow. A window that
 * was never summed up counts as one without a reading.
 */
export function cellsOf(windows: SeriesCompleteness['windows'], count: number, lengthMs: number, to: number): ReportingCell[] {
  const cells = Array.from({ length: count }, (): ReportingCell => ({ completeness: 0, worst: 0 }))
  const newest = Math.max(...windows.map(({ end }) => end))
  const until = to - newest <= 2 * lengthMs ? newest : to
  for (const { end, n, completeness } of windows) {
    const place = count - 1 - Math.floor((until - end) / lengthMs)
    if (place >= 0 && place < count) cells[place] = { completeness, worst: n > 0 ? 1 : 0 }
  }
  return cells
}
