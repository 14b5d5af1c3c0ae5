import Type from 'typebox'
import { resolveLevels } from '../../domain/levels.ts'
import type { RuleDefinition, Sensor } from '../../domain/network.ts'
import { parameterKind } from '../../domain/parameter-kinds.ts'
import type { Parameter } from '../../domain/parameter.ts'
import type { Words } from '../../domain/warning.ts'
import type { Change } from '../episode.ts'
import { doubts, step, stepRejected, type Ladder, type LadderState } from '../ladder.ts'
import { ladderFields, ladderOf, lengthMs } from '../ladder-settings.ts'
import { boundTo, neverCalm, ruleKind, sensorsOf, type Calm, type Place, type ReadingRule, type Sentences } from '../rule-kind.ts'
import { placeFrom, timeAt, valueAt, type Samples } from '../samples.ts'
import { besides, decimalsFor, fixed, lasting, levelName, movement, nounOf, quantity, readings, span } from '../sentences.ts'
import { theilSen } from '../statistics/theil-sen.ts'
import { isDoubtful, soundOrFast, trustIn, trusts, type Trust } from '../trust.ts'

const hourMs = 3_600_000
const { hold, onCount, deadband, clearAfter, offCount, direction } = ladderFields

const settings = Type.Object(
  {
    window: Type.Optional(
      Type.String({ description: 'time over which the slope is taken; 30m for levels, 2h for all else when left out' }),
    ),
    confidence: Type.Optional(
      Type.Number({
        minimum: 0.5,
        maximum: 0.999,
        default: 0.9,
        description: "of the slope's interval, which must exclude half the limit",
      }),
    ),
    hold,
    onCount,
    deadband,
    clearAfter,
    offCount,
    direction,
  },
  { additionalProperties: false },
)
type Settings = Type.Static<typeof settings>

/**
 * A quantity that rises (or, `direction: down`, falls) faster than a limit, in units an hour: the Theil–Sen slope over a window is at or
 * above it, and its interval excludes half of it. A jump between two readings is a matter of quality, not of this rule.
 */
export const rateOfRise = ruleKind({
  kind: 'rate-of-rise',
  settings,
  bind: (rule, given, place) =>
    sensorsOf(rule, place.station).flatMap((sensor) => {
      const limits = resolveLevels(rule, sensor)
      return limits.length === 0 ? [] : [bindTo(rule, given, place, sensor)]
    }),
})

export interface RateRule {
  /** Limits of the speed: positive whichever way. */
  ladder: Ladder
  trust: Trust
  windowMs: number
  confidence: number
  sign: 1 | -1
}

/** Points that the slope is taken from at most: a window with more is thinned evenly, counted from the newest. */
const mostPoints = 50
const fewestPoints = 3

/** The window's trusted points, newest first, how many others there were and how many of the trusted are doubtful; rewritten by each call of `gather`, never kept. */
const hours = new Float64Array(mostPoints)
const heights = new Float64Array(mostPoints)
let [rejected, doubtful] = [0, 0]

/**
 * Advances by one reading. While nothing is crossed, a bound shows in one pass whether any median of slopes could reach the mildest
 * limit; only then are the slopes taken. Fewer than 3 points, or points over less than half the window, decide nothing.
 */
export function advance(rule: RateRule, state: LadderState, samples: Samples, i: number): LadderState {
  if (!trusts(rule.trust, samples, i)) return state.calm ? state : stepRejected(state)
  const count = gather(rule, samples, i)
  if (count < fewestPoints || (hours[0] ?? 0) - (hours[count - 1] ?? 0) < rule.windowMs / hourMs / 2) return state
  const mildest = rule.ladder.rungs[0]?.limit ?? Infinity
  if (state.calm && !couldReach(count, mildest)) return state
  return judge(rule, state, samples, i, count)
}

function judge(rule: RateRule, state: LadderState, samples: Samples, i: number, count: number): LadderState {
  const line = theilSen([...hours.subarray(0, count)].reverse(), [...heights.subarray(0, count)].reverse(), rule.confidence)
  if (line === null) return state
  const [low, high] = line.slopeInterval
  const window = { since: timeAt(samples, i) - rule.windowMs, count, rejected, ...doubts(doubtful) }
  return step(rule.ladder, state, {
    at: timeAt(samples, i),
    isDoubtful: isDoubtful(samples, i),
    value: () => line.slope,
    mayEnter: (rung) => low > (rule.ladder.rungs[rung]?.limit ?? Infinity) / 2,
    mayLeave: () => true,
    figures: () => ({ lower: low, upper: high }),
    window: () => window,
  })
}

