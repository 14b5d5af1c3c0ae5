import { levelWords } from '../../domain/levels.ts'
import type { Level } from '../../domain/warning.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { PageContext } from '../context.ts'

/** A level as colour, shape of a swatch and word. */
export function LevelBadge({ level, page }: { level: Level; page: PageContext }) {
  return <span class={`badge lv-${level}`}>{page.t.level[level] || levelWords[level][page.language]}</span>
}

/** Data that no river made now: simulated, or recorded once and replayed. */
export function SimBadge({ page, recorded = false }: { page: PageContext; recorded?: boolean }) {
  return (
    <span class="badge sim" title={runSentence(recorded, page)}>
      {recorded ? page.t.say.replayBadge : 'SIM'}
    </span>
  )
}

/** The sentence beside the badge. */
export const runSentence = (recorded: boolean, { t }: PageContext): string => (recorded ? t.say.recorded : t.say.simulated)

/** What stands beside the state of a warning, each mark with its sentence. */
export function markSentences(
  warning: Pick<WarningNote, 'simulated' | 'recorded' | 'marks'>,
  page: PageContext,
): { key: string; sentence: string }[] {
  const { marks } = warning
  const { t } = page
  return [
    { key: 'sim', on: warning.simulated, sentence: runSentence(warning.recorded, page) },
    { key: 'blind', on: marks.blind, sentence: t.say.blind },
    { key: 'retrospective', on: marks.retrospective, sentence: t.say.retrospective },
    { key: 'drill', on: marks.drill, sentence: t.say.drill },
  ].filter((mark) => mark.on)
}
