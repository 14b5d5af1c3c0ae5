import { naturalHeight } from '../../figures/river-layout.ts'
import { riverMap, type MapStation } from '../../figures/river-map.ts'
import { dayAndClock } from '../../figures/words.ts'
import type { Readiness } from '../../api/schemas/health.ts'
import type { StationList, StationSummary } from '../../api/schemas/station.ts'
import { addressWith, phoneWidth, type PageContext } from '../context.ts'
import { Age } from '../parts/age.tsx'
import { runSentence, SimBadge } from '../parts/badges.tsx'
import { Figure } from '../parts/figure.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { Choice, StationRow } from '../parts/station-row.tsx'
import { leadOf, markOf, shareText, stationLine } from '../say.ts'
import { maySimulate, type PageContent } from '../shell.tsx'
import { byUrgency, chosen, type Filter } from '../urgency.ts'
import { whereabouts } from '../whereabouts.ts'

export interface OverviewData {
  list: StationList
  readiness: Readiness | null
  filter: Filter
  search: string
  network: string | null
  /** Only the list (the phone's second tab). */
  listOnly: boolean
  all: boolean
}

/** Rows of the first view; the rest is one link away. */
const rowsAtMost = 200

/** Is it all right? Five counters that filter, the map and the list, most urgent first. */
export function overviewPage(data: OverviewData, page: PageContext): PageContent {
  const { list } = data
  const inNetwork = list.stations.filter((station) => data.network === null || station.network === data.network)
  const shown = byUrgency(chosen(inNetwork, data.filter, data.search))
  return {
    title: data.listOnly ? page.t.titles.stations : page.t.titles.overview,
    tab: data.listOnly ? 'stations' : 'overview',
    live: { stations: null },
    kind: 'overview',
    body: (
      <>
        <h1 class="visually-hidden">{page.t.titles.overview}</h1>
        <Counters data={data} page={page} />
        <Status data={data} page={page} />
        {list.stations.length === 0 ? (
          <Nothing words={page.t.empty.stations} href="/docs" />
        ) : (
          <div class={data.listOnly ? 'split list-only' : 'split'}>
            {!data.listOnly && <MapPanel stations={inNetwork} page={page} />}
            <ListPanel shown={shown} data={data} page={page} />
          </div>
        )}
      </>
    ),
  }
}