/** Puts the window's trusted points (hours before the reading as negative numbers, heights times the sign) into the scratch lists. */
function gather(rule: RateRule, samples: Samples, i: number): number {
  const now = timeAt(samples, i)
  const start = placeFrom(samples, now - rule.windowMs, i)
  const stride = Math.ceil((i - start + 1) / mostPoints)
  let count = 0
  rejected = doubtful = 0
  for (let place = i; place >= start; place -= stride) {
    const value = valueAt(samples, place)
    if (!trusts(rule.trust, samples, place)) {
      rejected += 1
      continue
    }
    hours[count] = (timeAt(samples, place) - now) / hourMs
    heights[count] = rule.sign * value
    count += 1
    if (isDoubtful(samples, place)) doubtful += 1
  }
  return count
}

const isThinned = ({ windowMs }: RateRule, samples: Samples, i: number): boolean =>
  i - mostPoints >= samples.first && timeAt(samples, i - mostPoints) >= timeAt(samples, i) - windowMs

/**
 * False when the median of all pair slopes cannot be `limit` or more. Of n points, n·k − k(k+1)/2 pairs lie at most k places apart; with k
 * chosen so that these are less than half of all pairs, a median of `limit` needs at least one pair further apart that climbs at that
 * speed, so the whole range must be at least limit × the shortest time over k + 1 places.
 */
function couldReach(count: number, limit: number): boolean {
  const half = (count * (count - 1)) / 4
  let apart = 0
  while (count * (apart + 1) - ((apart + 1) * (apart + 2)) / 2 < half) apart += 1
  let [least, greatest, shortest] = [Infinity, -Infinity, Infinity]
  for (let k = 0; k < count; k += 1) {
    const height = heights[k] ?? NaN
    if (height < least) least = height
    if (height > greatest) greatest = height
    if (k > apart) shortest = Math.min(shortest, (hours[k - apart - 1] ?? NaN) - (hours[k] ?? NaN))
  }
  return greatest - least >= limit * shortest * 0.999999
}

/**
 * The band of heights around what the window holds in which no reading can bring the slope to the mildest limit, as long as readings are
 * at least `stepMs` apart. A median of pair slopes at the limit needs a climb at that speed over two steps or a quarter of the window:
 * with five points or more the pairs of neighbours are less than half; of four points either a wider pair climbs or all three neighbours
 * do, over half the window; of three points one of the two wider pairs does, over a quarter of it. A thinned window has no band: its points
 * lie further apart than its readings come, so that none of them would be calm.
 */
function calmAround(rule: RateRule, samples: Samples, i: number): Calm {
  if (isThinned(rule, samples, i)) return neverCalm
  const count = gather(rule, samples, i)
  let [least, greatest, shortest] = [Infinity, -Infinity, Infinity]
  for (let k = 0; k < count; k += 1) {
    const height = heights[k] ?? NaN
    if (height < least) least = height
    if (height > greatest) greatest = height
    if (k > 0) shortest = Math.min(shortest, (hours[k - 1] ?? NaN) - (hours[k] ?? NaN))
  }
  const step = 0.9 * shortest
  const climb = Math.min(2 * step, rule.windowMs / hourMs / 4) * (rule.ladder.rungs[0]?.limit ?? 0) * 0.999
  if (count < 2 || greatest - least >= climb) return neverCalm
  const middle = (rule.sign * (least + greatest)) / 2
  return { low: middle - climb / 2, high: middle + climb / 2, stepMs: step * hourMs }
}

