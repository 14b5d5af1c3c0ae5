import Type from 'typebox'
import { resolveLevels, stageOf } from '../../domain/levels.ts'
import type { RuleDefinition, Sensor } from '../../domain/network.ts'
import type { Parameter } from '../../domain/parameter.ts'
import type { Level, Words } from '../../domain/warning.ts'
import type { Change } from '../episode.ts'
import { isBeyond, step, stepRejected, type Ladder, type LadderState } from '../ladder.ts'
import { defaultDeadband, ladderFields, ladderOf, type LadderSettings } from '../ladder-settings.ts'
import { boundTo, ruleKind, sensorsOf, type Place, type ReadingRule, type Sentences } from '../rule-kind.ts'
import { timeAt, valueAt, type Samples } from '../samples.ts'
import { besides, decimalsFor, lasting, levelName, nounOf, quantity, readings, sides, span } from '../sentences.ts'
import { isDoubtful, soundOrFast, trustIn, trusts, type Trust } from '../trust.ts'

/** A value beyond a limit: the ladder of levels, entered after `hold` or `onCount`, left after `clearAfter` or `offCount`. */
export const threshold = ruleKind({
  kind: 'threshold',
  settings: Type.Object(ladderFields, { additionalProperties: false }),
  bind: (rule, settings, place) =>
    sensorsOf(rule, place.station).flatMap((sensor) => {
      const limits = resolveLevels(rule, sensor)
      return limits.length === 0 ? [] : [bindTo(rule, settings, place, sensor)]
    }),
})

/** A threshold rule at one series. */
export interface ThresholdRule {
  ladder: Ladder
  trust: Trust
}

/**
 * Advances by one reading. An untrusted one neither counts nor resets; one on the safe side of a quiet rule changes nothing and costs
 * nothing. Clearing is judged only here, so silence never clears.
 */
export function advance(rule: ThresholdRule, state: LadderState, samples: Samples, i: number): LadderState {
  const value = valueAt(samples, i)
  if (!trusts(rule.trust, samples, i)) return state.calm ? state : stepRejected(state)
  const mildest = rule.ladder.rungs[0]
  if (state.calm && (mildest === undefined || !isBeyond(rule.ladder, mildest.limit, value))) return state
  return step(rule.ladder, state, {
    at: timeAt(samples, i),
    isDoubtful: isDoubtful(samples, i),
    value: () => value,
    mayEnter: always,
    mayLeave: always,
    figures: noFigures,
  })
}

/** Trust in one may rest on the two before it, of which one may be missing. */
const readingsLookedBackOn = 3
const hourMs = 3_600_000

const always = (): boolean => true
const noFigures = (): Record<string, number | null> => ({})

function bindTo(rule: RuleDefinition, settings: LadderSettings, place: Place, sensor: Sensor): ReadingRule {
  const { parameter } = sensor
  const isFloodStage = Object.values(rule.levels).some((limit) => stageOf(limit) !== null)
  const ladder = ladderOf(resolveLevels(rule, sensor), settings, {
    onCount: isFloodStage ? 1 : 2,
    clearAfterMs: 0,
    offCount: 4,
    deadband: (limit) => defaultDeadband(parameter, limit),
    unit: parameter.display,
  })
  const bound: ThresholdRule = { ladder, trust: trustIn(rule.trusts, soundOrFast) }
  const mildest = ladder.rungs[0]?.limit ?? ladder.sign * Infinity
  const calm = ladder.sign === 1 ? { low: -Infinity, high: mildest, stepMs: 0 } : { low: mildest, high: Infinity, stepMs: 0 }
  return {
    ...boundTo(rule, place, sensor.id, bound),
    series: sensor.id,
    drivenBy: 'readings',
    trust: bound.trust,
    lookbackMs: readingsLookedBackOn * (sensor.everyMs ?? hourMs),
    advance: (state, samples, i) => advance(bound, state, samples, i),
    calm: () => calm,
    sentences: thresholdSentences(ladder, parameter),
  }
}

/** What the sentences of one rule at one series have in common. */
interface Speech {
  ladder: Ladder
  noun: Words
  beyond: Words
  safe: Words
  decimals: number
  /** How long or how often it must be safe before a level is left. */
  leaving: Words
  shown(x: number): string
}

