import { reportingBar } from '../../figures/reporting-bar.ts'
import { duration } from '../../figures/words.ts'
import type { Flag } from '../../domain/flag.ts'
import type { HydrographInput } from '../../figures/hydrograph.ts'
import type { GapNote } from '../../api/schemas/continuity.ts'
import type { SeriesDetail, SeriesSummary } from '../../api/schemas/series.ts'
import type { Neighbour, StationDetail } from '../../api/schemas/station.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import { ranges, rangeMs, type Range } from '../chart.ts'
import type { PageContext } from '../context.ts'
import { Age } from '../parts/age.tsx'
import { LevelBadge, runSentence, SimBadge } from '../parts/badges.tsx'
import { ChartPanel } from '../parts/chart-panel.tsx'
import { Figure } from '../parts/figure.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { cellsOf, Choice, isWall } from '../parts/station-row.tsx'
import { WarningItem } from '../parts/warning-item.tsx'
import { gapText, periodText, quantityName, shareText, standingText, testWords, trendText, valueText } from '../say.ts'
import type { PageContent } from '../shell.tsx'
import { lastSeen } from '../whereabouts.ts'

export interface StationData {
  detail: StationDetail
  /** The channel shown; null when the station measures nothing. */
  series: SeriesDetail | null
  range: Range
  /** What is or was missing of the channel within the last day. */
  gap: GapNote | null
  chart: HydrographInput | null
  size: { width: number; height: number }
  warnings: readonly WarningNote[]
}

/** One station: its state in words, then the chart, then the rest. */
export function stationPage(data: StationData, page: PageContext): PageContent {
  const { detail, series } = data
  const name = detail.station.name[page.language]
  return {
    title: name,
    tab: 'overview',
    live: { stations: [detail.station.id] },
    kind: 'station',
    body: (
      <>
        <River detail={detail} page={page} />
        <h1>
          {name} <small>{[page.t.stationKind[detail.station.kind], ...protocolsOf(detail, page)].join(' · ')}</small>{' '}
          {detail.station.simulated && <SimBadge page={page} recorded={detail.station.recorded} />}
        </h1>
        {detail.station.simulated && <p class="simulated">{runSentence(detail.station.recorded, page)}</p>}
        {series === null ? (
          <Nothing words={page.t.empty.sensors} href="/" />
        ) : (
          <>
            <Channels data={data} page={page} />
            <Words series={series} detail={detail} gap={data.gap} page={page} />
            <Chart data={data} series={series} page={page} />
            <Here data={data} page={page} />
            <Quality data={data} series={series} page={page} />
            <Downloads data={data} series={series} page={page} />
          </>
        )}
        <About detail={detail} page={page} />
      </>
    ),
  }
}

function River({ detail, page }: { detail: StationDetail; page: PageContext }) {
  const { say, titles } = page.t
  const link = (one: Neighbour, arrow: string, way: string) => (
    <a key={one.id} href={`/s/${encodeURIComponent(one.id)}`}>
      {arrow} {way} {one.name[page.language]}
      {one.travelTimeMs !== null && <small> ({say.travel(duration(one.travelTimeMs, page.language))})</small>}
    </a>
  )
  if (detail.upstream.length === 0 && detail.downstream === null) return null
  return (
    <nav class="river" aria-label={titles.river}>
      {detail.upstream.map((one) => link(one, '◄', say.upstream))}
      {detail.downstream ? link(detail.downstream, '►', say.downstream) : <span>{say.outlet}</span>}
    </nav>
  )
}

function Channels({ data, page }: { data: StationData; page: PageContext }) {
  const { detail, series } = data
  if (detail.series.length < 2) return null
  return (
    <p class="tabs">
      {detail.series.map((one) => (
        <Choice
          key={one.series}
          page={page}
          name="series"
          value={`${one.parameter.key}/${one.number}`}
          chosen={one.series === series?.series}
        >
          {channelName(one, detail, page)}
        </Choice>
      ))}
    </p>
  )
}

