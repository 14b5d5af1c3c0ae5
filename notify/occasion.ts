import { levels, type Level, type Warning } from '../domain/warning.ts'
import type { Channel } from './channel.ts'
import type { Occasion } from './message.ts'

const rank = (level: Level): number => levels.indexOf(level)

/**
 * Why version `number` of a warning is told to anybody: it became active, its level rose, or it ended after having been active. Null for
 * all else: a level that falls, marks, a pending one that came to nothing, and whatever rests on back-filled data. A back-filled warning
 * that a live reading confirms is told then: nobody has heard of it yet.
 * @param versions all versions of one warning, oldest first
 */
export function occasionOf(versions: readonly Warning[], number: number): Occasion | null {
  const place = versions.findIndex((version) => version.version === number)
  const [now, before] = [versions[place], versions[place - 1]]
  if (!now || now.marks.retrospective) return null
  const wasActive = before?.state === 'active' && !before.marks.retrospective
  if (now.state === 'active') {
    if (!wasActive) return 'raised'
    return rank(now.level) > rank(before.level) ? 'escalated' : null
  }
  return wasActive && now.state !== 'pending' ? 'ended' : null
}

/** Whether a channel is told: open for what it is, and the warning has been active at the channel's level at some time. */
export function isFor(channel: Pick<Channel, 'simulated' | 'level'>, versions: readonly Warning[], number: number): boolean {
  const past = versions.filter((version) => version.version <= number)
  const exercise = past.some((version) => version.run !== null || version.marks.drill)
  if (exercise && !channel.simulated) return false
  return past.some((version) => version.state === 'active' && rank(version.level) >= rank(channel.level))
}
