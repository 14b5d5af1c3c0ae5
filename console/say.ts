import { parameterKind } from '../domain/parameter-kinds.ts'
import { isMomentary } from '../domain/sampling.ts'
import type { Mark } from '../figures/river-map.ts'
import { clock, dayAndClock, duration, number, periodEnds, type Language } from '../figures/words.ts'
import type { GapNote } from '../api/schemas/continuity.ts'
import type { ParameterNote, SeriesSummary, Stage, Standing, Trend } from '../api/schemas/series.ts'
import type { StationDetail, StationSummary } from '../api/schemas/station.ts'
import type { WarningNote } from '../api/schemas/warning.ts'
import type { Texts } from './texts.ts'

/** In which words something is said. */
export interface Voice {
  t: Texts
  language: Language
}

const dayMs = 86_400_000

/** Decimals that show one step of the sensor, of a stage the centimetre; 2 when its step is not known. */
export function decimalsOf({ key, resolution }: Pick<ParameterNote, 'key' | 'resolution'>): number {
  if (resolution === null || !(resolution > 0)) return 2
  return Math.min(parameterKind(key) === 'stage' ? 2 : 4, Math.max(0, Math.ceil(-Math.log10(resolution) - 1e-9)))
}

/** Decimals for one value: as many as its sensor has, but no more than say something beside its size; a stage keeps its centimetres. */
export function decimalsFor(parameter: Pick<ParameterNote, 'key' | 'resolution'>, value: number): number {
  const most = decimalsOf(parameter)
  if (parameterKind(parameter.key) === 'stage') return most
  return Math.min(most, Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : most)
}

/** What the limit of a decision is called: the one that ended a warning lies the deadband behind the one that raised it. */
export function limitName({ state }: Pick<WarningNote, 'state'>, t: Texts): string {
  return state === 'cleared' ? t.say.clearedAt : t.say.limit
}

/** What raised a warning and when that was received, and how long after that it was told; null = not known. */
export function decisionText({ decided }: Pick<WarningNote, 'decided'>, zone: string, { t, language }: Voice): string | null {
  if (decided == null) return null
  const { observedAt, receivedAt, arrivedAt, keptAt } = decided
  const [measured, received] = periodEnds(observedAt ?? receivedAt, receivedAt, zone, language)
  const by = observedAt === null ? t.say.byClock(dayAndClock(receivedAt, zone, language)) : t.say.byReading(measured, received)
  if (arrivedAt === null || keptAt === null) return by
  return [by, t.say.keptAfter(shortly(keptAt - arrivedAt, language))].join(language === 'zh' ? '，' : ', ')
}

/** Below ten seconds with a tenth. */
const shortly = (ms: number, language: Language): string =>
  ms < 10_000 ? `${number(Math.max(0, ms) / 1000, 1)}${language === 'zh' ? ' 秒' : ' s'}` : duration(ms, language)

/** Everyday names where the catalogue's are those of a standard; others without their remarks in brackets. */
const everyday: Readonly<Record<string, { en: string; zh: string }>> = {
  water_level: { en: 'Water level', zh: '水位' },
  reservoir_level_upstream: { en: 'Reservoir level', zh: '库水位' },
  reservoir_level_downstream: { en: 'Level below the dam', zh: '坝下水位' },
  river_discharge: { en: 'Discharge', zh: '流量' },
  rainfall: { en: 'Rain', zh: '降雨量' },
}

export function quantityName({ key, name }: Pick<ParameterNote, 'key' | 'name'>, language: Language): string {
  const short = known(everyday, key) ?? name
  return short[language].split(/ ?[(（]/)[0] || short[language]
}

/**
 * `mean of 1 h`: what the values stand for, where the network file says it or a device of HJ 212 does; empty where nobody tells, and for
 * moments.
 */
export function periodText(
  { statistic, everyMs }: Pick<SeriesSummary, 'statistic' | 'everyMs'>,
  devices: StationDetail['devices'],
  { t, language }: Voice,
): string {
  if (isMomentary(statistic)) return statistic === 'value' ? '' : t.statistic[statistic]
  if (everyMs === null || !devices.some(({ protocol }) => protocol === 'hj212')) return ''
  return t.say.statisticOf(t.statistic[statistic], duration(everyMs, language))
}

/** `3.42 m`; pH and other bare numbers without a unit. */
export function valueText(value: number | null, parameter: ParameterNote): string {
  return withUnit(number(value, decimalsFor(parameter, value ?? 0)), parameter)
}

// pH is its own unit: `7.20`, not `7.20 pH`
const withUnit = (text: string, { display, name }: ParameterNote): string => (display === name.en ? text : `${text} ${display}`)

/** Whether a quantity adds up over time (rain): then it is drawn as bars. */
export function isAmount(parameter: Pick<ParameterNote, 'key'>): boolean {
  return parameter.key === 'rainfall' || /^rain_(current|\d+(min|h))$/.test(parameter.key)
}

/** `rising 0.12 m/h`; a rate too small for the sensor's decimals gets more. Null for amounts: rain has no trend from one reading to the next. */
export function trendText({ direction, perHour }: Trend, parameter: ParameterNote, { t }: Voice): string | null {
  if (isAmount(parameter)) return null
  if (direction === 'steady' || direction === 'unknown' || perHour === null)
    return direction === 'steady' ? t.trend.steady : t.trend.unknown
  return t.trend[direction](rateText(perHour, parameter), parameter.display)
}

/** A rate without its sign, with as many decimals as keep its first digit. */
export function rateText(perHour: number, parameter: ParameterNote): string {
  const size = Math.abs(perHour)
  const needed = size > 0 ? Math.ceil(-Math.log10(size)) : 0
  return number(size, Math.min(5, Math.max(decimalsFor(parameter, size), needed)))
}

export const stageName = (name: string, { t }: Voice): string => known(t.stage, name) ?? name
export const stageShort = (name: string, { t }: Voice): string => known(t.stageShort, name) ?? name

/** A name's entry in a table; only own ones, for names come from outside. */
export function known<Value>(table: Readonly<Record<string, Value>>, name: string): Value | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null
}

