import { levels, type Level, type Warning } from '../domain/warning.ts'
import type { Channel } from './channel.ts'
import type { Occasion } from './message.ts'

const rank = (level: Level): number => levels.indexOf(level)

/**
 * Why a version of a warning is told to anybody: it became active, its level rose, or it ended after having been active. Null for all
 * else: a level that falls, marks, a pending one that came to nothing, and whatever rests on back-filled data. A back-filled warning that
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
    return rank(now.level) > rank(before.level) ? 'escalated' : null
  }
  return wasActive && now.state !== 'pending' ? 'ended' : null
}

/** Whether a channel is told: open for what it is, and the warning has been active at the channel's level at some time of its story. */
export function isFor(channel: Pick<Channel, 'simulated' | 'level'>, story: readonly Warning[]): boolean {
  const exercise = story.some((version) => version.run !== null || version.marks.drill)
  if (exercise && !channel.simulated) return false
  return story.some((version) => version.state === 'active' && rank(version.level) >= rank(channel.level))
}
