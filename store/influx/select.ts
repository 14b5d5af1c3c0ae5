import type { SensorId } from '../../domain/ids.ts'
import type { InfluxQl, ResultSeries } from './influxql.ts'
import { oneOf, quoteName, quoteText, type Row } from './influxql.ts'
import { tagInDatabase, tagsOf } from './points.ts'

// One request carries many statements, which the server runs one after the other: round trips are shared and its memory stays bounded.
const statementsPerRequest = 200

/** Asks any number of statements, a bounded number at a time, and gives each one's series in order. */
export async function askAll(ql: InfluxQl, statements: readonly string[]): Promise<ResultSeries[][]> {
  const answers: ResultSeries[][] = []
  for (let from = 0; from < statements.length; from += statementsPerRequest) {
    answers.push(...(await ql.ask(statements.slice(from, from + statementsPerRequest))))
  }
  return answers
}

/** The condition that picks one series by its tags. */
export function isSeries(series: SensorId): string {
  const { station, parameter, sensor } = tagsOf(series)
  const is = (name: string, value: string): string => `${quoteName(name)} = ${quoteText(tagInDatabase(value))}`
  return `${is('station', station)} AND ${is('parameter', parameter)} AND ${is('sensor', sensor)}`
}

/** A condition that is true for these series, and for other pairs of their stations, parameters and numbers. */
export function mayBeOneOf(series: readonly SensorId[]): string {
  const tags = series.map(tagsOf)
  const among = (name: 'station' | 'parameter' | 'sensor'): string =>
    `${quoteName(name)} =~ ${oneOf(new Set(tags.map((each) => tagInDatabase(each[name]))))}`
  return `${among('station')} AND ${among('parameter')} AND ${among('sensor')}`
}

/** The rows of an answer that names one series. */
export const rowsOf = (answer: readonly ResultSeries[] = []): Row[] => answer.flatMap(({ rows }) => rows)

// InfluxDB keeps 64-bit nanoseconds: the years 1677 to 2262.
const farthestMs = 9_223_372_036_854

const timeOf = (at: number): string => `${Math.max(-farthestMs, Math.min(farthestMs, Math.ceil(at)))}ms`

/** `from` inclusive, `to` exclusive, epoch ms; any number, infinite ones too. */
export const inTime = (from: number, to: number): string => `time >= ${timeOf(from)} AND ${before(to)}`

/** Earlier than `at`, epoch ms. */
export const before = (at: number): string => `time < ${timeOf(at)}`

export const bySeries = '"station", "parameter", "sensor"'

/** `SELECT "a", "b" FROM "measurement" WHERE …` */
export function selectFrom(measurement: string, columns: readonly string[], ...conditions: readonly string[]): string {
  const where = conditions.filter((condition) => condition !== '').join(' AND ')
  return `SELECT ${columns.map(quoteName).join(', ')} FROM ${quoteName(measurement)}${where === '' ? '' : ` WHERE ${where}`}`
}

export interface Span {
  series: SensorId
  /** Both inclusive, epoch ms. */
  from: number
  to: number
}

interface Key {
  series: SensorId
  observedAt: number
}

/**
 * Few time ranges that cover the keys: the keys of one series lie in one range, but where the gap to the next is over two hours and four
 * times the series' usual distance, so that a live reading beside an old back-fill does not read what lies between.
 */
export function spansOf(keys: readonly Key[]): Span[] {
  const times = new Map<SensorId, number[]>()
  for (const { series, observedAt } of keys) {
    const known = times.get(series)
    if (known) known.push(observedAt)
    else times.set(series, [observedAt])
  }
  return [...times].flatMap(([series, unsorted]) =>
    spansOfSeries(
      series,
      unsorted.sort((a, b) => a - b),
    ),
  )
}

const alwaysTogetherMs = 2 * 3_600_000

function spansOfSeries(series: SensorId, times: readonly number[]): Span[] {
  const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time))
  const usual = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? 0
  const longest = Math.max(alwaysTogetherMs, 4 * usual)
  const spans: Span[] = []
  for (const time of times) {
    const last = spans.at(-1)
    if (last && time - last.to <= longest) last.to = time
    else spans.push({ series, from: time, to: time })
  }
  return spans
}
