import { levelWords } from '../../domain/levels.ts'
import type { Level } from '../../domain/warning.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { PageContext } from '../context.ts'

/** A level as colour, shape of a swatch and word. */
export function LevelBadge({ level, page }: { level: Level; page: PageContext }) {
  return <span class={`badge lv-${level}`}>{page.t.level[level] || levelWords[level][page.language]}</span>
}

/** Data that no river made. */
export function SimBadge({ page }: { page: PageContext }) {
  return (
    <span class="badge sim" title={page.t.say.simulated}>
      SIM
    </span>
  )
}

/** What stands beside the state of a warning, each mark with its sentence. */
export function markSentences(warning: Pick<WarningNote, 'simulated' | 'marks'>, { t }: PageContext): { key: string; sentence: string }[] {
  const { marks } = warning
  return [
    { key: 'sim', on: warning.simulated, sentence: t.say.simulated },
    { key: 'blind', on: marks.blind, sentence: t.say.blind },
    { key: 'retrospective', on: marks.retrospective, sentence: t.say.retrospective },
    { key: 'drill', on: marks.drill, sentence: t.say.drill },
  ].filter((mark) => mark.on)
}
