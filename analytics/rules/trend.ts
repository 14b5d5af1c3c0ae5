import Type from 'typebox'
import { resolveLevels } from '../../domain/levels.ts'
import type { RuleDefinition, Sensor } from '../../domain/network.ts'
import { parameterKind, type ParameterKind } from '../../domain/parameter-kinds.ts'
import type { Parameter } from '../../domain/parameter.ts'
import type { Words } from '../../domain/warning.ts'
import { lastChange, withChange, type Change, type Episode } from '../episode.ts'
import type { ConfirmedTrend, TrendEvaluation } from '../jobs/trend-evaluation.ts'
import { ladderFields, lengthMs } from '../ladder-settings.ts'
import { doubts } from '../ladder.ts'
import { boundTo, ruleKind, sensorsOf, type LimitAhead, type Place, type Sentences, type TrendRule } from '../rule-kind.ts'
import { isAbout } from '../rule-scope.ts'
import { decimalsFor, fixed, moment, movement, nounOf, quantity, span } from '../sentences.ts'

const hourMs = 3_600_000

const settings = Type.Object(
  {
    window: Type.Optional(Type.String({ default: '72h', description: 'time whose hourly medians are looked at' })),
    horizon: Type.Optional(
      Type.String({
        default: '144h',
        description: 'a limit that the line meets later than this is not warned of; beyond twice the window a straight line says little',
      }),
    ),
    least: Type.Optional(Type.Integer({ minimum: 8, maximum: 500, default: 8, description: 'hours that must have a median' })),
    alpha: Type.Optional(
      Type.Number({ minimum: 0.0001, maximum: 0.2, default: 0.05, description: 'p below which a trend is believed (Mann-Kendall)' }),
    ),
    confidence: Type.Optional(
      Type.Number({ minimum: 0.5, maximum: 0.999, default: 0.9, description: 'of the interval of the slope and so of the time' }),
    ),
    direction: ladderFields.direction,
  },
  { additionalProperties: false },
)
type Settings = Type.Static<typeof settings>

/** What rises and falls every day: the cycle is taken out before the test, or every morning would be a trend. */
const diurnal = new Set<ParameterKind>(['dissolved-oxygen', 'ph', 'water-temperature', 'chlorophyll'])

/** What rain moves within the hour. */
const flashy: ReadonlySet<string> = new Set([
  'water_level',
  'reservoir_level_upstream',
  'reservoir_level_downstream',
  'river_discharge',
  'flow_velocity',
])

/**
 * A slow change toward a limit, tested every full hour on the medians of the hours before. Limits: the rule's own levels, else those of
 * the threshold rules on the series, else its stages.
 */
export const trend = ruleKind({
  kind: 'trend',
  settings,
  bind: (rule, given, place) =>
    sensorsOf(rule, place.station).flatMap((sensor) => {
      const limits = limitsFor(rule, given, place, sensor)
      return limits.length === 0 ? [] : [bindTo(rule, given, place, sensor, limits)]
    }),
})

/** The episode that lasts; null when there is none. */
export type TrendState = Episode | null

/**
 * Advances by one hourly test, pure. Raised when confirmed; told anew when the limit is now expected outside the bounds that were told last;
 * ends when neither this test nor the one an hour before confirms it. Too little data changes nothing. `before` is asked only when it matters.
 */
export function advance(
  rule: Pick<TrendRule, 'windowMs' | 'sensor'>,
  state: TrendState,
  asOf: number,
  { now, before }: { now: TrendEvaluation; before: () => TrendEvaluation },
): Episode | null {
  if (state === null) {
    if (now.status !== 'confirmed') return null
    return { onset: asOf, changes: [{ at: asOf, level: 'blue', evidence: evidenceOf(rule, asOf, now) }] }
  }
  if (now.status === 'confirmed' && isOvertaken(lastChange(state), asOf, now.trend))
    return withChange(state, { at: asOf, level: 'blue', evidence: evidenceOf(rule, asOf, now) })
  if (now.status !== 'unconfirmed' || before().status !== 'unconfirmed') return state
  return withChange(state, { at: asOf, level: null, evidence: evidenceOf(rule, asOf, now) })
}

