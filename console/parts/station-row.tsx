import { reportingBar } from '../../figures/reporting-bar.ts'
import { markerIcon } from '../../figures/river-map.ts'
import { sparkline } from '../../figures/sparkline.ts'
import type { NetworkNote, StationSummary } from '../../api/schemas/station.ts'
import type { SeriesSummary } from '../../api/schemas/series.ts'
import { addressWith, type PageContext } from '../context.ts'
import { decimalsFor, leadOf, markOf, quantityName, standingShort, trendText, valueText } from '../say.ts'
import { Age } from './age.tsx'
import { LevelBadge, SimBadge } from './badges.tsx'
import { Figure } from './figure.tsx'

interface Row {
  station: StationSummary
  network: NetworkNote | null
  page: PageContext
}

/** A station in the list: marker, name, value, trend, distance to a stage, age, the day's reporting, 24 h as a line, its warnings. */
export function StationRow({ station, network, page }: Row) {
  const { t, language } = page
  const lead = leadOf(station)
  const name = station.name[language]
  const warning = station.warnings[0]
  return (
    <li class={`row${station.level ? ` edge-${station.level}` : ''}`} id={`row-${station.id}`} data-live data-station={station.id}>
      <Figure name="mark" svg={markerIcon({ ...markOf(station), simulated: false })} />
      <span class="name">
        <a href={`/s/${encodeURIComponent(station.id)}`}>{name}</a>
        {station.simulated && <SimBadge page={page} recorded={station.recorded} />}
      </span>
      <span class="reading">{lead && <Reading lead={lead} />}</span>
      <span class="stand">{lead && standingShort(lead.standing, lead.parameter, page)}</span>
      <Figure name="spark" svg={sparkline({ values: station.cells?.last ?? [], limit: nearestLimit(lead) }, { width: 84, height: 30 })} />
      <span class="trend">{lead && quantityAndTrend(lead, page)}</span>
      <span class="age">
        <LastSeen station={station} lead={lead} network={network} page={page} />
      </span>
      <span class="bar">
        {station.cells && <Figure svg={reportingBar(cellsOf(station.cells), { width: 240, height: 14 }, language)} />}
      </span>
      <span class="warned">
        {warning && (
          <a href={`/w/${encodeURIComponent(warning.id)}`}>
            <LevelBadge level={warning.level} page={page} /> {t.kind[warning.kind]}
            {!warning.acknowledged && warning.state === 'active' && <em> · {t.say.notAcknowledged}</em>}
          </a>
        )}
      </span>
    </li>
  )
}

/** `Water level, rising 0.12 m/h`. */
function quantityAndTrend(lead: SeriesSummary, page: PageContext): string {
  const parts = [quantityName(lead.parameter, page.language), trendText(lead.trend, lead.parameter, page)].filter((part) => part !== null)
  return parts.join(page.language === 'zh' ? '，' : ', ')
}

function Reading({ lead }: { lead: SeriesSummary }) {
  if (!lead.latest) return <span class="none">–</span>
  return (
    <b data-value={lead.series} data-decimals={decimalsFor(lead.parameter, lead.latest.value ?? 0)} data-unit={unitOf(lead)}>
      {valueText(lead.latest.value, lead.parameter)}
    </b>
  )
}

const unitOf = ({ parameter }: SeriesSummary): string => (parameter.display === parameter.name.en ? '' : parameter.display)

function LastSeen({ station, lead, network, page }: Row & { lead: SeriesSummary | null }) {
  const at = lead?.latest?.observedAt
  if (at === undefined || lead?.ageMs == null) return <>{page.t.say.noValue}</>
  const age = (
    <Age
      at={at}
      now={at + lead.ageMs}
      zone={network?.timeZone ?? 'UTC'}
      ticking={station.run === null || isWall(network, page)}
      page={page}
    />
  )
  return station.state === 'silent' ? <strong class="silent">Z {age}</strong> : age
}

/** Whether the ages of a network are told by our own clock, so that the browser may count them on. */
export const isWall = (network: NetworkNote | null, page: PageContext): boolean =>
  network !== null && Math.abs(network.now - page.now) < 60_000

const nearestLimit = (lead: SeriesSummary | null): number | null => lead?.standing?.next?.limit ?? lead?.standing?.reached?.limit ?? null

/** The cells of a day as the bar takes them. */
export const cellsOf = (cells: NonNullable<StationSummary['cells']>): { completeness: number | null; worst: number }[] =>
  cells.worst.map((worst, i) => ({ worst, completeness: cells.completeness?.[i] ?? null }))

/** A link that keeps all of a page's address but one thing. */
export function Choice({
  page,
  name,
  value,
  chosen,
  children,
}: {
  page: PageContext
  name: string
  value: string | null
  chosen: boolean
  children: string
}) {
  return (
    <a href={addressWith(page.url, { [name]: value })} {...(chosen && { 'aria-current': 'true' as const })}>
      {children}
    </a>
  )
}
