import type { FigureSize, HydrographInput } from '../figures/hydrograph.ts'
import type { FigurePoint } from '../figures/traces.ts'
import type { GapList, GapNote } from '../api/schemas/continuity.ts'
import type { DeviceList } from '../api/schemas/device.ts'
import type { Readiness } from '../api/schemas/health.ts'
import type { ObservationPage, ObservationRow, WindowPage } from '../api/schemas/observation.ts'
import type { MappingPage } from '../api/schemas/mapping.ts'
import type { QuarantinePage } from '../api/schemas/quarantine.ts'
import type { SeriesDetail, SeriesSummary } from '../api/schemas/series.ts'
import type { NetworkNote, StationDetail, StationList } from '../api/schemas/station.ts'
import type { WarningDetail, WarningList, WarningNote } from '../api/schemas/warning.ts'
import type { Asking } from './api-client.ts'
import { evidenceChart, evidenceWindow, rangeMs, ranges, rawAtMost, stationChart, views, type Range, type View } from './chart.ts'
import { phoneWidth, type PageContext } from './context.ts'
import { isAmount } from './say.ts'
import type { OverviewData } from './pages/overview.tsx'
import type { QuarantineEntryData } from './pages/quarantine-entry.tsx'
import type { StationData } from './pages/station.tsx'
import type { WarningData } from './pages/warning.tsx'
import { warningTabs, type WarningsData } from './pages/warnings.tsx'
import { filters } from './urgency.ts'

/** Query of a page, as sent; every name may be missing or given several times. */
export type Query = Readonly<Record<string, unknown>>

export const text = (value: unknown): string => (typeof value === 'string' ? value : '')
export const oneOf = <Name extends string>(value: unknown, names: readonly Name[], otherwise: Name): Name =>
  names.find((name) => name === value) ?? otherwise

/** Readiness answers 503 with the same body when something is wrong: both are what a page wants to know. */
async function readinessOf(asking: Asking): Promise<Readiness | null> {
  const { json } = await asking.send('GET', '/readyz')
  return typeof json === 'object' && json !== null && 'checks' in json ? (json as Readiness) : null
}

export async function loadOverview(asking: Asking, query: Query): Promise<OverviewData> {
  const [list, readiness] = await Promise.all([asking.get<StationList>('/api/v1/stations?cells=true'), readinessOf(asking)])
  const network = text(query.network)
  return {
    list,
    readiness,
    filter: oneOf(query.show, filters, 'all'),
    search: text(query.q).slice(0, 100),
    network: list.networks.some((one) => one.id === network) ? network : null,
    listOnly: query.view === 'list',
    all: query.all === '1',
  }
}

export async function loadMore(asking: Asking): Promise<{ readiness: Readiness | null }> {
  return { readiness: await readinessOf(asking) }
}

export async function loadStation(asking: Asking, id: string, query: Query, page: PageContext): Promise<StationData> {
  const detail = await asking.get<StationDetail>(`/api/v1/stations/${encodeURIComponent(id)}`)
  const { warnings } = await asking.get<WarningList>(`/api/v1/warnings?station=${encodeURIComponent(id)}&limit=50`)
  const wanted = text(query.series)
  const series =
    detail.series.find((one) => `${one.parameter.key}/${one.number}` === wanted) ??
    detail.series.find((one) => one.series === detail.station.lead) ??
    detail.series[0] ??
    null
  const range = oneOf(query.range, ranges, '5d')
  const gap = series && (await lastGap(asking, series.series, detail.network.now))
  const chart = series && (await chartOfStation(asking, { detail, series, range, warnings }, page))
  return { detail, series, range, gap, chart, size: stationSize(page), warnings }
}

/** The newest gap of a series that lasts or ended within the last day, and in which something was missing; what a reader may not see is none. */
async function lastGap(asking: Asking, series: string, now: number): Promise<GapNote | null> {
  const list = await asking.maybe<GapList>(`/api/v1/gaps?series=${encodeURIComponent(series)}&from=${whole(now - dayMs)}&limit=20`)
  return list?.gaps.find(({ to, missing, arrived }) => to === null || missing + arrived > 0) ?? null
}

interface ChartWish {
  detail: StationDetail
  series: SeriesDetail
  range: Range
  warnings: readonly WarningNote[]
}

async function chartOfStation(asking: Asking, { detail, series, range, warnings }: ChartWish, page: PageContext): Promise<HydrographInput> {
  const rain = isAmount(series.parameter) ? null : (detail.series.find((one) => isAmount(one.parameter)) ?? null)
  const to = detail.network.now
  const from = to - rangeMs[range]
  const many = (one: SeriesSummary): boolean => rangeMs[range] / (one.everyMs ?? 60_000) > rawAtMost
  const means = many(series) ? await hourlyMeans(asking, series.series, from, to) : null
  const raw = [...(means === null ? [series] : []), ...(rain && !many(rain) ? [rain] : [])]
  const observations =
    raw.length === 0
      ? []
      : await observationsOf(
          asking,
          raw.map((one) => one.series),
          from,
          to,
        )
  const place = detail.station.name[page.language]
  return stationChart({ series, rain, observations, means, warnings, network: detail.network, devices: detail.devices, place, range }, page)
}