/** Where a value stands: above the stage it reached, else below the next one. */
export function standingText(standing: Standing | null, parameter: ParameterNote, voice: Voice): string | null {
  const { say } = voice.t
  if (standing?.reached && standing.above !== null) {
    const stage = stageName(standing.reached.name, voice)
    return standing.above === 0 ? say.at(stage) : say.above(valueText(standing.above, parameter), stage)
  }
  if (standing?.next && standing.below !== null)
    return say.below(valueText(standing.below, parameter), stageName(standing.next.name, voice))
  return null
}

/** `+0.42 warning`, `−0.12 warning`: the same for a row. */
export function standingShort(standing: Standing | null, parameter: ParameterNote, voice: Voice): string | null {
  const signed = (sign: string, distance: number, stage: Stage): string =>
    `${sign}${number(distance, decimalsFor(parameter, distance))} ${stageShort(stage.name, voice)}`
  if (standing?.reached && standing.above !== null) return signed('+', standing.above, standing.reached)
  if (standing?.next && standing.below !== null) return signed('\u2212', standing.below, standing.next)
  return null
}

/** `4 min ago`; under 5 s `just now`. */
export function ageText(ms: number, { t, language }: Voice): string {
  return ms < 5_000 ? t.say.justNow : t.say.ago(duration(ms, language))
}

/** The first line of a station: value, unit, trend, distance to a stage, age. */
export function stationLine(series: SeriesSummary, voice: Voice): string {
  const { t } = voice
  const { latest, parameter } = series
  if (!latest || series.ageMs === null) return t.say.noValue
  const parts = [trendText(series.trend, parameter, voice), standingText(series.standing, parameter, voice)].filter((p) => p !== null)
  return t.say.stationLine(quantityName(parameter, voice.language), valueText(latest.value, parameter), parts, ageText(series.ageMs, voice))
}

/** What is missing of a series, and what of it came late; times in the zone of its network, with the day where it is a day ago or more. */
export function gapText(
  { from, to, arrived, arrivedAt }: Pick<GapNote, 'from' | 'to' | 'arrived' | 'arrivedAt'>,
  { now, zone }: { now: number; zone: string },
  voice: Voice,
): string {
  const { say } = voice.t
  const time = (at: number): string => (now - at < dayMs ? clock(at, zone) : dayAndClock(at, zone, voice.language))
  const missing = to === null ? say.gapLasts(time(from)) : say.gap(time(from), time(to), duration(to - from, voice.language))
  if (arrivedAt === null || arrived === 0) return missing
  return `${missing}${voice.language === 'zh' ? '' : ' '}${say.lateArrived(arrived, time(arrivedAt))}`
}

/** Names of quality marks. */
export const testWords = (tests: readonly string[], { t }: Voice): string[] => tests.map((name) => known(t.test, name) ?? name)

/** The series that a station is shown by. */
export const leadOf = (station: Pick<StationSummary, 'lead' | 'series'>): SeriesSummary | null =>
  station.series.find((one) => one.series === station.lead) ?? station.series[0] ?? null

/** How a station looks on a map and in a list. */
export function markOf(station: StationSummary): Mark {
  const lead = leadOf(station)
  const flag = lead?.latest?.flag
  const data = flag === 3 ? 'suspect' : flag === 4 || flag === 9 ? 'missing' : 'good'
  const state = station.state === 'silent' ? 'silent' : station.state === 'never' ? 'missing' : data
  const moves = lead && isAmount(lead.parameter) ? 'steady' : (lead?.trend.direction ?? 'unknown')
  const tendency = station.state === 'reporting' ? moves : 'unknown'
  return { tendency, level: station.level, state, simulated: station.simulated }
}

/** `97 %`, rounded down so that 100 % means all. */
export function shareText(share: number): string {
  const percent = Math.floor(share * 1000 + 1e-6) / 10
  return `${percent === 100 ? '100' : percent.toFixed(1)} %`
}
