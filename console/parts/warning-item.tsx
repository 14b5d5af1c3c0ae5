import { dayAndClock, duration } from '../../figures/words.ts'
import type { NetworkNote } from '../../api/schemas/station.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import { quantityName } from '../say.ts'
import type { PageContext } from '../context.ts'
import { Moment } from './age.tsx'
import { LevelBadge, markSentences, SimBadge } from './badges.tsx'

/** A warning in a list: level, place, why, since when, who took note. */
export function WarningItem({ warning, network, page }: { warning: WarningNote; network: NetworkNote | null; page: PageContext }) {
  const { t, language } = page
  const zone = network?.timeZone ?? 'UTC'
  const over = warning.endedAt !== null
  const { acknowledged } = warning.marks
  return (
    <li class={`warning ${over ? 'over' : `edge-${warning.level}`}`} id={`warning-${warning.id}`} data-live>
      <p class="head">
        <LevelBadge level={warning.level} page={page} />{' '}
        <a href={`/w/${encodeURIComponent(warning.id)}`}>
          {warning.stationName[language]} · {warning.parameter ? `${quantityName(warning.parameter, language)} · ` : ''}
          {t.kind[warning.kind]}
        </a>{' '}
        {warning.simulated && <SimBadge page={page} recorded={warning.recorded} />}
      </p>
      <p>{warning.why[language]}</p>
      <p class="small">
        <strong>{t.state[warning.state]}</strong> · <Since warning={warning} now={network?.now ?? page.now} zone={zone} page={page} />
        {acknowledged && ` · ${t.say.acknowledgedBy(acknowledged.by, dayAndClock(acknowledged.at, zone, language))}`}
        {!acknowledged && warning.state === 'active' && (
          <>
            {' · '}
            <em>{t.say.notAcknowledged}</em>
          </>
        )}
      </p>
      {markSentences(warning, page)
        .filter((mark) => mark.key !== 'sim')
        .map((mark) => (
          <p class="small" key={mark.key}>
            {mark.sentence}
          </p>
        ))}
    </li>
  )
}

/** When it began, and for how long it stood. */
export function Since({ warning, now, zone, page }: { warning: WarningNote; now: number; zone: string; page: PageContext }) {
  const { language } = page
  const began = warning.raisedAt ?? warning.onset
  const end = warning.endedAt ?? now
  return (
    <>
      <Moment at={began} zone={zone} page={page} /> ({duration(end - began, language)})
    </>
  )
}