async function observationsOf(asking: Asking, series: readonly string[], from: number, to: number): Promise<ObservationRow[]> {
  const names = series.map(encodeURIComponent).join(',')
  const path = `/api/v1/observations?series=${names}&from=${whole(from)}&to=${whole(to) + 1}&limit=20000`
  return (await asking.get<ObservationPage>(path)).observations
}

const dayMs = 86_400_000
// an address takes moments as epoch ms, and nothing is kept from before 2000
const whole = (at: number): number => Math.max(946_684_800_000, Math.floor(at))

async function hourlyMeans(asking: Asking, series: string, from: number, to: number): Promise<FigurePoint[]> {
  const path = `/api/v1/observations/windows?series=${encodeURIComponent(series)}&from=${whole(from)}&to=${whole(to) + 1}&every=1h&aggregates=mean`
  const { windows } = await asking.get<WindowPage>(path)
  return windows.flatMap(({ start, end, mean }): FigurePoint[] =>
    mean === undefined ? [] : [{ at: (start + end) / 2, value: mean, flag: 1 }],
  )
}

/** The chart fills its column: the width of the window without rail and margins. */
function stationSize({ viewport }: PageContext): FigureSize {
  return viewport < phoneWidth ? { width: viewport - 24, height: 240 } : { width: Math.min(1080, viewport - 148), height: 360 }
}

function evidenceSize({ viewport }: PageContext): FigureSize {
  return viewport < phoneWidth
    ? { width: viewport - 24, height: 220 }
    : { width: Math.min(780, Math.round((viewport - 160) * 0.62)), height: 320 }
}

/** Networks by station, for zones and clocks. */
async function networksByStation(asking: Asking): Promise<(station: string) => NetworkNote | null> {
  const list = await asking.maybe<StationList>('/api/v1/stations')
  const networks = new Map((list?.networks ?? []).map((network) => [network.id, network]))
  const owner = new Map((list?.stations ?? []).map((station) => [station.id, station.network]))
  return (station) => networks.get(owner.get(station) ?? '') ?? null
}

export async function loadWarnings(asking: Asking, query: Query): Promise<WarningsData> {
  const run = text(query.run) === '' ? null : text(query.run).slice(0, 100)
  const own = run === null ? '' : `&run=${encodeURIComponent(run)}`
  const [list, networkOf] = await Promise.all([
    asking.get<WarningList>(`/api/v1/warnings?state=active,cleared,expired&limit=1000${own}`),
    networksByStation(asking),
  ])
  return { list, run, networkOf: (warning) => networkOf(warning.station), tab: oneOf(query.tab, warningTabs, 'active') }
}

export async function loadWarning(asking: Asking, id: string, query: Query, page: PageContext): Promise<WarningData> {
  const detail = await asking.get<WarningDetail>(`/api/v1/warnings/${encodeURIComponent(id)}`)
  const station = await asking.maybe<StationDetail>(`/api/v1/stations/${encodeURIComponent(detail.warning.station)}`)
  const view = oneOf(query.evidence, views, 'then')
  const chart = await chartOfWarning(asking, detail.warning, station, view, page)
  return { detail, network: station?.network ?? null, chart, size: evidenceSize(page), view }
}

async function chartOfWarning(asking: Asking, warning: WarningNote, station: StationDetail | null, view: View, page: PageContext) {
  const { parameter } = warning
  if (warning.series === null || parameter === null) return null
  const now = station?.network.now ?? page.now
  const { from, to } = evidenceWindow(warning, view, now)
  const observations = await observationsOf(asking, [warning.series], from, to)
  const series = station?.series.find((one) => one.series === warning.series) ?? null
  return evidenceChart({ warning, parameter, series, observations, network: station?.network ?? null, view, now }, page)
}

export async function loadQuarantineEntry(asking: Asking, id: string): Promise<QuarantineEntryData> {
  const found = await asking.get<QuarantinePage>(`/api/v1/quarantine/${encodeURIComponent(id)}`)
  const device = encodeURIComponent(found.entry.device)
  const [mapping, devices, stations] = await Promise.all([
    asking.maybe<MappingPage>(`/api/v1/devices/${device}/mapping`),
    asking.get<DeviceList>(`/api/v1/devices?device=${device}`),
    asking.get<StationList>('/api/v1/stations'),
  ])
  const network = devices.devices.find((one) => one.id === found.entry.device)?.network
  return { ...found, mapping, zone: stations.networks.find((one) => one.id === network)?.timeZone ?? 'UTC' }
}
