import type { SensorId } from '../domain/ids.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { nowOf, type RunClock } from './clocks.ts'
import { endOf, lastChange, levelOf, sameEpisode, type Episode } from './episode.ts'
import { calmState, type LadderState } from './ladder.ts'
import { neverCalm, type Calm, type ReadingRule, type SilenceRule, type TrendRule } from './rule-kind.ts'
import type { SilenceState } from './rules/silence.ts'
import { markAt, markOf, timeAt, valueAt, type SampleWindow, type Samples } from './samples.ts'
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
  /** What changes nothing for it. A saving only, never remembered. */
  calm: Calm
}

export interface TrendTrack {
  rule: TrendRule
  followed: Map<number, Followed>
}

export interface SilenceTrack {
  rule: SilenceRule
  /** Any of these speaks for it. */
  members: SeriesSlot[]
  state: Omit<SilenceState, 'last'>
  followed: Map<number, Followed>
}

/** What a slot is made of. */
export interface SlotContent {
  series: SensorId
  clock: RunClock
  latenessMs: number
  samples: SampleWindow
  readings: ReadingTrack[]
  /** Silence under a warning makes it blind after this, ms. */
  blindAfterMs: number
}

/** Numbers of a slot in the array that all slots of a fleet share: one look at memory for a quiet reading. */
const [newestAt, heardAt, dirtyAt, lowAt, highAt, stepAt, quietAt] = [0, 1, 2, 3, 4, 5, 6]
export const numbersOfSlot = 8

/** One series under watch. */
export class SeriesSlot {
  readonly series: SensorId
  readonly clock: RunClock
  readonly latenessMs: number
  readonly samples: SampleWindow
  readonly readings: ReadingTrack[]
  readonly trends: TrendTrack[] = []
  readonly silences: SilenceTrack[] = []
  blindAfterMs: number
  /** Warnings that last. */
  open = 0

  constructor(
    { series, clock, latenessMs, samples, readings, blindAfterMs }: SlotContent,
    private readonly numbers: Float64Array,
    private readonly base: number,
  ) {
    ;[this.series, this.clock, this.latenessMs] = [series, clock, latenessMs]
    ;[this.samples, this.readings, this.blindAfterMs] = [samples, readings, blindAfterMs]
    numbers.set([-Infinity, -Infinity, Infinity, Infinity, -Infinity, 0, -Infinity], base)
  }

  /** Newest reading of any kind, epoch ms; -Infinity before the first. */
  get newest(): number {
    return this.numbers[this.base + newestAt] ?? NaN
  }
  set newest(at: number) {
    this.numbers[this.base + newestAt] = at
  }

  /** Newest reading with a value. */
  get heard(): number {
    return this.numbers[this.base + heardAt] ?? NaN
  }
  set heard(at: number) {
    this.numbers[this.base + heardAt] = at
  }

  /** Earliest reading since the last run of the rules that was not the newest; Infinity = none. */
  get dirtyFrom(): number {
    return this.numbers[this.base + dirtyAt] ?? NaN
  }
  set dirtyFrom(at: number) {
    this.numbers[this.base + dirtyAt] = at
  }

  /** What surely changes nothing: a value strictly between, at least `stepMs` after the last reading, less than `quietMs` after the last value. */
  setCalm(low: number, high: number, stepMs: number, quietMs: number): void {
    const { numbers, base } = this
    numbers[base + lowAt] = low
    numbers[base + highAt] = high
    numbers[base + stepAt] = stepMs
    numbers[base + quietAt] = quietMs
  }

  /** Nothing is calm any more until `findCalm` looks again. */
  wake(): void {
    this.numbers[this.base + quietAt] = -Infinity
  }

