import { calmState, type LadderState } from '../ladder.ts'
import type { ReadingRule } from '../rule-kind.ts'
import { samplesOf, type WrittenSample } from '../samples.ts'
import { levelBefore } from '../rule-kind.ts'
import type { Episode } from '../episode.ts'

/** Carries a rule over samples in time order; every episode in its last form, in the order they were raised. */
export function episodesOf(rule: ReadingRule, written: readonly WrittenSample[]): Episode[] {
  const samples = samplesOf(written)
  const episodes = new Map<number, Episode>()
  let state: LadderState = calmState
  for (let i = samples.first; i < samples.end; i += 1) {
    state = rule.advance(state, samples, i)
    if (state.episode) episodes.set(state.episode.onset, state.episode)
  }
  return [...episodes.values()]
}

/** A scenario as a line each change: `raised yellow at 15`, `orange at 30`, `ended at 60` (units of `unitMs` from `start`). */
export function storyOf(rule: ReadingRule, written: readonly WrittenSample[], { start = 0, unitMs = 60_000 } = {}): string[] {
  return episodesOf(rule, written).flatMap((episode) =>
    episode.changes.map((change) => {
      const at = (change.at - start) / unitMs
      if (change.level === null) return `ended at ${at}`
      return `${levelBefore(episode, change) === null ? 'raised ' : ''}${change.level} at ${at}`
    }),
  )
}

/** Samples at even steps from 0, in minutes. */
export function every(stepMinutes: number, values: readonly (number | null)[]): WrittenSample[] {
  return values.map((value, i) => [i * stepMinutes * 60_000, value])
}
