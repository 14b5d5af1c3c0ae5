import type { WarningDetail, WarningNote } from '../../api/schemas/warning.ts'
import type { SeenWarning } from '../../devices-sim/score/seen.ts'
import { levels, type Level } from '../../domain/warning.ts'
import type { ApiClient } from '../commands/client.ts'

/**
 * A warning of a server as a score takes it.
 * @param raising the version that raised it: a trend that is over has neither limit nor figures any more, a revised one has others
 */
export function seenWarning(note: WarningNote, raising: Pick<WarningNote, 'evidence'> = note): SeenWarning {
  const { rule, kind, station, series, onset, raisedAt, marks } = note
  const { limit, figures } = raising.evidence
  const { decided = null } = note
  return {
    ...{ rule, kind, station, series, level: highestLevel(note), onset, raisedAt },
    ...{ retrospective: marks.retrospective, decided, limit, figures },
  }
}

/** The version of a warning that raised it; of a trend it holds the forecast. Rejects as the client does. */
export async function raisingVersion(client: Pick<ApiClient, 'get'>, note: WarningNote): Promise<WarningNote> {
  if (note.kind !== 'trend' || note.raisedAt === null || note.evidence.to === note.raisedAt) return note
  const { versions } = await client.get<WarningDetail>(`/api/v1/warnings/${encodeURIComponent(note.id)}`)
  return versions.find(({ evidence }) => evidence.to === note.raisedAt && evidence.limit !== null) ?? note
}

/** The highest level that a warning came to: it steps down before it clears, so that `level` is the last one. */
export function highestLevel({ level, timeline }: Pick<WarningNote, 'level' | 'timeline'>): Level {
  const all = timeline.flatMap((line) => line.level ?? [])
  return [...all, level].reduce((highest, one) => (levels.indexOf(one) > levels.indexOf(highest) ? one : highest))
}
