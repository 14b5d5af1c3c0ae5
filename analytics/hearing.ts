import { tickBefore, type RunClock } from './clocks.ts'
import { byClock, type Grounds } from './decision.ts'
import { endOf } from './episode.ts'
import { hear, judge, type SilenceState } from './rules/silence.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { markBlind } from './follow.ts'
import { findCalm, lastHeard, type SeriesSlot, type SilenceTrack, type WatchContext } from './slot.ts'
import { write } from './warnings.ts'

/** A reading with a value comes in, received at `now`: whoever waits for it hears it. Before the series itself takes note of it. */
export function takeSign(context: WatchContext, slot: SeriesSlot, track: SilenceTrack, row: StoredRow, now: number): void {
  const at = row.observedAt
  if (!track.state.open && at - slot.heard < (track.rule.steps[0]?.afterMs ?? Infinity)) return
  const { clock } = slot
  const last = lastHeard(track)
  const before: SilenceState = { ...track.state, last: last === -Infinity ? null : last }
  const { listeningSince, isTicked } = clock
  const state = hear(track.rule.steps, before, { at, now, listeningSince, looksBack: !isTicked })
  keep(context, track, state, (due) => byClock(clock, due, row))
}

/** The clock moved on to `now`: who has been silent too long? */
export function judgeSilence(context: WatchContext, clock: RunClock, track: SilenceTrack, now: number): void {
  const last = lastHeard(track)
  if (last === -Infinity || now - last < (track.rule.steps[0]?.afterMs ?? Infinity)) return
  keep(context, track, judge(track.rule.steps, { ...track.state, last }, now, clock.listeningSince), (due) => byClock(clock, due))
}

/** The clock moved on to `now`: a series silent under a warning makes it blind. */
export function judgeBlindness(context: WatchContext, slot: SeriesSlot, now: number): void {
  const since = Math.max(slot.heard, slot.clock.listeningSince)
  if (slot.heard > -Infinity && now - since >= slot.blindAfterMs) markBlind(context, slot, since + slot.blindAfterMs)
}

/** True when a series spoke behind the last tick of the commit in hand: that was looked at before it spoke. */
export const spokeSince = ({ steps }: RunClock, { broughtBy }: Pick<SeriesSlot, 'broughtBy'>): boolean =>
  broughtBy > (steps.at(-1)?.[0] ?? Infinity)

/**
 * The clock of a run may have moved within the commit between two readings of a series: what it found then is told before the second, as
 * if the tick had come in a commit of its own.
 */
export function lookBefore(context: WatchContext, slot: SeriesSlot, row: StoredRow): void {
  const { clock } = slot
  if (clock.isTicked) return
  const [tick, now] = tickBefore(clock.steps, row.delivery) ?? [0, 0]
  const isNew = tick > slot.broughtBy
  slot.broughtBy = row.delivery
  if (!isNew) return
  for (const track of slot.silences) judgeSilence(context, clock, track, now)
  if (slot.open > 0) judgeBlindness(context, slot, now)
}

/** Takes a new state over; each form that the silence took on the way is a version. */
function keep(
  context: WatchContext,
  track: SilenceTrack,
  { episode, open }: SilenceState,
  groundsOf: (due: number) => Grounds | null,
): void {
  const before = track.state
  if (episode === before.episode && open === before.open) return
  track.state = { episode, open }
  for (const slot of track.members) findCalm(slot)
  if (episode === null || episode === before.episode) return
  const shown = before.episode?.onset === episode.onset ? before.episode.changes.length : 0
  for (let count = shown + 1; count <= episode.changes.length; count += 1) {
    const [first, ...rest] = episode.changes
    const form = { onset: episode.onset, changes: [first, ...rest.slice(0, count - 1)] as const }
    const known = track.followed.get(episode.onset)
    const fresh = { blind: false, retrospective: false, gone: null, replaces: null, warning: null }
    const followed = known ?? { ...fresh, episode: form, grounds: groundsOf(first.at) }
    followed.episode = form
    track.followed.set(episode.onset, followed)
    write(context.pen, track.rule, followed)
  }
  for (const [onset, each] of track.followed) if (endOf(each.episode) !== null && onset !== episode.onset) track.followed.delete(onset)
}
