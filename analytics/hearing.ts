import { nowOf, type RunClock } from './clocks.ts'
import { endOf } from './episode.ts'
import { hear, judge, type SilenceState } from './rules/silence.ts'
import { markBlind, type SeriesSlot, type SilenceTrack, type WatchContext } from './series.ts'
import { write } from './warnings.ts'

/** A reading with a value came in: whoever waits for it hears it. Costs next to nothing while nobody was silent. */
export function takeSign(context: WatchContext, clock: RunClock, track: SilenceTrack, at: number): void {
  const shortestMs = track.rule.steps[0]?.afterMs ?? Infinity
  if (!track.state.open && at - track.last < shortestMs) {
    if (at > track.last) track.last = at
    return
  }
  const before: SilenceState = { ...track.state, last: track.last === -Infinity ? null : track.last }
  const { listeningSince, isTicked } = clock
  const after = hear(track.rule.steps, before, { at, now: nowOf(clock), listeningSince, looksBack: !isTicked })
  track.last = Math.max(track.last, at)
  keep(context, track, after)
}

/** The clock moved: who has been silent too long? */
export function judgeSilence(context: WatchContext, clock: RunClock, track: SilenceTrack): void {
  if (track.last === -Infinity || clock.at - track.last < (track.rule.steps[0]?.afterMs ?? Infinity)) return
  keep(context, track, judge(track.rule.steps, { ...track.state, last: track.last }, clock.at, clock.listeningSince))
}

/** The clock moved: a series silent under a warning makes it blind. */
export function judgeBlindness(context: WatchContext, slot: SeriesSlot): void {
  const since = Math.max(slot.heard, slot.clock.listeningSince)
  if (slot.heard > -Infinity && slot.clock.at - since >= slot.blindAfterMs) markBlind(context, slot, since + slot.blindAfterMs)
}

/** Takes a new state over; each form that the silence took on the way is a version. */
function keep(context: WatchContext, track: SilenceTrack, { episode, open }: SilenceState): void {
  const before = track.state
  track.state = { episode, open }
  if (episode === null || episode === before.episode) return
  const shown = before.episode?.onset === episode.onset ? before.episode.changes.length : 0
  for (let count = shown + 1; count <= episode.changes.length; count += 1) {
    const [first, ...rest] = episode.changes
    const form = { onset: episode.onset, changes: [first, ...rest.slice(0, count - 1)] as const }
    const known = track.followed.get(episode.onset)
    const followed = known ?? { episode: form, blind: false, retrospective: false, gone: null, replaces: null, warning: null }
    followed.episode = form
    track.followed.set(episode.onset, followed)
    write(context.pen, track.rule, followed)
  }
  for (const [onset, each] of track.followed) if (endOf(each.episode) !== null && onset !== episode.onset) track.followed.delete(onset)
}