/** A forecast that moves by less than this part of the time left is not worth telling anew, however narrow its bounds were. */
const leastMove = 1 / 3

/** What was told last does not hold any more: the limit is another one, or is now expected clearly before or behind the bounds that were given. */
function isOvertaken({ at, evidence: { limit, figures } }: Change, asOf: number, now: ConfirmedTrend): boolean {
  if (limit !== now.limit) return true
  const expectedAt = asOf + now.timeToThresholdMs
  const toldAt = at + (figures['timeToThresholdMs'] ?? 0)
  if (Math.abs(expectedAt - toldAt) < leastMove * (toldAt - asOf)) return false
  return expectedAt < at + (figures['earliestMs'] ?? 0) || expectedAt > at + (figures['latestMs'] ?? Infinity)
}

function evidenceOf(
  { windowMs, sensor }: Pick<TrendRule, 'windowMs' | 'sensor'>,
  asOf: number,
  { trend }: TrendEvaluation,
): Change['evidence'] {
  return {
    from: asOf - windowMs,
    to: asOf,
    trusted: trend?.n ?? 0,
    rejected: 0,
    ...doubts(trend?.doubtful ?? 0),
    value: trend?.level ?? null,
    limit: trend?.limit ?? null,
    unit: sensor.parameter.display,
    figures:
      trend === null
        ? {}
        : {
            slopePerHour: trend.slope,
            lowerPerHour: trend.lower,
            upperPerHour: trend.upper,
            p: trend.p,
            timeToThresholdMs: trend.timeToThresholdMs,
            earliestMs: trend.earliestMs,
            latestMs: trend.latestMs,
            ...(trend.paceMs !== null && { paceMs: trend.paceMs }),
          },
  }
}

function limitsFor(rule: RuleDefinition, given: Settings, { network, station }: Place, sensor: Sensor): LimitAhead[] {
  const from = (each: RuleDefinition, direction: unknown): LimitAhead[] =>
    resolveLevels(each, sensor).map(({ limit }) => ({ value: limit, sign: direction === 'down' ? -1 : 1 }))
  const own = from(rule, given.direction)
  if (own.length > 0) return own
  const thresholds = network.rules.filter(
    (each) => each.kind === 'threshold' && each.parameter === sensor.parameter.key && isAbout(each, station.id),
  )
  const theirs = thresholds.flatMap((each) => from(each, each.settings['direction']))
  return theirs.length > 0 ? theirs : [...sensor.stages.values()].map((value) => ({ value, sign: 1 }))
}

function bindTo(rule: RuleDefinition, given: Settings, place: Place, sensor: Sensor, limits: readonly LimitAhead[]): TrendRule {
  const deciding = {
    flags: rule.trusts ?? [1, 2],
    windowMs: lengthMs(given.window, 72 * hourMs),
    horizonMs: lengthMs(given.horizon, 144 * hourMs),
    alpha: given.alpha ?? 0.05,
    confidence: given.confidence ?? 0.9,
    least: given.least ?? 8,
    isDiurnal: diurnal.has(parameterKind(sensor.parameter.key)) || sensor.parameter.key === 'o3',
    limits,
  }
  return {
    ...boundTo(rule, place, sensor.id, deciding),
    ...deciding,
    isFlashy: flashy.has(sensor.parameter.key),
    series: sensor.id,
    sensor,
    drivenBy: 'job',
    sentences: trendSentences(deciding, sensor.parameter, place.network.timeZone),
  }
}

type Told = Pick<TrendRule, 'windowMs' | 'confidence' | 'limits'>

