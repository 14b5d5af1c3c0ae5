import type { WarningNote } from '../../api/schemas/warning.ts'
import type { SeenWarning } from '../../devices-sim/score/seen.ts'
import { levels, type Level } from '../../domain/warning.ts'

/** A warning of a server as a score takes it. */
export function seenWarning(note: WarningNote): SeenWarning {
  const { rule, kind, station, series, raisedAt, marks, evidence } = note
  return {
    ...{ rule, kind, station, series, level: highestLevel(note), raisedAt },
    ...{ retrospective: marks.retrospective, limit: evidence.limit, figures: evidence.figures },
  }
}

/** The highest level that a warning came to: it steps down before it clears, so that `level` is the last one. */
export function highestLevel({ level, timeline }: Pick<WarningNote, 'level' | 'timeline'>): Level {
  const all = timeline.flatMap((line) => line.level ?? [])
  return [...all, level].reduce((highest, one) => (levels.indexOf(one) > levels.indexOf(highest) ? one : highest))
}
