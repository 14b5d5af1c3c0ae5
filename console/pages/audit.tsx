import type Type from 'typebox'
import type { AuditList } from '../../api/schemas/people.ts'
import { addressWith, type PageContext } from '../context.ts'
import { Moment } from '../parts/age.tsx'
import { ScrollTable } from '../parts/scroll-table.tsx'
import type { PageContent } from '../shell.tsx'

export type AuditData = Type.Static<typeof AuditList>

/** Who did what, and what was refused; for administrators. */
export function auditPage({ entries, next }: AuditData, page: PageContext): PageContent {
  const { titles, columns, outcome, say } = page.t.control
  return {
    title: titles.audit,
    tab: 'more',
    live: null,
    kind: 'people',
    body: (
      <>
        <h1>{titles.audit}</h1>
        <ScrollTable
          name={titles.audit}
          heads={[page.t.columns.time, columns.who, columns.action, columns.target, columns.outcome, columns.address]}
        >
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>
                <Moment at={entry.at} zone="UTC" page={page} />
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
        {next !== null && (
          <p>
            <a class="button" href={addressWith(page.url, { after: next })}>
              {page.t.buttons.older}
            </a>
          </p>
        )}
      </>
    ),
  }
}