function Counters({ data, page }: { data: OverviewData; page: PageContext }) {
  const { counts } = data.list
  const { counters } = page.t
  const quiet = counts.silent + counts.never
  const entries: [Filter, string, string, boolean][] = [
    ['reporting', String(counts.reporting), counters.reporting, false],
    ['silent', String(quiet), counters.silent, quiet > 0],
    ['warnings', String(counts.warnings), counters.warnings, counts.warnings > 0],
    ['unacknowledged', String(counts.unacknowledged), counters.unacknowledged, counts.unacknowledged > 0],
    ['incomplete', counts.completeness === null ? '–' : shareText(counts.completeness), counters.complete, false],
  ]
  return (
    <ul class="counters" id="counters" data-live>
      {entries.map(([filter, value, name, raised]) => (
        <li key={filter}>
          <a
            class={raised ? 'raised' : ''}
            href={addressWith(page.url, { show: data.filter === filter ? null : filter })}
            {...(data.filter === filter && { 'aria-current': 'true' as const })}
          >
            <b>{value}</b> <span>{name}</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

function Status({ data, page }: { data: OverviewData; page: PageContext }) {
  const { list, readiness } = data
  const { say } = page.t
  const { counts } = list
  const zone = list.networks[0]?.timeZone ?? 'UTC'
  const quiet = counts.silent + counts.never
  const simulated = list.stations.filter((station) => station.simulated).length
  const recorded = list.stations.filter((station) => station.recorded).length
  const failing = readiness?.checks.filter((check) => !check.ok) ?? []
  const calm = quiet === 0 && counts.warnings === 0
  return (
    <div class="status" id="status" data-live>
      <p>
        {counts.stations > 0 && (
          <strong>{calm ? say.allOk(counts.stations) : say.notAllOk(quiet, counts.warnings, counts.unacknowledged)}</strong>
        )}{' '}
        <span>
          {say.lastReading}{' '}
          {list.lastReceivedAt === null ? say.never : <Age at={list.lastReceivedAt} now={list.now} zone={zone} ticking page={page} />}
        </span>
        {' · '}
        <a href="/more">{say.problems(failing.length)}</a>
        {page.session.simulatedOnly && <span> · {say.notSignedIn}</span>}
      </p>
      {list.networks.map(
        (network) =>
          network.catchingUp && <p key={network.id}>{say.catchingUp(dayAndClock(network.now, network.timeZone, page.language))}</p>,
      )}
      {simulated > 0 && (
        <p class="simulated">
          <SimBadge page={page} recorded={recorded === simulated} />{' '}
          {simulated < list.stations.length
            ? say.someSimulated
            : recorded > 0 && recorded < simulated
              ? say.someRecorded
              : runSentence(recorded > 0, page)}{' '}
          {(maySimulate(page) || page.session.simulatedOnly) && <a href="/sim#flood">{page.t.simulator.buttons.flood}</a>}
        </p>
      )}
    </div>
  )
}

function MapPanel({ stations, page }: { stations: readonly StationSummary[]; page: PageContext }) {
  const narrow = page.viewport < phoneWidth
  const width = narrow ? page.viewport - 24 : Math.round(Math.min(720, (page.viewport - 150) * 0.4))
  const size = { width, height: naturalHeight(stations, width) }
  return (
    <section class={stations.length > 0 && stations.every((s) => s.simulated) ? 'map all-simulated' : 'map'} aria-label={page.t.titles.map}>
      <div id="map" data-live>
        <Figure
          svg={riverMap(
            stations.map((station) => mapStation(station, page)),
            size,
            page.language,
          )}
        />
      </div>
      <p class="legend">
        <span>▲ {page.t.legend.rising}</span> <span>▼ {page.t.legend.falling}</span> <span>● {page.t.trend.steady}</span>{' '}
        <span>◌ {page.t.trend.unknown}</span> <span>? {page.t.flag[3]}</span> <span>Z {page.t.counters.silent}</span>
      </p>
    </section>
  )
}

function mapStation(station: StationSummary, page: PageContext): MapStation {
  const lead = leadOf(station)
  const name = station.name[page.language]
  const level = station.level === null ? '' : `${page.t.level[station.level]}. `
  return {
    ...markOf(station),
    id: station.id,
    name,
    location: whereabouts(station),
    downstream: station.downstream,
    href: `/s/${encodeURIComponent(station.id)}`,
    words: `${name}. ${level}${lead ? stationLine(lead, page) : page.t.say.noValue}`,
  }
}

function ListPanel({ shown, data, page }: { shown: readonly StationSummary[]; data: OverviewData; page: PageContext }) {
  const { t } = page
  const networks = new Map(data.list.networks.map((network) => [network.id, network]))
  const rows = data.all ? shown : shown.slice(0, rowsAtMost)
  return (
    <section class="list" aria-label={t.titles.stations}>
      {data.list.networks.length > 1 && (
        <p class="tabs">
          <Choice page={page} name="network" value={null} chosen={data.network === null}>
            {t.buttons.allNetworks}
          </Choice>
          {data.list.networks.map((network) => (
            <Choice key={network.id} page={page} name="network" value={network.id} chosen={data.network === network.id}>
              {network.name[page.language]}
            </Choice>
          ))}
        </p>
      )}
      {data.listOnly && (
        <form class="phone" role="search" action="/" method="get">
          <input type="hidden" name="view" value="list" />
          <label>
            <span class="visually-hidden">{t.buttons.search}</span>
            <input name="q" type="search" placeholder={t.buttons.search} value={data.search} autocomplete="off" />
          </label>
        </form>
      )}
      {(data.filter !== 'all' || data.search !== '') && (
        <p class="filtered">
          {t.say.matches(shown.length)}
          {data.search !== '' && ` · “${data.search}”`} · <a href={addressWith(page.url, { show: null, q: null })}>{t.buttons.showAll}</a>
        </p>
      )}
      {rows.length === 0 ? (
        <Nothing words={t.empty.filtered} href="/" />
      ) : (
        <ul class="rows" id="rows" data-order={rows.map((station) => station.id).join(' ')}>
          {rows.map((station) => (
            <StationRow key={station.id} station={station} network={networks.get(station.network) ?? null} page={page} />
          ))}
        </ul>
      )}
      {shown.length > rows.length && (
        <p>
          {t.say.more(shown.length - rows.length)} <a href={addressWith(page.url, { all: '1' })}>{t.buttons.showAll}</a>
        </p>
      )}
    </section>
  )
}
