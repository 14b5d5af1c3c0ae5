import { offsetAt } from '../../domain/time-zone.ts'
import { zoneWords } from '../../figures/words.ts'
import type { AuditList } from '../../api/schemas/audit.ts'
import { addressWith, type PageContext } from '../context.ts'
import { OwnMoment } from '../parts/age.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { ScrollTable } from '../parts/scroll-table.tsx'
import type { PageContent } from '../shell.tsx'

/** What an entry must be to be shown, each as it stands in the log. */
export const auditFields = ['who', 'action', 'target', 'address', 'reason'] as const

/** `from` and `to` are epoch ms; null = open. */
export type AuditWishes = { from: number | null; to: number | null; outcome?: 'done' | 'refused' } & Partial<
  Record<(typeof auditFields)[number], string>
>

export interface AuditData extends AuditList {
  wishes: AuditWishes
}

/** Who did what, and what was refused; for administrators. */
export function auditPage(data: AuditData, page: PageContext): PageContent {
  const { control } = page.t
  const { entries, next } = data
  const older = next === null ? null : addressWith(page.url, { cursor: next })
  return {
    title: control.titles.audit,
    tab: 'more',
    live: null,
    kind: 'people',
    body: (
      <>
        <h1>{control.titles.audit}</h1>
        <Filter wishes={data.wishes} page={page} />
        <p class="small">{control.say.zone(zoneWords(page.now, page.zone))}</p>
        {entries.length > 0 && <Entries entries={entries} page={page} />}
        {entries.length === 0 && <Nothing words={older === null ? control.emptyLog : control.noneSoFar} href={older ?? '/audit'} />}
        {entries.length > 0 && older !== null && (
          <p>
            <a class="button" href={older}>
              {page.t.buttons.older}
            </a>
          </p>
        )}
      </>
    ),
  }
}

/** Asks for a part of the log by its address: it works without any script, and can be handed on. */
function Filter({ wishes, page }: { wishes: AuditWishes; page: PageContext }) {
  const { columns, outcome, bothOutcomes, emptyLog } = page.t.control
  const isFiltered = Object.values(wishes).some((wish) => wish !== null)
  return (
    <form class="filter" role="search" action="/audit" method="get">
      <input type="hidden" name="zone" value={page.zone} />
      {(['from', 'to'] as const).map((name) => (
        <label key={name}>
          <span>{columns[name]}</span>
          <input name={name} type="datetime-local" value={localText(wishes[name], page.zone)} />
        </label>
      ))}
      {auditFields.map((name) => (
        <label key={name}>
          <span>{columns[name]}</span>
          <input name={name} maxLength={200} value={wishes[name] ?? ''} autocomplete="off" />
        </label>
      ))}
      <label>
        <span>{columns.outcome}</span>
        <select name="outcome">
          {(['', 'done', 'refused'] as const).map((one) => (
            <option key={one} value={one} selected={one === (wishes.outcome ?? '')}>
              {one === '' ? bothOutcomes : outcome[one]}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">{page.t.buttons.search}</button>
      {isFiltered && (
        <a class="button" href="/audit">
          {emptyLog.action}
        </a>
      )}
    </form>
  )
}

/** A moment as a field for date and time has it, on the clock of a zone; empty when there is none. */
const localText = (at: number | null, zone: string): string =>
  at === null ? '' : new Date(at + offsetAt(at, zone)).toISOString().slice(0, 16)

function Entries({ entries, page }: { entries: AuditList['entries']; page: PageContext }) {
  const { titles, columns, outcome, say } = page.t.control
  const heads = [page.t.columns.time, columns.who, columns.action, columns.target, columns.outcome, columns.address]
  return (
    <ScrollTable name={titles.audit} heads={heads}>
      {entries.map((entry) => (
        <tr key={entry.id}>
          <td>
            <OwnMoment at={entry.at} page={page} />
            {entry.count > 1 && <small> {say.times(entry.count)}</small>}
          </td>
          <th scope="row">{entry.who ?? '–'}</th>
          <td>
            {entry.action} <small>{entry.detail}</small>
          </td>
          <td>{entry.target ?? '–'}</td>
          <td>
            {outcome[entry.outcome]} {entry.reason !== null && <small>{entry.reason}</small>}
          </td>
          <td>{entry.address ?? '–'}</td>
        </tr>
      ))}
    </ScrollTable>
  )
}
