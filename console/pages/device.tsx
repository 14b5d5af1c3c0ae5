import type { GapNote } from '../../api/schemas/continuity.ts'
import type { DeviceNote } from '../../api/schemas/device.ts'
import type { ParameterNote } from '../../api/schemas/series.ts'
import type { Words } from '../../api/schemas/words.ts'
import { reportingBar, type ReportingCell } from '../../figures/reporting-bar.ts'
import { duration, number } from '../../figures/words.ts'
import type { PageContext } from '../context.ts'
import { Age, Moment } from '../parts/age.tsx'
import { SimBadge } from '../parts/badges.tsx'
import { Figure } from '../parts/figure.tsx'
import { Heads } from '../parts/heads.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { Choice } from '../parts/station-row.tsx'
import { quantityName, shareText } from '../say.ts'
import type { PageContent } from '../shell.tsx'

/** Most gaps on a page. */
export const gapsShown = 200

/** What came of a series of the device, by hours and days, oldest first. */
export interface SeriesReport {
  id: string
  parameter: ParameterNote
  number: number
  place: Words
  /** Of the hours; null where none is summed up. */
  completeness: number | null
  hours: ReportingCell[]
  days: ReportingCell[]
}

export interface DeviceData {
  device: DeviceNote
  /** Which gaps are shown. */
  state: 'open' | 'all'
  /** Clock of its network, epoch ms. */
  now: number
  zone: string
  series: SeriesReport[]
  /** Newest begin first. */
  gaps: GapNote[]
  hasMore: boolean
  /** The server was just started: gaps may be missing among these. */
  isReadingBack: boolean
}

/** One device: what came of what should have, what is missing and why, and whether it was asked for. */
export function devicePage(data: DeviceData, page: PageContext): PageContent {
  const { t } = page
  const { device, now, zone } = data
  return {
    title: device.id,
    tab: 'devices',
    live: { stations: device.stations },
    kind: 'devices',
    body: (
      <>
        <h1>
          {device.id} <small>{t.protocol[device.protocol]}</small> {device.simulated && <SimBadge page={page} />}
        </h1>
        <p>
          {t.columns.lastSeen}{' '}
          {device.lastReceivedAt === null ? t.say.never : <Age at={device.lastReceivedAt} now={page.now} zone={zone} ticking page={page} />}
          {' · '}
          <a href={`/devices?device=${encodeURIComponent(device.id)}#quarantine`}>{t.gaps.buttons.setAside}</a>
        </p>
        <section id="completeness" data-live>
          <h2>{t.titles.quality}</h2>
          {data.series.length === 0 ? (
            <Nothing words={t.gaps.empty.series} href="/docs" />
          ) : (
            data.series.map((series) => <Report key={series.id} series={series} page={page} />)
          )}
        </section>
        <section id="gaps" data-live>
          <h2>{t.gaps.titles.gaps}</h2>
          <p class="tabs">
            <Choice page={page} name="gaps" value={null} chosen={data.state === 'open'}>
              {t.gaps.buttons.open}
            </Choice>
            <Choice page={page} name="gaps" value="all" chosen={data.state === 'all'}>
              {t.gaps.buttons.all}
            </Choice>
          </p>
          {data.isReadingBack && <p>{t.gaps.say.readingBack}</p>}
          {data.gaps.length === 0 ? (
            !data.isReadingBack && <Nothing words={t.gaps.empty.gaps} href={`/d/${encodeURIComponent(device.id)}?gaps=all`} />
          ) : (
            <Gaps data={data} now={now} page={page} />
          )}
        </section>
      </>
    ),
  }
}

function Report({ series, page }: { series: SeriesReport; page: PageContext }) {
  const { t, language } = page
  const { hours, days } = t.gaps.titles
  const width = Math.min(680, page.viewport - 40)
  return (
    <>
      <h3>
        {quantityName(series.parameter, language)}
        {series.number > 1 && ` ${series.number}`} · {series.place[language]} ·{' '}
        {series.completeness === null ? t.gaps.say.notSummed : t.gaps.say.complete(shareText(series.completeness))}
      </h3>
      <p class="small">{hours}</p>
      <Figure svg={reportingBar(series.hours, { width, height: 28 }, language)} />
      <p class="small">{days}</p>
      <Figure svg={reportingBar(series.days, { width, height: 28 }, language)} />
    </>
  )
}

function Gaps({ data, now, page }: { data: DeviceData; now: number; page: PageContext }) {
  const { gaps: words } = page.t
  const names = new Map(data.series.map(({ id, parameter }) => [id, quantityName(parameter, page.language)]))
  const { series, from, to, missing, arrived, cause, state, request } = words.columns
  return (
    <>
      <div class="scroll" tabIndex={0} role="region" aria-label={words.titles.gaps}>
        <table id="gap-table">
          <thead>
            <tr>
              <Heads names={[series, from, to]} />
              <Heads names={[missing, arrived]} numeric />
              <Heads names={[cause, state, request]} />
            </tr>
          </thead>
          <tbody>
            {data.gaps.map((gap) => (
              <Row key={gap.id} gap={gap} name={names.get(gap.series) ?? gap.series} zone={data.zone} now={now} page={page} />
            ))}
          </tbody>
        </table>
      </div>
      {data.hasMore && <p class="small">{words.say.more(gapsShown)}</p>}
    </>
  )
}

interface GapRow {
  gap: GapNote
  name: string
  zone: string
  now: number
  page: PageContext
}

function Row({ gap, name, zone, now, page }: GapRow) {
  const { gaps: words } = page.t
  const length = duration(Math.max(0, (gap.to ?? now) - gap.from), page.language)
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <Moment at={gap.from} zone={zone} page={page} />
      </td>
      <td>
        {gap.to === null ? words.say.lasts : <Moment at={gap.to} zone={zone} page={page} />} <small>({length})</small>
      </td>
      <td class="number">{number(gap.missing, 0)}</td>
      <td class="number">{number(gap.arrived, 0)}</td>
      <td>{words.cause[gap.cause]}</td>
      <td>{words.state[gap.state]}</td>
      <td>
        {gap.request === null ? (
          words.say.notAsked
        ) : (
          <span title={gap.request.detail}>
            {words.request[gap.request.outcome]}
            {gap.request.tries > 1 && `, ${words.say.times(gap.request.tries)}`}{' '}
            <small>({<Moment at={gap.request.at} zone={zone} page={page} />})</small>
          </span>
        )}
      </td>
    </tr>
  )
}
