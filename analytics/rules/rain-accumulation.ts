import Type from 'typebox'
import { resolveLevels } from '../../domain/levels.ts'
import type { RuleDefinition, Sensor } from '../../domain/network.ts'
import type { Parameter } from '../../domain/parameter.ts'
import { levels, type Level } from '../../domain/warning.ts'
import type { Change } from '../episode.ts'
import { doubts, step, stepRejected, type Ladder, type LadderState } from '../ladder.ts'
import { ladderFields, ladderOf } from '../ladder-settings.ts'
import { boundTo, ruleKind, sensorsOf, type Calm, type Place, type ReadingRule, type Sentences } from '../rule-kind.ts'
import { timeAt, valueAt, type Samples } from '../samples.ts'
import { besides, decimalsFor, doubtfulOf, levelName, quantity, span } from '../sentences.ts'
import { isDoubtful, soundOrExtreme, trustIn, trusts, type Trust } from '../trust.ts'

const hourMs = 3_600_000
const { hold, onCount, deadband, clearAfter, offCount } = ladderFields
const someHours = (description: string) => Type.Number({ minimum: 0.5, maximum: 72, description })

const settings = Type.Object(
  {
    hours: Type.Optional(
      Type.Union(
        [
          someHours('hours that are summed, for all levels'),
          Type.Object(Object.fromEntries(levels.map((level) => [level, Type.Optional(someHours(`hours that are summed for ${level}`))])), {
            additionalProperties: false,
          }),
        ],
        { default: 24, description: 'hours that are summed: one number, or one for each level; 1, 3, 6, 12 and 24 are usual' },
      ),
    ),
    coverage: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1,
        default: 0.8,
        description: 'share of the hours that must have readings before a small sum is believed and the level left',
      }),
    ),
    hold,
    onCount,
    deadband,
    clearAfter,
    offCount,
  },
  { additionalProperties: false },
)
type Settings = Type.Static<typeof settings>

/**
 * Rain summed over hours. A sum that has reached its limit raises however many readings are missing (there can only be more); a level is
 * left only on a sum with enough coverage, so that a gauge that stops does not clear a storm.
 */
export const rainAccumulation = ruleKind({
  kind: 'rain-accumulation',
  settings,
  bind: (rule, given, place) =>
    sensorsOf(rule, place.station, 'rainfall').flatMap((sensor) => {
      const limits = resolveLevels(rule, sensor)
      return limits.length === 0 ? [] : [bindTo(rule, given, place, sensor)]
    }),
})

export interface RainRule {
  ladder: Ladder
  trust: Trust
  /** Length of the sum of each rung, ms. */
  sumsMs: readonly number[]
  coverage: number
  everyMs: number | null
}

/** Advances by one reading. A dry one changes nothing while nothing is crossed. */
export function advance(rule: RainRule, state: LadderState, samples: Samples, i: number): LadderState {
  const depth = valueAt(samples, i)
  if (!trusts(rule.trust, samples, i)) return state.calm ? state : stepRejected(state)
  if (state.calm && depth <= 0) return state
  const sums = rule.sumsMs.map((ms) => sumOver(rule, samples, i, ms))
  return step(rule.ladder, state, {
    at: timeAt(samples, i),
    isDoubtful: isDoubtful(samples, i),
    value: (rung) => sums[rung]?.depth ?? 0,
    mayEnter: () => true,
    mayLeave: (rung) => (sums[rung]?.coverage ?? 0) >= rule.coverage,
    window: (rung) => ({
      since: timeAt(samples, i) - (rule.sumsMs[rung] ?? 0),
      count: sums[rung]?.count ?? 0,
      rejected: sums[rung]?.rejected ?? 0,
      ...doubts(sums[rung]?.doubtful ?? 0),
    }),
    figures: (rung) => ({ hours: (rule.sumsMs[rung] ?? 0) / hourMs, coverage: sums[rung]?.coverage ?? null }),
  })
}

/** No rain changes no sum for the worse. */
const dry: Calm = { low: -Infinity, high: Number.MIN_VALUE, stepMs: 0 }

interface Sum {
  depth: number
  coverage: number
  count: number
  rejected: number
  doubtful: number
}

/** Sum of the trusted depths stamped in (t − ms, t], and the share of that time they stand for. */
function sumOver(rule: RainRule, samples: Samples, i: number, ms: number): Sum {
  const now = timeAt(samples, i)
  let [depth, count, rejected, doubtful, oldest] = [0, 0, 0, 0, now]
  for (let place = i; place >= samples.first; place -= 1) {
    const at = timeAt(samples, place)
    if (at <= now - ms) break
    const value = valueAt(samples, place)
    if (!trusts(rule.trust, samples, place)) {
      rejected += 1
      continue
    }
    depth += value
    count += 1
    if (isDoubtful(samples, place)) doubtful += 1
    oldest = at
  }
  const covered = rule.everyMs === null ? now - oldest : count * rule.everyMs
  return { depth, coverage: Math.min(1, covered / ms), count, rejected, doubtful }
}

