import type { WarningNote } from '../../api/schemas/warning.ts'
import { dayAndClock } from '../../figures/words.ts'
import type { PageContext } from '../context.ts'

/** The one button of a warning's page: thumb-sized and always in reach. Without a login it leads there; once done it says by whom. */
export function Acknowledge({ warning, zone, page }: { warning: WarningNote; zone: string; page: PageContext }) {
  const { t, session } = page
  const { acknowledged } = warning.marks
  const address = `/w/${encodeURIComponent(warning.id)}`
  return (
    <div class="ack-bar" id="acknowledge" data-live>
      {acknowledged ? (
        <p class="done">
          ✓ {t.say.acknowledgedBy(acknowledged.by, dayAndClock(acknowledged.at, zone, page.language))}
          {acknowledged.note !== null && acknowledged.note !== '' && <q>{acknowledged.note}</q>}
        </p>
      ) : session.user === null ? (
        <a class="big button" href={`/login?next=${encodeURIComponent(address)}`}>
          {t.buttons.loginToAcknowledge}
        </a>
      ) : session.user.role === 'viewer' ? (
        <p class="done">{t.problem.refused.reason}</p>
      ) : (
        <form
          method="post"
          action={`${address}/acknowledge`}
          data-acknowledge={`/api/v1/warnings/${encodeURIComponent(warning.id)}/acknowledge`}
        >
          <label>
            <span>{t.columns.note}</span>
            <input name="note" maxLength={2000} autocomplete="off" />
          </label>
          <button class="big" type="submit">
            {t.buttons.acknowledge}
          </button>
        </form>
      )}
    </div>
  )
}
