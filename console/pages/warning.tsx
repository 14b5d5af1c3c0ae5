import type { HydrographInput } from '../../figures/hydrograph.ts'
import { duration, fullTime, number } from '../../figures/words.ts'
import type { NetworkNote } from '../../api/schemas/station.ts'
import type { NotificationNote, WarningDetail, WarningNote } from '../../api/schemas/warning.ts'
import { views, type View } from '../chart.ts'
import type { PageContext } from '../context.ts'
import { Acknowledge } from '../parts/acknowledge.tsx'
import { Fact, Moment } from '../parts/age.tsx'
import { LevelBadge, markSentences, SimBadge } from '../parts/badges.tsx'
import { ChartPanel } from '../parts/chart-panel.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { Choice } from '../parts/station-row.tsx'
import { Since } from '../parts/warning-item.tsx'
import { decisionText, known, limitName, quantityName, shareText } from '../say.ts'
import type { PageContent } from '../shell.tsx'

export interface WarningData {
  detail: WarningDetail
  network: NetworkNote | null
  chart: HydrographInput | null
  size: { width: number; height: number }
  view: View
}

/** One warning: the sentence, what it rests on, who was told, and the button. */
export function warningPage(data: WarningData, page: PageContext): PageContent {
  const { t, language } = page
  const { warning } = data.detail
  const zone = data.network?.timeZone ?? 'UTC'
  return {
    title: `${t.level[warning.level]} · ${warning.stationName[language]}`,
    tab: 'warnings',
    live: { stations: [warning.station] },
    kind: 'warning-page',
    body: (
      <>
        <div class="main-column">
          <Head data={data} zone={zone} page={page} />
          <Acknowledge warning={warning} zone={zone} page={page} />
          <Evidence data={data} page={page} />
        </div>
        <div class="side-column">
          <Timeline warning={warning} zone={zone} page={page} />
          <Figures warning={warning} zone={zone} page={page} />
          <Told notifications={data.detail.notifications} zone={zone} page={page} />
        </div>
      </>
    ),
  }
}

function Head({ data, zone, page }: { data: WarningData; zone: string; page: PageContext }) {
  const { t, language } = page
  const { warning } = data.detail
  const { evidence } = warning
  return (
    <div class={`warning-head ${warning.endedAt === null ? `edge-${warning.level}` : 'over'}`} id="warning-head" data-live>
      <h1>
        <LevelBadge level={warning.level} page={page} />{' '}
        <a href={`/s/${encodeURIComponent(warning.station)}`}>{warning.stationName[language]}</a>{' '}
        {warning.parameter && `· ${quantityName(warning.parameter, language)} `}· {t.kind[warning.kind]}{' '}
        {warning.simulated && <SimBadge page={page} recorded={warning.recorded} />}
      </h1>
      <p class="state">
        <strong>{t.state[warning.state]}</strong> · <Since warning={warning} now={data.network?.now ?? page.now} zone={zone} page={page} />
        {warning.endedAt !== null && <> · {t.say.ended(fullTime(warning.endedAt, zone, language))}</>}
      </p>
      {evidence.value !== null && (
        <p class="value">
          <b>
            {figureText(evidence.value)} {evidence.unit}
          </b>
        </p>
      )}
      <p class="why">{warning.why[language]}</p>
      <p class="clears">{warning.clears[language]}</p>
      {markSentences(warning, page).map((mark) => (
        <p class={`mark ${mark.key}`} key={mark.key}>
          {mark.sentence}
        </p>
      ))}
    </div>
  )
}

/** A figure of a method as it was computed, without digits that say nothing. */
const figureText = (value: number): string =>
  number(value, Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 1 ? 2 : 4)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')

function Evidence({ data, page }: { data: WarningData; page: PageContext }) {
  const { t } = page
  const { warning } = data.detail
  const names = { then: t.buttons.then, now: t.buttons.upToNow }
  return (
    <section>
      <h2>{t.titles.evidence}</h2>
      {data.chart === null ? (
        <Nothing words={t.empty.evidence} href={`/s/${encodeURIComponent(warning.station)}`} />
      ) : (
        <>
          <p class="tabs">
            {views.map((view) => (
              <Choice key={view} page={page} name="evidence" value={view} chosen={view === data.view}>
                {names[view]}
              </Choice>
            ))}
          </p>
          <ChartPanel
            input={data.chart}
            size={data.size}
            source={`/w/${encodeURIComponent(warning.id)}/chart.json?evidence=${data.view}`}
            page={page}
          />
        </>
      )}
    </section>
  )
}

function Timeline({ warning, zone, page }: { warning: WarningNote; zone: string; page: PageContext }) {
  const { t, language } = page
  return (
    <section>
      <h2>{t.titles.timeline}</h2>
      <ol class="timeline" id="timeline" data-live>
        {warning.timeline.map((line, i) => (
          <li key={i}>
            <Moment at={line.at} zone={zone} page={page} /> {line.level && <LevelBadge level={line.level} page={page} />}{' '}
            {line.words[language] || t.what[line.what]}
            {line.by !== null && !line.words[language].includes(line.by) && ` · ${line.by}`}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Figures({ warning, zone, page }: { warning: WarningNote; zone: string; page: PageContext }) {
  const { t, language } = page
  const { evidence } = warning
  const decision = decisionText(warning, zone, page)
  const extra = Object.entries(evidence.figures).filter((entry): entry is [string, number] => entry[1] !== null)
  return (
    <section>
      <h2>{t.titles.figures}</h2>
      <dl class="facts">
        {evidence.value !== null && <Fact name={t.say.value}>{`${figureText(evidence.value)} ${evidence.unit}`}</Fact>}
        {evidence.limit !== null && <Fact name={limitName(warning, t)}>{`${figureText(evidence.limit)} ${evidence.unit}`}</Fact>}
        <Fact name={t.say.window}>
          {fullTime(evidence.from, zone, language)} – {fullTime(evidence.to, zone, language)}
        </Fact>
        {decision !== null && <Fact name={t.say.raisedBy}>{decision}</Fact>}
        <Fact name={t.columns.quality}>{t.say.trusted(evidence.trusted, evidence.rejected, evidence.doubtful ?? 0)}</Fact>
        {extra.map(([name, value]) => (
          <Fact key={name} name={known(t.figure, name) ?? name}>
            {name.endsWith('Ms') ? duration(value, language) : name === 'coverage' ? shareText(value) : figureText(value)}
          </Fact>
        ))}
      </dl>
      <p class="small">{t.say.rule(warning.rule, warning.ruleVersion)}</p>
    </section>
  )
}

function Told({ notifications, zone, page }: { notifications: readonly NotificationNote[]; zone: string; page: PageContext }) {
  const { t } = page
  return (
    <section id="told" data-live>
      <h2>{t.titles.told}</h2>
      {notifications.length === 0 ? (
        <Nothing words={t.empty.told} href="/w" />
      ) : (
        <ul class="told">
          {notifications.map((note) => {
            const last = note.log.at(-1)
            return (
              <li key={note.key}>
                <strong>{note.channel}</strong>{' '}
                {last && (
                  <>
                    {t.delivery[last.what]} · <Moment at={last.at} zone={zone} page={page} />
                    {last.detail !== null && <span class="small"> · {last.detail}</span>}
                  </>
                )}
              </li>
            )
          })}
        </ul>
      )}
    </section>
  )
}
