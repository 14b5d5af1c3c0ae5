import type { SensorId } from '../domain/ids.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { nowOf, type RunClock } from './clocks.ts'
import { endOf, lastChange, levelOf, sameEpisode, type Episode } from './episode.ts'
import { calmState, type LadderState } from './ladder.ts'
import type { ReadingRule, SilenceRule, TrendRule } from './rule-kind.ts'
import type { SilenceState } from './rules/silence.ts'
import type { SampleWindow, Samples } from './samples.ts'
import { trusts } from './trust.ts'
import { endings, isOpen, notes, warningIdOf, write, type Followed, type Pen } from './warnings.ts'

/** A rule at one series, with what it remembers. */
export interface ReadingTrack {
  rule: ReadingRule
  state: LadderState
  /** States by the time of the reading that made them, over the lateness allowed: where a re-run begins. */
  log: { at: number; state: LadderState }[]
  /** Warnings by onset: the open one, and those that late readings may still change. */
  followed: Map<number, Followed>
}

export interface TrendTrack {
  rule: TrendRule
  followed: Map<number, Followed>
}

export interface SilenceTrack {
  rule: SilenceRule
  /** When its newest reading was measured; -Infinity = never. Apart from the state, because every reading moves it. */
  last: number
  state: Omit<SilenceState, 'last'>
  followed: Map<number, Followed>
}

/** One series under watch. */
export interface SeriesSlot {
  series: SensorId
  clock: RunClock
  latenessMs: number
  samples: SampleWindow
  readings: ReadingTrack[]
  trends: TrendTrack[]
  silences: SilenceTrack[]
  /** Newest reading of any kind, and the newest with a value. */
  newest: number
  heard: number
  /** Silence under a warning makes it blind after this, ms. */
  blindAfterMs: number
  /** Warnings that last. */
  open: number
  /** Earliest reading since the last run of the rules that was not the newest; Infinity = none. */
  dirtyFrom: number
}

/** What a run of rules needs beside the series. */
export interface WatchContext {
  pen: Pen
  /** An onset further than this behind the clock was back-filled, ms. */
  retrospectiveMs: number
  /** Slots with an open warning. */
  watched: Set<SeriesSlot>
}

/** A device may be ahead of the clock by so much, so that a reading within the lateness lies a little further behind the newest. */
export const slackMs = 15 * 60_000

/** A decision on a reading this far behind the clock was made live. */
const liveMs = 10 * 60_000

/** Takes the newest reading of a series: its rules advance by it, unless a re-run is due anyway. */
export function takeNext(context: WatchContext, slot: SeriesSlot, row: StoredRow): void {
  const { samples, readings } = slot
  const at = row.observedAt
  slot.newest = at
  if (readings.length === 0) return
  if (slot.dirtyFrom !== Infinity || at <= samples.newest) return void takeAgain(slot, row)
  samples.push(at, row.value ?? NaN, row.flag, row.tests)
  const place = samples.end - 1
  for (const track of readings) {
    const after = track.rule.advance(track.state, samples, place)
    if (after !== track.state) move(context, slot, track, after, at)
  }
}

/** Takes a reading that is not the newest, or another state of one: its series runs again from there when the commit is through. */
export function takeAgain(slot: SeriesSlot, row: StoredRow): void {
  const { samples } = slot
  const at = row.observedAt
  if (at > slot.newest) slot.newest = at
  if (slot.readings.length === 0) return
  const place = samples.placeAt(at)
  const isSame = place < samples.end && samples.times[place] === at && sameTo(slot, samples, place, row)
  samples.put(at, row.value ?? NaN, row.flag, row.tests)
  if (!isSame) slot.dirtyFrom = Math.min(slot.dirtyFrom, at)
}

/** True when the rules see no difference between what stands at a place and a new state of it. */
function sameTo(slot: SeriesSlot, samples: Samples, place: number, row: StoredRow): boolean {
  const before = samples.values[place] ?? NaN
  const after = row.value ?? NaN
  if (before !== after && !(before !== before && after !== after)) return false
  return slot.readings.every(
    ({ rule: { trust } }) =>
      trusts(trust, before, samples.flags[place] ?? 9, samples.tests[place] ?? 0) === trusts(trust, after, row.flag, row.tests),
  )
}