/** `Chemical oxygen demand 2, mean of 1 h`. */
function channelName({ parameter, number, ...series }: SeriesSummary, { devices }: StationDetail, page: PageContext): string {
  const name = `${quantityName(parameter, page.language)}${number > 1 ? ` ${number}` : ''}`
  return [name, periodText(series, devices, page)].filter((part) => part !== '').join(', ')
}

/** The wires that a station's readings come by, each once. */
const protocolsOf = ({ devices }: StationDetail, { t }: PageContext): string[] => [
  ...new Set(devices.map(({ protocol }) => t.protocol[protocol])),
]

/** Value, unit, trend, distance to a stage, age, quality: before the chart. */
function Words({ series, detail, gap, page }: { series: SeriesDetail; detail: StationDetail; gap: GapNote | null; page: PageContext }) {
  const { t } = page
  const { latest, parameter } = series
  const level = detail.station.warnings.find((warning) => warning.state === 'active' && warning.series === series.series)?.level ?? null
  if (!latest || series.ageMs === null)
    return (
      <div class="words" id="words" data-live>
        <p class="line">{t.say.noValue}</p>
      </div>
    )
  const [comma, stop] = page.language === 'zh' ? ['，', '。'] : [', ', '. ']
  const parts = [trendText(series.trend, parameter, page), standingText(series.standing, parameter, page)].filter((part) => part !== null)
  const moving = parts.length > 0 ? `${parts.join(comma)}${stop}` : ''
  const trust =
    latest.flag === 3 ? t.say.suspect(testWords(latest.tests, page)) : t.say.quality(t.flag[latest.flag], testWords(latest.tests, page))
  return (
    <div class={`words${level ? ` edge-${level}` : ''}`} id="words" data-live>
      <p class="value">
        <small>{channelName(series, detail, page)}</small> <b>{valueText(latest.value, parameter)}</b>{' '}
        <span class="arrow" aria-hidden="true">
          {{ rising: '▲', falling: '▼', steady: '●', unknown: '◌' }[series.trend.direction]}
        </span>
      </p>
      <p class="line">
        {level && <LevelBadge level={level} page={page} />} {moving}
        <Age
          at={latest.observedAt}
          now={latest.observedAt + series.ageMs}
          zone={detail.network.timeZone}
          ticking={isWall(detail.network, page)}
          page={page}
        />
        {stop}
        {trust}
      </p>
      {series.silent && <p class="silent">Z {t.say.silentFor(duration(series.ageMs, page.language))}</p>}
      {gap && !(gap.to === null && series.silent) && (
        <p class="gap">{gapText(gap, { now: detail.network.now, zone: detail.network.timeZone }, page)}</p>
      )}
    </div>
  )
}

function Chart({ data, series, page }: { data: StationData; series: SeriesDetail; page: PageContext }) {
  const { chart, range, detail } = data
  const { t } = page
  const query = `series=${encodeURIComponent(`${series.parameter.key}/${series.number}`)}&range=${range}`
  return (
    <section aria-label={quantityName(series.parameter, page.language)}>
      <p class="tabs">
        {ranges.map((one) => (
          <Choice key={one} page={page} name="range" value={one} chosen={one === range}>
            {t.ranges[one]}
          </Choice>
        ))}
      </p>
      {chart && (
        <ChartPanel input={chart} size={data.size} source={`/s/${encodeURIComponent(detail.station.id)}/chart.json?${query}`} page={page} />
      )}
      {chart && chart.points.length === 0 && (
        <Nothing words={t.empty.readings} href={`/devices?device=${encodeURIComponent(detail.devices[0]?.id ?? '')}#quarantine`} />
      )}
    </section>
  )
}

