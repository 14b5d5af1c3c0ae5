import type { Fleet } from '../domain/fleet.ts'
import type { Committed, StoredRow } from '../store/ports/ledger.ts'
import { bind, noBindings, type Bindings } from './bindings.ts'
import { Clocks, nowOf, receivedBy } from './clocks.ts'
import { judgeBlindness, judgeSilence, lookBefore, spokeSince, takeSign } from './hearing.ts'
import { arrivedWith } from './decision.ts'
import type { Hourly } from './jobs/hourly.ts'
import { isLate } from './past.ts'
import type { SampleWindow } from './samples.ts'
import { confirmLive, seeUnderWarning } from './follow.ts'
import { takeAgain, takeNext } from './readings.ts'
import { rerun } from './rerun.ts'
import { findCalm, type SeriesSlot, type WatchContext } from './slot.ts'

/** The part of the watch that needs no store: one commit after the other through rules, silence and clocks. */
export class Round {
  readonly clocks = new Clocks()
  bindings: Bindings = noBindings()
  /** Series that run again, but reach further back than memory. */
  readonly dirty = new Set<SeriesSlot>()
  rows = 0
  reruns = 0

  constructor(
    readonly context: WatchContext,
    private readonly hourly: Pick<Hourly, 'touch' | 'dirty'>,
    private readonly mostSamples: number,
  ) {}

  /** Takes a changed fleet over; the slots whose past has to be read. */
  adopt(fleet: Fleet): SeriesSlot[] {
    const { bindings, fresh } = bind(this.context, this.clocks, fleet, { before: this.bindings, mostSamples: this.mostSamples })
    this.bindings = bindings
    this.hourly.dirty.keepOnly(fleet.sensors)
    this.dirty.clear()
    for (const slot of bindings.slots.values()) if (slot.dirtyFrom !== Infinity) this.dirty.add(slot)
    return fresh
  }

  /** The rows and clocks of one commit. */
  take({ rows, watermarks }: Omit<Committed, 'commit'>): void {
    this.rows += rows.length
    this.clocks.begin(watermarks)
    for (const row of inOrder(rows)) this.takeRow(row)
    for (const slot of this.dirty) if (reachesBack(slot)) this.runAgain(slot, slot.samples)
    this.clocks.end(watermarks)
    for (const { run } of watermarks) {
      const clock = this.clocks.of(run)
      for (const track of this.bindings.silences.get(clock) ?? [])
        if (!track.members.some((slot) => spokeSince(clock, slot))) judgeSilence(this.context, clock, track, clock.at)
      for (const slot of this.context.watched)
        if (slot.clock === clock && !spokeSince(clock, slot)) judgeBlindness(this.context, slot, clock.at)
    }
  }

  private takeRow(row: StoredRow): void {
    const slot = this.bindings.slots.get(row.series)
    const clock = slot === undefined ? this.clocks.of(row.run) : slot.clock
    const at = row.observedAt
    if (at > clock.progress) clock.progress = at
    if (clock.hour === null || at < clock.hour) this.hourly.touch(clock, row)
    if (slot === undefined || isLate(row)) return
    if (row.arrival === 'next') {
      lookBefore(this.context, slot, row)
      if (row.value === null || !slot.takeCalm(at, row.value, row)) this.takeNewest(slot, row)
    } else takeAgain(slot, row)
    if (slot.dirtyFrom !== Infinity) this.dirty.add(slot)
  }

  private takeNewest(slot: SeriesSlot, row: StoredRow): void {
    if (slot.dirtyFrom !== Infinity && reachesBack(slot)) {
      // what is judged anew is so because of this one
      slot.touched.push(arrivedWith(slot.clock, row))
      this.runAgain(slot, slot.samples)
    }
    const speaks = row.value !== null
    const now = receivedBy(slot.clock, row) ?? nowOf(slot.clock)
    if (speaks) {
      for (const track of slot.silences) takeSign(this.context, slot, track, row, now)
      if (slot.open > 0) seeUnderWarning(this.context, slot, row.observedAt, now)
    }
    takeNext(this.context, slot, row)
    if (speaks) slot.heard = row.observedAt
    if (slot.open > 0 && slot.dirtyFrom === Infinity) confirmLive(this.context, slot, now)
    findCalm(slot)
  }

  /** Runs the rules of a series again over samples that reach back far enough. */
  runAgain(slot: SeriesSlot, samples: SampleWindow): void {
    const received = Math.max(...slot.touched.map(({ receivedAt }) => receivedAt ?? nowOf(slot.clock)))
    rerun(this.context, slot, samples, slot.dirtyFrom)
    this.dirty.delete(slot)
    this.reruns += 1
    if (slot.open > 0) confirmLive(this.context, slot, Number.isFinite(received) ? received : nowOf(slot.clock))
  }
}

/** Memory holds what a re-run of the series has to look at. */
const reachesBack = (slot: SeriesSlot): boolean => slot.dirtyFrom - lookbackOf(slot) >= slot.samples.lostBefore

/** How far back the rules of a series look, ms. */
export const lookbackOf = (slot: SeriesSlot): number => Math.max(0, ...slot.readings.map(({ rule }) => rule.lookbackMs))

/**
 * In order of time, the states of one key in the order they were made. A reader may get a commit series by series; the clock of a run
 * would then jump to the end with the first one. Commits of `next` rows on our own clock are left as they are.
 */
function inOrder(rows: readonly StoredRow[]): readonly StoredRow[] {
  let [last, isSorted, mustSort] = [-Infinity, true, false]
  for (const { observedAt, arrival, run } of rows) {
    if (observedAt < last) isSorted = false
    if (arrival !== 'next' || run !== null) mustSort = true
    last = observedAt
  }
  return isSorted || !mustSort ? rows : [...rows].sort((a, b) => a.observedAt - b.observedAt)
}
