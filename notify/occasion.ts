import { levels, type Evidence, type Level, type Warning } from '../domain/warning.ts'
import type { Channel } from './channel.ts'
import type { Occasion } from './message.ts'

const rank = (level: Level): number => levels.indexOf(level)

/**
 * Why a version of a warning is told to anybody: it became active, its level rose, its forecast was revised to less than half of the time that
 * was left by the one told last, or it ended after having been active. Null for all else: a later forecast, a level that falls, marks, a pending one that came to nothing, and whatever rests on back-filled data. A back-filled warning that
 * a live reading confirms is told then: nobody has heard of it yet. An onset that moves gives a warning another id, which is no news.
 * @param story the version and all before it, oldest first, those of the warning that it replaces included
 */
export function occasionOf(story: readonly Warning[]): Occasion | null {
  const now = story.at(-1)
  const before = story.slice(0, -1).findLast((version) => version.replacedBy === undefined)
  if (!now || now.marks.retrospective || now.replacedBy !== undefined) return null
  const wasActive = before?.state === 'active' && !before.marks.retrospective
  if (now.state === 'active') {
    if (!wasActive) return 'raised'
    if (rank(now.level) > rank(before.level)) return 'escalated'
    return isSooner(story) ? 'sooner' : null
  }
  return wasActive && now.state !== 'pending' ? 'ended' : null
}

/** Whether a channel is told: open for what it is, and the warning has been active at the channel's level at some time of its story. */
export function isFor(channel: Pick<Channel, 'simulated' | 'level'>, story: readonly Warning[]): boolean {
  const exercise = story.some((version) => version.run !== null || version.marks.drill)
  if (exercise && !channel.simulated) return false
  return story.some((version) => version.state === 'active' && rank(version.level) >= rank(channel.level))
}

/** True when the newest version brings a forecast that leaves less than half of the time that the one told last left by then. */
function isSooner(story: readonly Warning[]): boolean {
  let [told, isTold] = [null as Evidence | null, false]
  for (const { kind, evidence } of story) {
    if (kind !== 'trend' || evidence.to === told?.to) {
      isTold = false
      continue
    }
    isTold = told !== null && evidence.limit === told.limit && leftAt(evidence, evidence.to) < leftAt(told, evidence.to) / 2
    if (told === null || isTold || evidence.limit !== told.limit) told = evidence
  }
  return isTold
}

/** Time until the limit by a forecast, seen from a moment, ms. */
const leftAt = ({ to, figures }: Evidence, at: number): number => to + (figures['timeToThresholdMs'] ?? Infinity) - at