function Here({ data, page }: { data: StationData; page: PageContext }) {
  const { t } = page
  return (
    <section>
      <h2>{t.titles.warningsHere}</h2>
      {data.warnings.length === 0 ? (
        <Nothing words={t.empty.warningsHere} href="/w" />
      ) : (
        <ul class="warnings">
          {data.warnings.slice(0, 20).map((warning) => (
            <WarningItem key={warning.id} warning={warning} network={data.detail.network} page={page} />
          ))}
        </ul>
      )}
    </section>
  )
}

const shownFlags: readonly Flag[] = [1, 2, 3, 4, 9]

function Quality({ data, series, page }: { data: StationData; series: SeriesDetail; page: PageContext }) {
  const { t, language } = page
  const points = data.chart?.points ?? []
  const counts = shownFlags.flatMap((flag) => {
    const count = points.filter((point) => point.flag === flag).length
    return count > 0 ? [t.say.countOf(count, t.flag[flag])] : []
  })
  const width = Math.min(680, page.viewport - 40)
  return (
    <section id="quality" data-live>
      <h2>{t.titles.quality}</h2>
      <Figure svg={reportingBar(cellsOf(series.cells), { width, height: 28 }, language)} />
      <p>{series.completeness === null ? t.say.irregular : t.say.complete(shareText(series.completeness))}</p>
      {counts.length > 0 && <p>{t.say.flagCounts(counts)}</p>}
    </section>
  )
}

/** Bytes of one reading in a download, about, as measured on the demo fleet. */
const bytesEach = { csv: 150, json: 260 } as const

function Downloads({ data, series, page }: { data: StationData; series: SeriesDetail; page: PageContext }) {
  const { t } = page
  const count = series.everyMs === null ? (data.chart?.points.length ?? 0) : Math.round(rangeMs[data.range] / series.everyMs)
  const to = data.detail.network.now
  const link = (format: 'csv' | 'json') => {
    const address = `/api/v1/observations?series=${encodeURIComponent(series.series)}&from=${to - rangeMs[data.range]}&to=${to}&format=${format}`
    return (
      <li key={format}>
        <a href={format === 'json' ? `${address}&limit=20000` : address} download>
          {format.toUpperCase()} <small>({t.say.about(sizeText(count * bytesEach[format]))})</small>
        </a>
      </li>
    )
  }
  return (
    <section>
      <h2>{t.titles.downloads}</h2>
      <ul class="links">{(['csv', 'json'] as const).map(link)}</ul>
    </section>
  )
}

const sizeText = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.max(1, Math.round(bytes / 1000))} KB` : `${(bytes / 1e6).toFixed(1)} MB`

function About({ detail, page }: { detail: StationDetail; page: PageContext }) {
  const { t, language } = page
  const { station, zone, permit } = detail
  const sentences = [
    detail.devices.length > 0
      ? t.say.devicesServe(detail.devices.map(({ id, protocol }) => `${id} (${t.protocol[protocol]})`).join(', '))
      : null,
    zone ? zone.name[language] : null,
    station.targetClass ? t.say.targetClass(station.targetClass) : null,
    permit ? t.say.permit(`${permit.amount} ${permit.unit === 'm3' ? 'm³' : permit.unit}`) : null,
    placeText(detail, page),
    detail.network.name[language],
  ].filter((sentence) => sentence !== null)
  return (
    <section id="about" data-live>
      <h2>{t.titles.about}</h2>
      <p>{sentences.join(' · ')}</p>
    </section>
  )
}

/** Where it stands, or of a moving one where it was last, how high and how long ago; null when nobody knows. */
function placeText({ station, series, network }: StationDetail, { t, language }: PageContext): string | null {
  const seen = lastSeen(series)
  const place = seen ?? station.location
  if (place === null) return null
  const degrees = `${place.lat.toFixed(4)}, ${place.lon.toFixed(4)} (WGS 84)`
  if (seen === null) return degrees
  const height = seen.altitude === null ? [] : [`${seen.altitude.toFixed(0)} m`]
  return t.say.lastSeen([degrees, ...height].join(', '), duration(Math.max(0, network.now - seen.at), language))
}