function move(context: WatchContext, slot: SeriesSlot, track: ReadingTrack, after: LadderState, at: number): void {
  const before = track.state
  track.state = after
  track.log.push({ at, state: after })
  if (after.episode !== before.episode && after.episode !== null) follow(context, slot, track, after.episode, null)
  if (track.log.length > 64) forget(track, slot.newest - slot.latenessMs - slackMs)
}

/** Carries the episode of a track into its warning, as one version more. */
export function follow(
  context: WatchContext,
  slot: SeriesSlot,
  track: ReadingTrack | TrendTrack,
  episode: Episode,
  predecessor: Followed | null,
): void {
  const known = track.followed.get(episode.onset)
  if (known === undefined) {
    const followed = begin(
      context,
      slot,
      episode,
      predecessor,
      predecessor === null ? null : warningIdOf(track.rule, predecessor.episode.onset),
    )
    track.followed.set(episode.onset, followed)
    write(context.pen, track.rule, followed)
  } else {
    known.episode = episode
    known.gone = null
    write(context.pen, track.rule, known)
  }
  countOpen(context, slot)
}

function begin(
  context: WatchContext,
  slot: SeriesSlot,
  episode: Episode,
  predecessor: Followed | null,
  replaces: Followed['replaces'],
): Followed {
  const now = nowOf(slot.clock)
  const isBackfilled = now - episode.onset > context.retrospectiveMs && now - episode.changes[0].at > liveMs
  return {
    episode,
    blind: predecessor?.blind ?? false,
    retrospective: isBackfilled && (predecessor?.retrospective ?? true),
    gone: null,
    replaces,
    warning: null,
  }
}

/** How many warnings of a series last; the series is watched while there is one. */
export function countOpen(context: WatchContext, slot: SeriesSlot): void {
  let open = 0
  for (const track of [...slot.readings, ...slot.trends]) for (const each of track.followed.values()) if (isOpen(each)) open += 1
  slot.open = open
  if (open > 0) context.watched.add(slot)
  else context.watched.delete(slot)
}

/** Runs the rules of a series again from its earliest touched reading, over these samples. */
export function rerun(context: WatchContext, slot: SeriesSlot, samples: Samples, from: number): void {
  slot.dirtyFrom = Infinity
  for (const track of slot.readings) {
    const kept = track.log.findLastIndex((entry) => entry.at < from)
    const base = track.log[kept]?.state ?? calmState
    track.log.length = kept + 1
    const snapshots = replay(track, base, samples, from)
    settle(context, slot, track, { base: base.episode, snapshots, from })
    forget(track, slot.newest - slot.latenessMs - slackMs)
  }
  countOpen(context, slot)
}

/** Advances over all samples from a time on; every form that an episode took, in order. */
function replay(track: ReadingTrack, base: LadderState, samples: Samples, from: number): Episode[] {
  const snapshots: Episode[] = []
  let state = base
  for (let place = firstAt(samples, from); place < samples.end; place += 1) {
    const after = track.rule.advance(state, samples, place)
    if (after === state) continue
    track.log.push({ at: samples.times[place] ?? NaN, state: after })
    if (after.episode !== state.episode && after.episode !== null) snapshots.push(after.episode)
    state = after
  }
  track.state = state
  return snapshots
}

function firstAt(samples: Samples, from: number): number {
  let place = samples.end
  while (place > samples.first && (samples.times[place - 1] ?? -Infinity) >= from) place -= 1
  return place
}

interface Rerun {
  base: Episode | null
  snapshots: readonly Episode[]
  from: number
}