/** What a rule of trends says. */
export function trendSentences({ windowMs, confidence, limits }: Told, parameter: Parameter, zone: string): Sentences {
  const noun = nounOf(parameter)
  const window = span(windowMs)
  const decimals = decimalsFor(
    parameter,
    limits.map((limit) => limit.value),
  )
  return {
    why: ({ at, evidence }, before) => {
      const slope = evidence.figures['slopePerHour'] ?? 0
      const moves = movement(parameter, slope < 0 ? -1 : 1)
      const speed = quantity(Math.abs(slope), parameter.display, significant(slope))
      const limit = quantity(evidence.limit ?? 0, parameter.display, decimals)
      const p = shownP(evidence.figures['p'] ?? 1)
      const when = expected(evidence.figures, at, { zone, confidence, windowMs })
      const { doubtful = 0 } = evidence
      const paceMs = evidence.figures['paceMs'] ?? windowMs
      const last = paceMs < windowMs ? span(paceMs) : null
      const [en, zh] = before === null ? (['Raised because the', '触发原因'] as const) : (['Revised, for the', '预报修正'] as const)
      return {
        en: `${en} ${noun.en} ${moves.enPast} by ${speed} an hour over ${last ? `the last ${last.en} of ${window.en}` : window.en} (Mann-Kendall p ${p.en}, ${evidence.trusted} hourly medians${doubtful > 0 ? `, ${doubtful} of them with doubtful readings` : ''}). Expected to pass ${limit} at ${when.en}.`,
        zh: `${zh}：${noun.zh}在 ${last ? `${window.zh}内的最近 ${last.zh}` : `${window.zh}内`}平均每小时${moves.zh} ${speed}（Mann-Kendall p ${p.zh}，${evidence.trusted} 个小时中值${doubtful > 0 ? `，其中 ${doubtful} 个含存疑读数` : ''}）。预计 ${when.zh}${slope < 0 ? '低于' : '超过'} ${limit}。`,
      }
    },
    clears: () => ({
      en: 'Clears when two hourly tests running do not confirm the trend.',
      zh: '连续两次逐时检验均未确认该趋势后解除。',
    }),
    cleared: () => ({
      en: 'Cleared because two hourly tests running did not confirm the trend.',
      zh: '解除原因：连续两次逐时检验均未确认该趋势。',
    }),
  }
}

/** The moment and its bounds: `2026-11-24 02:40 (2026-11-24 01:50 to 2026-11-24 04:10, 9 in 10)`. */
function expected(
  figures: Readonly<Record<string, number | null>>,
  at: number,
  { zone, confidence, windowMs }: { zone: string; confidence: number; windowMs: number },
): Words {
  const ms = figures['timeToThresholdMs'] ?? 0
  const [when, earliest] = [at + ms, at + (figures['earliestMs'] ?? ms)].map((each) => moment(each, zone))
  const latestMs = figures['latestMs'] ?? null
  const isNine = Math.abs(confidence - 0.9) < 1e-9
  const percent = fixed(confidence * 100, Number.isInteger(Math.round(confidence * 1e9) / 1e7) ? 0 : 1)
  const sure = isNine ? { en: '9 in 10', zh: '九成把握' } : { en: `${percent} %`, zh: `${percent}% 把握` }
  const low = ms > 2 * windowMs ? { en: ', low confidence', zh: '，可信度低' } : { en: '', zh: '' }
  if (latestMs === null)
    return { en: `${when} (not before ${earliest}, ${sure.en}${low.en})`, zh: `${when}（不早于 ${earliest}，${sure.zh}${low.zh}）` }
  const latest = moment(at + latestMs, zone)
  return { en: `${when} (${earliest} to ${latest}, ${sure.en}${low.en})`, zh: `${when}（${earliest} 至 ${latest}，${sure.zh}${low.zh}）` }
}

/** Decimals for two significant digits, at most six. */
function significant(x: number): number {
  return x === 0 ? 2 : Math.min(6, Math.max(0, 1 - Math.floor(Math.log10(Math.abs(x)))))
}

function shownP(p: number): Words {
  if (p < 0.001) return { en: 'below 0.001', zh: '低于 0.001' }
  return { en: fixed(p, 3), zh: fixed(p, 3) }
}