  /** Takes a newest reading that surely changes nothing, and only remembers it. False: it needs a look. */
  takeCalm(at: number, value: number, row: StoredRow): boolean {
    const { numbers, base } = this
    const newest = numbers[base + newestAt] ?? NaN
    const isCalm =
      value > (numbers[base + lowAt] ?? NaN) &&
      value < (numbers[base + highAt] ?? NaN) &&
      at > newest &&
      at - newest >= (numbers[base + stepAt] ?? NaN) &&
      at - (numbers[base + heardAt] ?? NaN) < (numbers[base + quietAt] ?? NaN) &&
      numbers[base + dirtyAt] === Infinity
    if (!isCalm) return false
    numbers[base + newestAt] = at
    numbers[base + heardAt] = at
    if (this.readings.length > 0) this.samples.push(at, value, markOf(row.flag, row.tests))
    return true
  }
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

/** Works out what changes nothing from here on. After everything else that a reading, a re-run or the clock did to a series. */
export function findCalm(slot: SeriesSlot): void {
  let [low, high, stepMs, quietMs] = [-Infinity, Infinity, 0, Infinity]
  for (const { calm } of slot.readings) {
    if (calm.low > low) low = calm.low
    if (calm.high < high) high = calm.high
    if (calm.stepMs > stepMs) stepMs = calm.stepMs
  }
  for (const { rule, state } of slot.silences) quietMs = state.open ? -Infinity : Math.min(quietMs, rule.steps[0]?.afterMs ?? Infinity)
  slot.setCalm(low, high, stepMs, slot.open > 0 ? -Infinity : quietMs)
}

/** What changes nothing for one rule, seen from the newest sample. */
function calmOf({ rule, state }: ReadingTrack, samples: Samples): Calm {
  return state.calm && samples.end > samples.first ? rule.calm(samples, samples.end - 1) : neverCalm
}

/** When a rule of silence last heard anything. */
export function lastHeard(track: SilenceTrack): number {
  let last = -Infinity
  for (const slot of track.members) if (slot.heard > last) last = slot.heard
  return last
}

/** Takes the newest reading of a series: those rules advance by it that are not calm about it, unless a re-run is due anyway. */
export function takeNext(context: WatchContext, slot: SeriesSlot, row: StoredRow): void {
  const { samples, readings } = slot
  const at = row.observedAt
  const stepMs = at - slot.newest
  slot.newest = at
  if (readings.length === 0) return
  if (slot.dirtyFrom !== Infinity || at <= samples.newest) return void takeAgain(slot, row)
  const value = row.value ?? NaN
  samples.push(at, value, markOf(row.flag, row.tests))
  for (const track of readings) {
    const { calm } = track
    if (value > calm.low && value < calm.high && stepMs >= calm.stepMs) continue
    const after = track.rule.advance(track.state, samples, samples.end - 1)
    if (after !== track.state) move(context, slot, track, after, at)
    track.calm = calmOf(track, samples)
  }
}

/** Takes a reading that is not the newest, or another state of one: its series runs again from there when the commit is through. */
export function takeAgain(slot: SeriesSlot, row: StoredRow): void {
  const { samples } = slot
  const at = row.observedAt
  if (at > slot.newest) slot.newest = at
  if (slot.readings.length === 0) return
  const place = samples.placeAt(at)
  const isSame = place < samples.end && timeAt(samples, place) === at && sameTo(slot, samples, place, row)
  samples.put(at, row.value ?? NaN, markOf(row.flag, row.tests))
  if (!isSame) slot.dirtyFrom = Math.min(slot.dirtyFrom, at)
}

/** True when the rules see no difference between what stands at a place and a new state of it. */
function sameTo(slot: SeriesSlot, samples: Samples, place: number, row: StoredRow): boolean {
  const before = valueAt(samples, place)
  const after = row.value ?? NaN
  if (before !== after && !(before !== before && after !== after)) return false
  return slot.readings.every(
    ({ rule: { trust } }) => trusts(trust, before, markAt(samples, place)) === trusts(trust, after, markOf(row.flag, row.tests)),
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
  const followed = known ?? {
    episode,
    blind: predecessor?.blind ?? false,
    retrospective: track.rule.drivenBy === 'readings' && isBackfilled(context, slot, episode) && (predecessor?.retrospective ?? true),
    gone: null,
    replaces: predecessor === null ? null : warningIdOf(track.rule, predecessor.episode.onset),
    warning: null,
  }
  followed.episode = episode
  followed.gone = null
  track.followed.set(episode.onset, followed)
  write(context.pen, track.rule, followed)
  countOpen(context, slot)
}

/** It began long ago, and what raised it was not measured just now either: a long hold alone is not the past. */
function isBackfilled(context: WatchContext, slot: SeriesSlot, episode: Episode): boolean {
  const now = nowOf(slot.clock)
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
    track.calm = calmOf(track, slot.samples)
  }
  countOpen(context, slot)
  findCalm(slot)
}

/** Advances over all samples from a time on; every form that an episode took, in order. */
function replay(track: ReadingTrack, base: LadderState, samples: Samples, from: number): Episode[] {
  const snapshots: Episode[] = []
  let state = base
  for (let place = firstAt(samples, from); place < samples.end; place += 1) {
    const after = track.rule.advance(state, samples, place)
    if (after === state) continue
    track.log.push({ at: timeAt(samples, place), state: after })
    if (after.episode !== state.episode && after.episode !== null) snapshots.push(after.episode)
    state = after
  }
  track.state = state
  return snapshots
}

function firstAt(samples: Samples, from: number): number {
  let place = samples.end
  while (place > samples.first && timeAt(samples, place - 1) >= from) place -= 1
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
    if (!trusts(track.rule.trust, valueAt(samples, place), markAt(samples, place))) return
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
