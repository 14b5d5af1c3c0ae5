import { levelRank } from '../../domain/levels.ts'
import type { NetworkNote } from '../../api/schemas/station.ts'
import type { WarningList, WarningNote } from '../../api/schemas/warning.ts'
import type { PageContext } from '../context.ts'
import { SimBadge } from '../parts/badges.tsx'
import { Nothing } from '../parts/nothing.tsx'
import { Choice } from '../parts/station-row.tsx'
import { WarningItem } from '../parts/warning-item.tsx'
import type { PageContent } from '../shell.tsx'

export const warningTabs = ['active', 'acknowledged', 'ended', 'retrospective'] as const
export type WarningTab = (typeof warningTabs)[number]

export interface WarningsData {
  list: WarningList
  /** Only those of a run; null = all. */
  run: string | null
  networkOf: (warning: WarningNote) => NetworkNote | null
  tab: WarningTab
}

/** Which of the warnings stand under a tab; pending ones are told at their station, not here. */
export function underTab(warnings: readonly WarningNote[], tab: WarningTab): WarningNote[] {
  const open = (warning: WarningNote): boolean => warning.state === 'active'
  const own = warnings.filter((warning) => {
    if (tab === 'retrospective') return warning.marks.retrospective && warning.state !== 'pending'
    if (warning.marks.retrospective) return false
    if (tab === 'ended') return warning.state === 'cleared' || warning.state === 'expired'
    return open(warning) && (warning.marks.acknowledged !== null) === (tab === 'acknowledged')
  })
  if (tab === 'ended' || tab === 'retrospective') return own.sort((a, b) => (b.endedAt ?? b.changedAt) - (a.endedAt ?? a.changedAt))
  return own.sort((a, b) => levelRank(b.level) - levelRank(a.level) || b.onset - a.onset)
}

/** Warnings of one view; the most urgent, or the newest, are among them. */
const itemsAtMost = 200

/** The inbox: what nobody took note of first. */
export function warningsPage({ list, run, networkOf, tab }: WarningsData, page: PageContext): PageContent {
  const { t } = page
  const shown = underTab(list.warnings, tab)
  return {
    title: t.titles.warnings,
    tab: 'warnings',
    live: { stations: null },
    kind: 'inbox',
    body: (
      <>
        <h1>{t.titles.warnings}</h1>
        {run !== null && (
          <p>
            <SimBadge page={page} /> {t.simulator.say.ofRun(run)} <a href="/w">{t.simulator.buttons.ofAllRuns}</a>
          </p>
        )}
        <p class="tabs" id="warning-tabs" data-live>
          {warningTabs.map((one) => (
            <Choice key={one} page={page} name="tab" value={one} chosen={one === tab}>
              {`${t.tabs[one]} ${underTab(list.warnings, one).length}${list.more ? '+' : ''}`}
            </Choice>
          ))}
        </p>
        <div id="inbox" data-live>
          {shown.length === 0 ? (
            <Nothing words={t.empty.warnings} href="/" />
          ) : (
            <ul class="warnings">
              {shown.slice(0, itemsAtMost).map((warning) => (
                <WarningItem key={warning.id} warning={warning} network={networkOf(warning)} page={page} />
              ))}
            </ul>
          )}
          {shown.length > itemsAtMost && <p>{t.say.more(shown.length - itemsAtMost)}</p>}
        </div>
      </>
    ),
  }
}