function bindTo(rule: RuleDefinition, given: Settings, place: Place, sensor: Sensor): ReadingRule {
  const { parameter } = sensor
  const byDefault = parameterKind(parameter.key) === 'stage' ? hourMs / 2 : 2 * hourMs
  const { direction: way = 'up', ...rest } = given
  const ladder = ladderOf(resolveLevels(rule, sensor), rest, {
    onCount: 1,
    clearAfterMs: hourMs / 2,
    offCount: 1,
    deadband: (limit) => 0.2 * limit,
    unit: `${parameter.display}/h`,
  })
  const bound: RateRule = {
    ladder,
    trust: trustIn(rule.trusts, soundOrFast),
    windowMs: lengthMs(given.window, byDefault),
    confidence: given.confidence ?? 0.9,
    sign: way === 'down' ? -1 : 1,
  }
  return {
    ...boundTo(rule, place, sensor.id, bound),
    series: sensor.id,
    drivenBy: 'readings',
    trust: bound.trust,
    lookbackMs: bound.windowMs,
    advance: (state, samples, i) => advance(bound, state, samples, i),
    calm: (samples, i) => calmAround(bound, samples, i),
    sentences: rateSentences(bound, parameter),
  }
}

/** What a rule of rise says. */
export function rateSentences({ ladder, sign, windowMs, confidence }: RateRule, parameter: Parameter): Sentences {
  const noun = nounOf(parameter)
  const moves = movement(parameter, sign)
  const decimals = decimalsFor(
    parameter,
    ladder.rungs.flatMap((rung) => [rung.limit, rung.off]),
  )
  const shown = (x: number): string => quantity(x, ladder.unit, decimals)
  const perHour = (x: number, places = decimals): string => `每小时 ${quantity(x, parameter.display, places)}`
  const leaving = lasting({ count: ladder.offCount, ms: ladder.clearAfterMs })
  const window = span(windowMs)
  const placeOf = (level: string | null): number => ladder.rungs.findIndex((rung) => rung.level === level)

  const raised = ({ evidence }: Change): Words => {
    const [value, limit] = [evidence.value ?? 0, evidence.limit ?? 0]
    const places = besides(value, limit, decimals)
    const [low, high] = [evidence.figures['lower'] ?? value, evidence.figures['upper'] ?? value].map((x) => fixed(x, places))
    const good = readings(evidence)
    const sure = Math.round(confidence * 100)
    return {
      en: `Raised because the ${noun.en} ${moves.enPast} ${quantity(value, ladder.unit, places)} over ${window.en}, at or above ${shown(limit)} (${sure} % interval ${low} to ${high}; ${good.en}).`,
      zh: `触发原因：${noun.zh}在 ${window.zh}内以${perHour(value, places)} 的速度${moves.zh}，达到或超过${perHour(limit)}（${sure}% 置信区间 ${low}–${high}，${good.zh}）。`,
    }
  }
  const slowed = ({ evidence }: Change): Words => {
    const lasted = span(evidence.to - evidence.from)
    const off = evidence.limit ?? 0
    return {
      en: `the ${noun.en} was ${moves.enNow} less than ${shown(off)} for ${lasted.en}`,
      zh: `${noun.zh}${moves.zhSpeed}连续 ${lasted.zh}低于${perHour(off)}`,
    }
  }
  return {
    why: (change, before) => {
      if (placeOf(before) <= placeOf(change.level)) return raised(change)
      const { en, zh } = slowed(change)
      return { en: `Lowered because ${en}.`, zh: `降级原因：${zh}。` }
    },
    clears: (level) => {
      const [lowest, here, below] = [ladder.rungs[0]?.off ?? 0, ladder.rungs[placeOf(level)], ladder.rungs[placeOf(level) - 1]]
      const en = `when ${moves.enNow} less than ${shown(lowest)} ${leaving.en}`
      const zh = `${moves.zhSpeed}低于${perHour(lowest)} ${leaving.zh}后解除。`
      if (here === undefined || below === undefined) return { en: `Clears ${en}.`, zh }
      const lower = levelName(below.level)
      return {
        en: `Falls to ${lower.en} when ${moves.enNow} less than ${shown(here.off)} ${leaving.en}, clears ${en}.`,
        zh: `${moves.zhSpeed}低于${perHour(here.off)} ${leaving.zh}后降为${lower.zh}，${zh}`,
      }
    },
    cleared: (change) => {
      const { en, zh } = slowed(change)
      return { en: `Cleared because ${en}.`, zh: `解除原因：${zh}。` }
    },
  }
}
