import type { HydrographInput } from './hydrograph.ts'
import type { Plot } from './hydrograph-plan.ts'
import { duration, figureWords, fullTime, number, periodEnds, zoneWords, type Language } from './words.ts'
import { offsetLabel } from './zone.ts'

/** Quantity, unit, period, zone: `Water level, m, 17 Nov 02:15 to 22 Nov 2026 02:15 (Asia/Shanghai, UTC+8)`; `short` leaves the zone's name out. */
export function headline(input: HydrographInput, language: Language, short = false): string {
  const { zone } = input
  const period = figureWords[language].period(...periodEnds(input.from, input.to, zone, language))
  const place = short ? offsetLabel(input.to, zone) : zoneWords(input.to, zone)
  return language === 'zh'
    ? `${input.quantity}，${input.unit}，${period}（${place}）`
    : `${input.quantity}, ${input.unit}, ${period} (${place})`
}

/** The figure in words, for who does not see it: newest value, range, limits, what is wrong with the data. */
export function description(plan: Plot, input: HydrographInput, language: Language): string {
  const words = figureWords[language]
  const { traces } = plan
  const value = (v: number): string => `${number(v, input.decimals)} ${input.unit}`
  const sentences: string[] = [`${input.place}${language === 'zh' ? '。' : '.'}`]
  if (input.simulated) sentences.push(`${input.recorded ? words.replayedLong : words.simulatedLong}${language === 'zh' ? '。' : '.'}`)
  const line = traces.runs.flat()
  if (line.length === 0) sentences.push(`${words.noReadings}${language === 'zh' ? '。' : '.'}`)
  if (traces.newest) sentences.push(words.newest(value(traces.newest.value), fullTime(traces.newest.at, input.zone, language)))
  const least = line.reduce((low, p) => Math.min(low, p.value), Infinity)
  const most = line.reduce((high, p) => Math.max(high, p.value), -Infinity)
  if (line.length > 1) sentences.push(words.between(value(least), value(most)))
  const limits = input.limits.map((limit) => words.limit(limit.name, value(limit.value)))
  if (limits.length > 0) sentences.push(language === 'zh' ? `${limits.join('、')}。` : `${limits.join(', ')}.`)
  if (traces.suspect.length > 0) sentences.push(words.counted('suspect', traces.suspect.length))
  if (traces.rejected.length > 0) sentences.push(words.counted('rejected', traces.rejected.length))
  if (traces.lateCount > 0) sentences.push(words.counted('late', traces.lateCount))
  if (traces.gaps.length > 0) {
    const longest = traces.gaps.reduce((length, gap) => Math.max(length, gap.to - gap.from), 0)
    sentences.push(words.gaps(traces.gaps.length, duration(longest, language)))
  }
  if (input.rain && plan.rainTop !== null) sentences.push(words.rain(`${number(plan.rainTop, 1)} ${input.rain.unit}`))
  if (input.forecast) sentences.push(words.forecast(fullTime(input.forecast.issuedAt, input.zone, language)))
  return sentences.join(language === 'zh' ? '' : ' ')
}
