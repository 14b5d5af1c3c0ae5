import type { StoredRow } from '../store/ports/ledger.ts'
import { arrivedWith, groundOf } from './decision.ts'
import { follow, forget } from './follow.ts'
import type { LadderState } from './ladder.ts'
import { markAt, markOf, timeAt, valueAt, type Samples } from './samples.ts'
import { calmOf, slackMs, type ReadingTrack, type SeriesSlot, type WatchContext } from './slot.ts'
import { trustsAlike } from './trust.ts'

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
    if (after !== track.state) move(context, slot, track, after, row)
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
  if (isSame) return
  slot.touched.push(arrivedWith(slot.clock, row))
  slot.dirtyFrom = Math.min(slot.dirtyFrom, at)
}

/** True when the rules see no difference between what stands at a place and a new state of it. */
function sameTo(slot: SeriesSlot, samples: Samples, place: number, row: StoredRow): boolean {
  const before = valueAt(samples, place)
  const after = row.value ?? NaN
  if (before !== after && !(before !== before && after !== after)) return false
  const mark = markOf(row.flag, row.tests)
  return slot.readings.every(({ rule: { trust } }) => trustsAlike(trust, markAt(samples, place), mark))
}

function move(context: WatchContext, slot: SeriesSlot, track: ReadingTrack, after: LadderState, row: StoredRow): void {
  const before = track.state
  track.state = after
  track.log.push({ at: row.observedAt, state: after })
  if (after.episode !== before.episode && after.episode !== null) {
    follow(context, slot, track, { episode: after.episode, predecessor: null, grounds: groundOf(arrivedWith(slot.clock, row)) })
  }
  if (track.log.length > 64) forget(track, slot.newest - slot.latenessMs - slackMs)
}
