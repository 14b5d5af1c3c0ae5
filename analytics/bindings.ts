import { createFleet, type Fleet } from '../domain/fleet.ts'
import type { SensorId } from '../domain/ids.ts'
import type { Sensor } from '../domain/network.ts'
import type { Clocks, RunClock } from './clocks.ts'
import { calmState } from './ladder.ts'
import { neverCalm, type BoundRule, type ReadingRule, type SilenceRule, type TrendRule } from './rule-kind.ts'
import { countOpen } from './follow.ts'
import { compileRules } from './rules/compile.ts'
import { SampleWindow } from './samples.ts'
import { numbersOfSlot, SeriesSlot, slackMs, type ReadingTrack, type SilenceTrack, type TrendTrack, type WatchContext } from './slot.ts'
import { endings, isOpen, write, type Followed } from './warnings.ts'

/** A rule with what it remembers, whichever kind. */
export type Track = ReadingTrack | TrendTrack | SilenceTrack

/** All that is watched of one fleet. */
export interface Bindings {
  fleet: Fleet
  slots: Map<SensorId, SeriesSlot>
  /** By rule and series (or station). */
  tracks: Map<string, Track>
  /** Rules of silence and of trends by the clock that drives them. */
  silences: Map<RunClock, SilenceTrack[]>
  trends: Map<RunClock, { slot: SeriesSlot; track: TrendTrack }[]>
}

export const noBindings = (fleet: Fleet = createFleet([])): Bindings => ({
  fleet,
  slots: new Map(),
  tracks: new Map(),
  silences: new Map(),
  trends: new Map(),
})

/**
 * Binds the rules of a fleet. What a rule remembers is kept where the rule stands unchanged (same fingerprint); the warnings of all other
 * rules end. Returns the slots whose past has to be read before they can look back.
 */
export function bind(
  context: WatchContext,
  clocks: Clocks,
  fleet: Fleet,
  { before, mostSamples }: { before: Bindings; mostSamples: number },
): { bindings: Bindings; fresh: SeriesSlot[] } {
  const { readings, silences, trends } = compileRules(fleet)
  const bindings = noBindings(fleet)
  const fresh: SeriesSlot[] = []
  const numbers = new Float64Array(fleet.sensors.size * numbersOfSlot)
  const slotOf = (series: SensorId): SeriesSlot | null => {
    const known = bindings.slots.get(series)
    const sensor = fleet.sensors.get(series)
    if (known !== undefined || sensor === undefined) return known ?? null
    const clock = clocks.of(fleet.runOf(sensor.station))
    const rules = readings.get(series) ?? []
    const slot = slotFor({ sensor, clock, rules, before, mostSamples, numbers, place: bindings.slots.size })
    if (slot.samples !== before.slots.get(series)?.samples) fresh.push(slot)
    for (const track of slot.readings) bindings.tracks.set(track.rule.key, track)
    bindings.slots.set(series, slot)
    return slot
  }
  for (const series of readings.keys()) slotOf(series)
  for (const rule of trends) bindTrend(bindings, before, rule, slotOf(rule.series))
  for (const rule of silences)
    bindSilence(
      bindings,
      before,
      rule,
      rule.members.flatMap((member) => slotOf(member) ?? []),
    )
  endOthers(context, before, bindings)
  context.watched.clear()
  for (const slot of bindings.slots.values()) countOpen(context, slot)
  return { bindings, fresh }
}

interface SlotParts {
  sensor: Sensor
  clock: RunClock
  rules: readonly ReadingRule[]
  before: Bindings
  mostSamples: number
  /** All slots' numbers, and how many slots have theirs. */
  numbers: Float64Array
  place: number
}

function slotFor({ sensor, clock, rules, before, mostSamples, numbers, place }: SlotParts): SeriesSlot {
  const old = before.slots.get(sensor.id)
  const keepMs = sensor.latenessMs + slackMs + Math.max(0, ...rules.map((rule) => rule.lookbackMs))
  const reuses = old !== undefined && old.clock === clock && old.readings.length > 0 && old.samples.keepMs >= keepMs
  const samples = reuses ? old.samples : new SampleWindow(keepMs, mostSamples)
  samples.keepMs = keepMs
  const content = { series: sensor.id, clock, latenessMs: sensor.latenessMs, samples, blindAfterMs: 3 * (sensor.everyMs ?? Infinity) }
  const slot = new SeriesSlot(
    { ...content, readings: rules.map((rule) => readingTrack(rule, before.tracks.get(rule.key))) },
    numbers,
    place * numbersOfSlot,
  )
  if (old !== undefined) Object.assign(slot, { newest: old.newest, heard: old.heard, dirtyFrom: old.dirtyFrom, touched: old.touched })
  return slot
}

/** The memory of the same rule, if it is the same. */
const sameAs = <Known extends Track>(known: Track | undefined, rule: BoundRule): Known | null =>
  known !== undefined && known.rule.version === rule.version && known.rule.drivenBy === rule.drivenBy ? (known as Known) : null

function readingTrack(rule: ReadingRule, known: Track | undefined): ReadingTrack {
  const same = sameAs<ReadingTrack>(known, rule)
  return same ? { ...same, rule, calm: neverCalm } : { rule, state: calmState, log: [], followed: new Map(), calm: neverCalm }
}

function bindTrend(bindings: Bindings, before: Bindings, rule: TrendRule, slot: SeriesSlot | null): void {
  if (slot === null) return
  const track: TrendTrack = {
    rule,
    followed: sameAs<TrendTrack>(before.tracks.get(rule.key), rule)?.followed ?? new Map<number, Followed>(),
  }
  slot.trends.push(track)
  bindings.tracks.set(rule.key, track)
  bindings.trends.set(slot.clock, [...(bindings.trends.get(slot.clock) ?? []), { slot, track }])
}

function bindSilence(bindings: Bindings, before: Bindings, rule: SilenceRule, members: readonly SeriesSlot[]): void {
  const [first] = members
  if (first === undefined) return
  const same = sameAs<SilenceTrack>(before.tracks.get(rule.key), rule)
  const track: SilenceTrack = same
    ? { ...same, rule, members: [...members] }
    : { rule, members: [...members], state: { episode: null, open: false }, followed: new Map() }
  const shortestMs = rule.steps[0]?.afterMs ?? Infinity
  for (const slot of members) {
    slot.silences.push(track)
    if (rule.series !== null || members.length === 1) slot.blindAfterMs = Math.min(slot.blindAfterMs, shortestMs)
  }
  bindings.tracks.set(rule.key, track)
  bindings.silences.set(first.clock, [...(bindings.silences.get(first.clock) ?? []), track])
}

/** Warnings of rules that are no more, or are not what they were. */
function endOthers(context: WatchContext, before: Bindings, now: Bindings): void {
  for (const [key, track] of before.tracks) {
    const heir = now.tracks.get(key)
    if (heir?.followed === track.followed) continue
    for (const followed of track.followed.values()) {
      if (!isOpen(followed)) continue
      const at = Math.max(followed.episode.changes.at(-1)?.at ?? followed.episode.onset, newestOf(before, track))
      followed.gone = { at, words: endings.ruleGone, replacedBy: null }
      write(context.pen, track.rule, followed)
    }
  }
}

function newestOf(before: Bindings, track: Track): number {
  return track.rule.series === null ? -Infinity : (before.slots.get(track.rule.series)?.newest ?? -Infinity)
}