/** What a threshold rule says. */
export function thresholdSentences(ladder: Ladder, parameter: Parameter): Sentences {
  const limits = ladder.rungs.flatMap((rung) => [rung.limit, rung.off])
  const decimals = decimalsFor(parameter, limits)
  const speech: Speech = {
    ladder,
    noun: nounOf(parameter),
    ...sides(ladder.sign, ladder.inclusive),
    decimals,
    leaving: lasting({ count: ladder.offCount, ms: ladder.clearAfterMs }),
    shown: (x) => quantity(x, ladder.unit, decimals),
  }
  const rankOf = (level: Level | null): number => ladder.rungs.findIndex((rung) => rung.level === level)
  return {
    why: (change, before) => (rankOf(before) > rankOf(change.level) ? lowered(speech, change) : raised(speech, change)),
    clears: (level) => clears(speech, rankOf(level)),
    cleared: (change) => {
      const { en, zh } = stayedSafe(speech, change)
      return { en: `Cleared because ${en}.`, zh: `解除原因：${zh}。` }
    },
  }
}

function raised({ ladder, noun, beyond, decimals, shown }: Speech, { evidence }: Change): Words {
  const limit = evidence.limit ?? 0
  const good = readings(evidence)
  if (ladder.holdMs > 0) {
    const lasted = span(evidence.to - evidence.from)
    return {
      en: `Raised because the ${noun.en} stayed ${beyond.en} ${shown(limit)} for ${lasted.en} (${good.en}).`,
      zh: `触发原因：${noun.zh}连续 ${lasted.zh}${beyond.zh} ${shown(limit)}（${good.zh}）。`,
    }
  }
  if (ladder.onCount > 1)
    return {
      en: `Raised because the ${noun.en} was ${beyond.en} ${shown(limit)} in ${evidence.trusted} readings running (${good.en}).`,
      zh: `触发原因：${noun.zh}连续 ${evidence.trusted} 次读数${beyond.zh} ${shown(limit)}（${good.zh}）。`,
    }
  const value = evidence.value ?? limit
  const reached = quantity(value, ladder.unit, besides(value, limit, decimals))
  return {
    en: `Raised because the ${noun.en} reached ${reached}, ${beyond.en} ${shown(limit)} (${good.en}).`,
    zh: `触发原因：${noun.zh} ${reached}，${beyond.zh} ${shown(limit)}（${good.zh}）。`,
  }
}

function lowered(speech: Speech, change: Change): Words {
  const { en, zh } = stayedSafe(speech, change)
  const limit = speech.shown(speech.ladder.rungs.find((rung) => rung.level === change.level)?.limit ?? 0)
  return { en: `Lowered because ${en}; the level of ${limit} still stands.`, zh: `降级原因：${zh}，但 ${limit} 一级尚未解除。` }
}

/** Half a sentence: what led down. */
function stayedSafe({ ladder, noun, safe, shown }: Speech, { evidence }: Change): Words {
  const off = shown(evidence.limit ?? 0)
  const good = readings(evidence)
  if (ladder.clearAfterMs > 0) {
    const lasted = span(evidence.to - evidence.from)
    return {
      en: `the ${noun.en} stayed ${safe.en} ${off} for ${lasted.en} (${good.en})`,
      zh: `${noun.zh}连续 ${lasted.zh}${safe.zh} ${off}（${good.zh}）`,
    }
  }
  const count = evidence.trusted
  return {
    en: `the ${noun.en} was ${safe.en} ${off} in ${count === 1 ? 'one reading' : `${count} readings running`} (${good.en})`,
    zh: `${noun.zh}连续 ${count} 次读数${safe.zh} ${off}（${good.zh}）`,
  }
}

function clears({ ladder, safe, shown, leaving }: Speech, place: number): Words {
  const [lowest, here, below] = [ladder.rungs[0], ladder.rungs[place], ladder.rungs[place - 1]]
  const off = shown(lowest?.off ?? 0)
  if (here === undefined || below === undefined)
    return { en: `Clears when ${safe.en} ${off} ${leaving.en}.`, zh: `${safe.zh} ${off} ${leaving.zh}后解除。` }
  const lower = levelName(below.level)
  return {
    en: `Falls to ${lower.en} when ${safe.en} ${shown(here.off)} ${leaving.en}, clears when ${safe.en} ${off}.`,
    zh: `${safe.zh} ${shown(here.off)} ${leaving.zh}后降为${lower.zh}，${safe.zh} ${off} ${leaving.zh}后解除。`,
  }
}
