import type { SensorId } from '../domain/ids.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import type { RunClock } from './clocks.ts'
import type { Arrived } from './decision.ts'
import type { LadderState } from './ladder.ts'
import { neverCalm, type Calm, type ReadingRule, type SilenceRule, type TrendRule } from './rule-kind.ts'
import type { SilenceState } from './rules/silence.ts'
import { markOf, type SampleWindow, type Samples } from './samples.ts'
import type { Followed, Pen } from './warnings.ts'

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
  /** Readings since the last run of the rules that make it run again, in the order of their times. */
  touched: Arrived[] = []
  blindAfterMs: number
  /** Delivery of its newest reading, for clocks of runs that are ticked: a later tick finds it silent, an earlier one was looked at before it. */
  broughtBy = 0
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
  /** How long after a full hour its jobs are done, ms. */
  graceMs: number
  /** Slots with an open warning. */
  watched: Set<SeriesSlot>
}

/** A device may be ahead of the clock by so much, so that a reading within the lateness lies a little further behind the newest. */
export const slackMs = 15 * 60_000

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
export function calmOf({ rule, state }: ReadingTrack, samples: Samples): Calm {
  return state.calm && samples.end > samples.first ? rule.calm(samples, samples.end - 1) : neverCalm
}

/** When a rule of silence last heard anything. */
export function lastHeard(track: SilenceTrack): number {
  let last = -Infinity
  for (const slot of track.members) if (slot.heard > last) last = slot.heard
  return last
}