/** Makes the warnings of a track those of the episodes that a re-run found: changed ones get versions, those without a ground end. */
function settle(context: WatchContext, slot: SeriesSlot, track: ReadingTrack, { base, snapshots, from }: Rerun): void {
  const stories = new Map<number, Episode[]>(base === null ? [] : [[base.onset, [base]]])
  for (const snapshot of snapshots) stories.set(snapshot.onset, [...(stories.get(snapshot.onset) ?? []), snapshot])
  const without = [...track.followed.values()].filter(
    (each) => each.gone === null && !stories.has(each.episode.onset) && isTouched(each, from),
  )
  const fresh = [...stories].filter(([onset]) => !track.followed.has(onset)).map(([, story]) => story)
  for (const each of without) withdraw(context, slot, track, each, fresh.find((story) => overlaps(story.at(-1), each.episode)) ?? null)
  for (const [onset, story] of stories) {
    const known = track.followed.get(onset)
    const predecessor = known ? null : (without.find((each) => overlaps(story.at(-1), each.episode)) ?? null)
    for (const episode of known ? unwritten(known, story) : story) {
      if (!known && episode === base && endOf(base) !== null) continue
      follow(context, slot, track, episode, predecessor)
    }
  }
}

const isTouched = ({ episode }: Followed, from: number): boolean => endOf(episode) === null || lastChange(episode).at >= from

function overlaps(a: Episode | undefined, b: Episode): boolean {
  return a !== undefined && a.onset <= (endOf(b) ?? Infinity) && b.onset <= (endOf(a) ?? Infinity)
}

/** The forms of an episode that its warning has not shown yet. Where the past itself changed: from the first form as far along. */
function unwritten(known: Followed, story: readonly Episode[]): readonly Episode[] {
  const shown = story.findLastIndex((episode) => sameEpisode(episode, known.episode))
  if (shown >= 0) return known.gone !== null && shown === story.length - 1 ? story.slice(-1) : story.slice(shown + 1)
  const along = story.findIndex((episode) => episode.changes.length >= known.episode.changes.length)
  return story.slice(along >= 0 ? along : -1)
}

function withdraw(
  context: WatchContext,
  slot: SeriesSlot,
  track: ReadingTrack,
  followed: Followed,
  successor: readonly Episode[] | null,
): void {
  const by = successor?.[0] ? warningIdOf(track.rule, successor[0].onset) : null
  followed.gone = { at: slot.newest, words: by === null ? endings.withdrawn : endings.replaced(by), replacedBy: by }
  write(context.pen, track.rule, followed)
}

/** Lets go what no reading within the lateness allowed can touch. */
function forget(track: ReadingTrack, before: number): void {
  const base = track.log.findLastIndex((entry) => entry.at < before)
  if (base > 0) track.log.splice(0, base)
  for (const [onset, { episode, gone }] of track.followed) {
    const end = gone?.at ?? endOf(episode)
    if (end !== null && end < before) track.followed.delete(onset)
  }
}

/** A reading with a value comes in under a warning: a silence before it is told, and the warning sees again. */
export function seeUnderWarning(context: WatchContext, slot: SeriesSlot, at: number): void {
  const silentMs = at - slot.heard
  if (!slot.clock.isTicked && silentMs > slot.blindAfterMs) markBlind(context, slot, slot.heard + slot.blindAfterMs)
  if (nowOf(slot.clock) - at >= slot.blindAfterMs) return
  eachOpen(slot, (track, followed) => {
    if (!followed.blind) return
    followed.blind = false
    write(context.pen, track.rule, followed, notes.seenAgain(at, silentMs))
  })
}

/**
 * The newest reading is of now and a warning of the past still stands on it: it is of now as well, and somebody must hear of it.
 */
export function confirmLive(context: WatchContext, slot: SeriesSlot): void {
  if (nowOf(slot.clock) - slot.newest > context.retrospectiveMs) return
  const { samples } = slot
  const place = samples.end - 1
  eachOpen(slot, (track, followed) => {
    if (!followed.retrospective || track.rule.drivenBy !== 'readings') return
    if (!trusts(track.rule.trust, samples.values[place] ?? NaN, samples.flags[place] ?? 9, samples.tests[place] ?? 0)) return
    followed.retrospective = false
    write(context.pen, track.rule, followed, notes.stillHolds(slot.newest, levelOf(followed.episode)))
  })
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
