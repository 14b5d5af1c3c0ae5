import type { Evidence, Level } from '../domain/warning.ts'

/** A change of an episode: raised, another level, or the end (level null), with what it was decided on. */
export interface Change {
  /** Event time, epoch ms. */
  at: number
  level: Level | null
  evidence: Evidence
}

/**
 * What the water did, from the first reading beyond a limit to the end: made from readings in time order only, so that it is the same
 * whenever they came. Frozen: a change makes a new one. Plain JSON.
 */
export interface Episode {
  /** Event time of the first reading beyond the limit. */
  onset: number
  /** The first one raised it; the last one has level null when it is over. */
  changes: readonly [Change, ...Change[]]
}

/** The newest change. */
export function lastChange(episode: Episode): Change {
  return episode.changes.at(-1) ?? episode.changes[0]
}

/** When it ended; null while it lasts. */
export function endOf(episode: Episode): number | null {
  const last = lastChange(episode)
  return last.level === null ? last.at : null
}

/** The level that holds, or held last. */
export function levelOf(episode: Episode): Level {
  const last = lastChange(episode)
  return last.level ?? episode.changes.at(-2)?.level ?? 'blue'
}

/** The change that set the level of now: the one whose reasons still stand. */
export function standingChange(episode: Episode): Change {
  const last = lastChange(episode)
  return last.level === null ? (episode.changes.at(-2) ?? last) : last
}

/** The same episode with one more change. */
export function withChange(episode: Episode, change: Change): Episode {
  return { onset: episode.onset, changes: [...episode.changes, change] }
}

/** The same content; episodes are small and compared rarely. */
export function sameEpisode(a: Episode, b: Episode): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
