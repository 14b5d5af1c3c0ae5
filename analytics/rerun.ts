import { groundsOf } from './decision.ts'
import { endOf, lastChange, sameEpisode, type Episode } from './episode.ts'
import { countOpen, follow, forget } from './follow.ts'
import { calmState, type LadderState } from './ladder.ts'
import { timeAt, type Samples } from './samples.ts'
import { calmOf, findCalm, slackMs, type ReadingTrack, type SeriesSlot, type WatchContext } from './slot.ts'
import { endings, warningIdOf, write, type Followed } from './warnings.ts'

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
  slot.touched = []
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
      follow(context, slot, track, { episode, predecessor, grounds: groundsOf(slot.touched, episode.changes[0].at) })
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
