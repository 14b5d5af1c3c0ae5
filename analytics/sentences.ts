import { parameterKind } from '../domain/parameter-kinds.ts'
import type { Parameter } from '../domain/parameter.ts'
import type { Evidence, Level, Words } from '../domain/warning.ts'
import { levelWords } from '../domain/levels.ts'
import { formatLocal } from '../domain/time.ts'

/*
 * The pieces of which the sentences of warnings are made. Each kind of rule puts its own together (rules/<kind>.ts), English and Chinese
 * side by side: Chinese has its own order and punctuation and is no translation word by word.
 */

/** Everyday names where the catalogue's are those of a standard. */
const nouns: ReadonlyMap<string, Words> = new Map([
  ['water_level', { en: 'level', zh: '水位' }],
  ['reservoir_level_upstream', { en: 'level', zh: '水位' }],
  ['reservoir_level_downstream', { en: 'level', zh: '水位' }],
  ['river_discharge', { en: 'discharge', zh: '流量' }],
  ['rainfall', { en: 'rain', zh: '降雨' }],
])

/** What a parameter is called in the middle of a sentence, without remarks in brackets. */
export function nounOf(parameter: Parameter): Words {
  const known = nouns.get(parameter.key)
  if (known) return known
  const { en, zh } = parameter.name
  const [short = en] = en.split(' (')
  return { en: /^[A-Z][a-z]/.test(short) ? short.charAt(0).toLowerCase() + short.slice(1) : short, zh: zh.split(/[(（]/)[0] || zh }
}

/** How a quantity goes up, as a verb phrase: water rises as 上涨, all else as 上升. */
export function movement(parameter: Parameter, sign: 1 | -1): { enPast: string; enNow: string; zh: string; zhSpeed: string } {
  if (sign === -1) return { enPast: 'fell', enNow: 'falling', zh: '下降', zhSpeed: '降速' }
  const isStage = parameterKind(parameter.key) === 'stage'
  return { enPast: 'rose', enNow: 'rising', zh: isStage ? '上涨' : '上升', zhSpeed: isStage ? '涨速' : '升速' }
}

const mostDecimals = 6

/** Decimals that show a parameter's resolution (a stage to the centimetre) and each of these limits exactly. */
export function decimalsFor(parameter: Parameter, limits: readonly number[]): number {
  const byResolution = parameter.resolution === null ? 2 : decimalsOf(parameter.resolution)
  const least = parameterKind(parameter.key) === 'stage' ? Math.min(2, byResolution) : byResolution
  return Math.max(least, ...limits.map(decimalsOf))
}

/** Decimals that a number needs, at most six. */
function decimalsOf(x: number): number {
  for (let places = 0; places < mostDecimals; places += 1)
    if (Math.abs(Number(x.toFixed(places)) - x) <= 1e-9 * Math.max(1, Math.abs(x))) return places
  return mostDecimals
}

/** A number with fixed decimals; never minus nought. */
export function fixed(x: number, decimals: number): string {
  const text = x.toFixed(decimals)
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text
}

/** A value beside its limit: with more decimals where rounding would make them look equal. */
export function besides(value: number, limit: number, decimals: number): number {
  let places = decimals
  while (places < mostDecimals && value !== limit && fixed(value, places) === fixed(limit, places)) places += 1
  return places
}

/** `3.00 m`; a quantity whose name says all (pH) or without a unit is a plain number. */
export function quantity(x: number, unit: string, decimals: number): string {
  const number = fixed(x, decimals)
  if (unit === '' || unit === '1' || unit === 'pH') return number
  return unit === '%' || unit === '°' ? `${number}${unit}` : `${number} ${unit}`
}

const spans: readonly (readonly [ms: number, en: string, zh: string])[] = [
  [86_400_000, 'd', '天'],
  [3_600_000, 'h', '小时'],
  [60_000, 'min', '分钟'],
  [1000, 's', '秒'],
]

/** A length of time in its two largest units: `1 h 30 min`, `1 小时 30 分钟`. Rounded to whole seconds. */
export function span(ms: number): Words {
  let rest = Math.round(ms / 1000) * 1000
  const parts: Words[] = []
  for (const [size, en, zh] of spans) {
    const count = Math.floor(rest / size)
    if (count === 0 || parts.length === 2) continue
    parts.push({ en: `${count} ${en}`, zh: `${count} ${zh}` })
    rest -= count * size
  }
  if (parts.length === 0) return { en: '0 s', zh: '0 秒' }
  return { en: parts.map((part) => part.en).join(' '), zh: parts.map((part) => part.zh).join(' ') }
}

type Readings = Pick<Evidence, 'trusted' | 'rejected' | 'doubtful'>

/**
 * How many of the readings quality let through: `4 of 4 readings good`; where the rule believed some that quality doubts, it says so:
 * `4 of 5 readings believed, 2 of them doubtful`.
 */
export function readings({ trusted, rejected, doubtful = 0 }: Readings): Words {
  const all = trusted + rejected
  const en = `${trusted} of ${all} ${all === 1 ? 'reading' : 'readings'}`
  if (doubtful === 0) return { en: `${en} good`, zh: rejected === 0 ? `${all} 次读数均有效` : `${all} 次读数中 ${trusted} 次有效` }
  const some = doubtful < trusted ? `, ${doubtful} of them doubtful` : trusted === 1 ? ', and it is doubtful' : ', all of them doubtful'
  const zh = rejected === 0 ? `采用 ${all} 次读数` : `${all} 次读数中采用 ${trusted} 次`
  return { en: `${en} believed${some}`, zh: `${zh}，${doubtful < trusted ? `其中 ${doubtful} 次存疑` : '均存疑'}` }
}

/** What stands behind the quality of a sum where some of it is doubtful: `; 2 of 12 readings doubtful`. */
export function doubtfulOf({ trusted, doubtful = 0 }: Readings): Words {
  if (doubtful === 0) return { en: '', zh: '' }
  return {
    en: `; ${doubtful} of ${trusted} ${trusted === 1 ? 'reading' : 'readings'} doubtful`,
    zh: `；${trusted} 次读数中 ${doubtful} 次存疑`,
  }
}

/** A moment on the station's wall clock, to the minute, with its date. */
export function moment(at: number, zone: string): string {
  return formatLocal(at, zone).slice(0, 16).replace('T', ' ')
}

/** `yellow`, `黄色`. */
export function levelName(level: Level): Words {
  return { en: levelWords[level].en.toLowerCase(), zh: levelWords[level].zh }
}

/** How long and how often a run of readings must last: `for 15 min`, `in 4 readings running`. */
export function lasting({ count, ms }: { count: number; ms: number }): Words {
  if (ms > 0) {
    const { en, zh } = span(ms)
    return { en: `for ${en}`, zh: `持续 ${zh}` }
  }
  return count === 1 ? { en: 'in one reading', zh: '出现 1 次读数' } : { en: `in ${count} readings running`, zh: `连续 ${count} 次读数` }
}

/** The side of a limit that counts, and the side on which a level is left. */
export function sides(sign: 1 | -1, inclusive: boolean): { beyond: Words; safe: Words } {
  const higher = { en: inclusive ? 'at or above' : 'above', zh: inclusive ? '达到或超过' : '超过' }
  const lower = { en: inclusive ? 'at or below' : 'below', zh: inclusive ? '达到或低于' : '低于' }
  const safeLow = { en: inclusive ? 'below' : 'at or below', zh: inclusive ? '低于' : '不高于' }
  const safeHigh = { en: inclusive ? 'above' : 'at or above', zh: inclusive ? '高于' : '不低于' }
  return sign === 1 ? { beyond: higher, safe: safeLow } : { beyond: lower, safe: safeHigh }
}
