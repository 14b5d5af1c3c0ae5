import type { QuarantineGroups, QuarantineList, QuarantineNote } from '../../api/schemas/quarantine.ts'
import { addressWith, type PageContext } from '../context.ts'
import { known } from '../say.ts'
import { Moment } from './age.tsx'
import { Nothing } from './nothing.tsx'

/** What waits, what was run again, and what was closed. */
export const quarantineStates = ['open', 'repaired', 'given-up'] as const

export interface QuarantineData {
  quarantine: QuarantineList
  /** What waits of the chosen device, or of all, by device and reason. */
  groups: QuarantineGroups['groups']
  /** Chosen reason; null = all. */
  reason: QuarantineNote['reason'] | null
  state: (typeof quarantineStates)[number]
  zoneOfDevice: (device: string) => string
}

/** What was set aside and why, a page of it. */
export function Quarantine({ data, page }: { data: QuarantineData; page: PageContext }) {
  return (
    <section id="quarantine">
      <h2>{page.t.titles.quarantine}</h2>
      <Filters data={data} page={page} />
      <Entries data={data} page={page} />
    </section>
  )
}

/** Which of what was set aside is shown: what waits or was mended, and for which reason. */
function Filters({ data, page }: { data: QuarantineData; page: PageContext }) {
  const { t } = page
  const first = { before: null }
  const counts = new Map<QuarantineNote['reason'], number>()
  for (const { reason, entries } of data.groups) counts.set(reason, (counts.get(reason) ?? 0) + entries)
  const choice = (changes: Record<string, string | null>, chosen: boolean, words: string) => (
    <a href={`${addressWith(page.url, { ...first, ...changes })}#quarantine`} {...(chosen && { 'aria-current': 'true' as const })}>
      {words}
    </a>
  )
  return (
    <>
      <p class="tabs">
        {choice({ state: null }, data.state === 'open', t.buttons.waits)}
        {choice({ state: 'repaired' }, data.state === 'repaired', t.buttons.repaired)}
        {choice({ state: 'given-up' }, data.state === 'given-up', t.buttons.givenUp)}
      </p>
      {counts.size > 1 && (
        <p class="tabs">
          {choice({ reason: null }, data.reason === null, t.buttons.allReasons)}
          {[...counts].map(([reason, count]) => (
            <span key={reason}>{choice({ reason }, data.reason === reason, `${known(t.reason, reason) ?? reason} ${count}`)}</span>
          ))}
        </p>
      )}
    </>
  )
}

function Entries({ data, page }: { data: QuarantineData; page: PageContext }) {
  const { t } = page
  const { entries, next } = data.quarantine
  if (entries.length === 0) return <Nothing words={t.empty.quarantine} href="/devices" />
  return (
    <>
      <ul class="quarantine" id="quarantine-list" data-live>
        {entries.map((entry) => (
          <Entry key={entry.id} entry={entry} zone={data.zoneOfDevice(entry.device)} page={page} />
        ))}
      </ul>
      {next !== null && (
        <p>
          <a class="button" href={`${addressWith(page.url, { before: String(next) })}#quarantine`}>
            {t.buttons.older}
          </a>
        </p>
      )}
    </>
  )
}

function Entry({ entry, zone, page }: { entry: QuarantineNote; zone: string; page: PageContext }) {
  const { t } = page
  const { text, bytes } = entry.payload
  const excerpt = text === null ? `${bytes} B` : text.length > 400 ? `${text.slice(0, 400)}…` : text
  return (
    <li>
      <p>
        <strong>{known(t.reason, entry.reason) ?? entry.reason}</strong> <code>{entry.reason}</code>
      </p>
      <p>{entry.detail}</p>
      <p class="small">
        {entry.device} · <Moment at={entry.receivedAt} zone={zone} page={page} /> · {entry.topic} · {t.say.valuesCount(entry.values)}
        {entry.item !== null && ` · ${t.say.item(entry.item)}`}
      </p>
      <details>
        <summary>
          {t.columns.payload} ({bytes} B)
        </summary>
        <pre>{excerpt}</pre>
      </details>
      <p>
        <a href={`/q/${entry.id}`}>{t.buttons.details}</a>
      </p>
    </li>
  )
}