function bindTo(rule: RuleDefinition, given: Settings, place: Place, sensor: Sensor): ReadingRule {
  const limits = resolveLevels(rule, sensor)
  const ladder = ladderOf(limits, given, {
    onCount: 1,
    clearAfterMs: hourMs,
    offCount: 1,
    deadband: (limit) => 0.05 * limit,
    unit: sensor.parameter.display,
  })
  const bound: RainRule = {
    ladder,
    trust: trustIn(rule.trusts, soundOrExtreme),
    sumsMs: limits.map(({ level }) => hoursFor(given.hours, level) * hourMs),
    coverage: given.coverage ?? 0.8,
    everyMs: sensor.everyMs,
  }
  return {
    ...boundTo(rule, place, sensor.id, bound),
    series: sensor.id,
    drivenBy: 'readings',
    trust: bound.trust,
    lookbackMs: Math.max(...bound.sumsMs),
    advance: (state, samples, i) => advance(bound, state, samples, i),
    calm: () => dry,
    sentences: rainSentences(bound, sensor.parameter),
  }
}

function hoursFor(hours: Settings['hours'], level: Level): number {
  if (typeof hours === 'number') return hours
  return (hours as Partial<Record<Level, number>> | undefined)?.[level] ?? 24
}

/** What a rule of rain sums says. */
export function rainSentences({ ladder, sumsMs }: RainRule, parameter: Parameter): Sentences {
  const decimals = decimalsFor(
    parameter,
    ladder.rungs.flatMap((rung) => [rung.limit, rung.off]),
  )
  const shown = (x: number): string => quantity(x, ladder.unit, decimals)
  const placeOf = (level: string | null): number => ladder.rungs.findIndex((rung) => rung.level === level)
  const leaving = span(ladder.clearAfterMs)
  const [forEn, forZh] = ladder.clearAfterMs > 0 ? [`, for ${leaving.en}`, ` 并持续 ${leaving.zh}`] : ['', ' ']
  const small = (place: number): { en: string; zh: string } => {
    const hours = span(sumsMs[place] ?? 0)
    const off = shown(ladder.rungs[place]?.off ?? 0)
    return { en: `less than ${off} fell in ${hours.en}`, zh: `${hours.zh}累计降雨低于 ${off}` }
  }
  const led = ({ evidence }: Change): { en: string; zh: string } => {
    const hours = span((evidence.figures['hours'] ?? 0) * hourMs)
    const off = shown(evidence.limit ?? 0)
    return { en: `less than ${off} fell in ${hours.en}`, zh: `${hours.zh}累计降雨低于 ${off}` }
  }
  return {
    why: (change, before) => {
      const { evidence } = change
      if (placeOf(before) > placeOf(change.level)) return { en: `Lowered because ${led(change).en}.`, zh: `降级原因：${led(change).zh}。` }
      const [value, limit] = [evidence.value ?? 0, evidence.limit ?? 0]
      const fell = quantity(value, ladder.unit, besides(value, limit, decimals))
      const hours = span((evidence.figures['hours'] ?? 0) * hourMs)
      const doubted = doubtfulOf(evidence)
      const covered = Math.floor((evidence.figures['coverage'] ?? 0) * 100)
      return {
        en: `Raised because ${fell} of rain fell in ${hours.en}, at or above ${shown(limit)} (readings for ${covered} % of the time${doubted.en}).`,
        zh: `触发原因：${hours.zh}累计降雨 ${fell}，达到或超过 ${shown(limit)}（数据覆盖 ${covered}% 的时间${doubted.zh}）。`,
      }
    },
    clears: (level) => {
      const place = placeOf(level)
      const below = ladder.rungs[place - 1]
      const lowest = small(0)
      if (below === undefined) return { en: `Clears when ${lowest.en}${forEn}.`, zh: `${lowest.zh}${forZh}后解除。` }
      const [here, lower] = [small(place), levelName(below.level)]
      return {
        en: `Falls to ${lower.en} when ${here.en}${forEn}, clears when ${lowest.en}${forEn}.`,
        zh: `${here.zh}${forZh}后降为${lower.zh}，${lowest.zh}${forZh}后解除。`,
      }
    },
    cleared: (change) => ({ en: `Cleared because ${led(change).en}${forEn}.`, zh: `解除原因：${led(change).zh}${forZh}。` }),
  }
}
