import { nowOf } from './clocks.ts'
import type { Grounds } from './decision.ts'
import { endOf, levelOf, type Episode } from './episode.ts'
import { timeAt, type Samples } from './samples.ts'
import type { ReadingTrack, SeriesSlot, TrendTrack, WatchContext } from './slot.ts'
import { isOpen, notes, warningIdOf, write, type Followed } from './warnings.ts'

/** A decision on a reading this far behind the clock was made live. */
const liveMs = 10 * 60_000

/** An episode as it now stands. */
export interface Told {
  episode: Episode
  /** The warning that it goes on from, under another onset. */
  predecessor: Followed | null
  /** What raised it, for a warning that is new. */
  grounds: Grounds | null
}

/** Carries the episode of a track into its warning, as one version more. */
export function follow(context: WatchContext, slot: SeriesSlot, track: ReadingTrack | TrendTrack, told: Told): void {
  const { episode, predecessor, grounds } = told
  const known = track.followed.get(episode.onset)
  const followed = known ?? {
    episode,
    blind: predecessor?.blind ?? false,
    retrospective: track.rule.drivenBy === 'readings' && isBackfilled(context, slot, told) && (predecessor?.retrospective ?? true),
    gone: null,
    replaces: predecessor === null ? null : warningIdOf(track.rule, predecessor.episode.onset),
    grounds: predecessor?.grounds ?? grounds,
    warning: null,
  }
  followed.episode = episode
  followed.gone = null
  track.followed.set(episode.onset, followed)
  write(context.pen, track.rule, followed)
  countOpen(context, slot)
}

/** It began long ago, and what raised it was not measured just now either: a long hold alone is not the past. */
function isBackfilled(context: WatchContext, slot: SeriesSlot, { episode, grounds }: Told): boolean {
  const now = grounds?.receivedAt ?? nowOf(slot.clock)
  return now - episode.onset > context.retrospectiveMs && now - episode.changes[0].at > liveMs
}

/** How many warnings of a series last; the series is watched while there is one. */
export function countOpen(context: WatchContext, slot: SeriesSlot): void {
  let open = 0
  for (const track of [...slot.readings, ...slot.trends]) for (const each of track.followed.values()) if (isOpen(each)) open += 1
  slot.open = open
  if (open > 0) context.watched.add(slot)
  else context.watched.delete(slot)
  if (open > 0) slot.wake()
}

/** A reading with a value comes in under a warning: a silence before it is told, and the warning sees again. */
export function seeUnderWarning(context: WatchContext, slot: SeriesSlot, at: number, now: number): void {
  const silentMs = at - slot.heard
  if (!slot.clock.isTicked && silentMs > slot.blindAfterMs) markBlind(context, slot, slot.heard + slot.blindAfterMs)
  if (now - at >= slot.blindAfterMs) return
  eachOpen(slot, (track, followed) => {
    if (!followed.blind) return
    followed.blind = false
    write(context.pen, track.rule, followed, notes.seenAgain(at, silentMs))
  })
}

/**
 * The newest reading is of now and would not let a warning of the past be left: it is of now as well, and somebody must hear of it.
 * @param now when what was taken last was received, by the clock of the run
 */
export function confirmLive(context: WatchContext, slot: SeriesSlot, now: number): void {
  if (now - slot.newest > context.retrospectiveMs) return
  for (const track of slot.readings)
    for (const followed of track.followed.values()) {
      if (!followed.retrospective || !isOpen(followed) || !stillHolds(track, slot.samples)) continue
      followed.retrospective = false
      write(context.pen, track.rule, followed, notes.stillHolds(slot.newest, levelOf(followed.episode)))
    }
}

/** The newest reading is on the wrong side of a level that holds: were that being left, this reading would end the leaving. */
function stillHolds({ rule, state }: ReadingTrack, samples: Samples): boolean {
  const place = samples.end - 1
  const leaving = { since: timeAt(samples, place), count: 0, rejected: 0 }
  const latches = state.latches.map((latch) => (latch?.active ? { ...latch, leaving } : null))
  return rule.advance({ ...state, latches }, samples, place).latches.some((latch) => latch?.active && latch.leaving === null)
}

/** The series has been silent too long: its warnings are kept, and marked. */
export function markBlind(context: WatchContext, slot: SeriesSlot, at: number): void {
  eachOpen(slot, (track, followed) => {
    if (followed.blind) return
    followed.blind = true
    write(context.pen, track.rule, followed, notes.blind(at, at - slot.heard))
  })
}

function eachOpen(slot: SeriesSlot, visit: (track: ReadingTrack | TrendTrack, followed: Followed) => void): void {
  for (const track of [...slot.readings, ...slot.trends])
    for (const followed of track.followed.values()) if (isOpen(followed)) visit(track, followed)
}

/** Lets go what no reading within the lateness allowed can touch. */
export function forget(track: ReadingTrack, before: number): void {
  const base = track.log.findLastIndex((entry) => entry.at < before)
  if (base > 0) track.log.splice(0, base)
  for (const [onset, { episode, gone }] of track.followed) {
    const end = gone?.at ?? endOf(episode)
    if (end !== null && end < before) track.followed.delete(onset)
  }
}
