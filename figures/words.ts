import { localTime } from '../domain/time-zone.ts'
import { offsetLabel } from './zone.ts'

/** The two languages of every figure and page. */
export const languages = ['en', 'zh'] as const
export type Language = (typeof languages)[number]

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (n: number): string => String(n).padStart(2, '0')

/** `02:41` on the clock of the zone. */
export function clock(at: number, zone: string): string {
  const t = localTime(at, zone)
  return `${two(t.hour)}:${two(t.minute)}`
}

/** `22 Nov`, `11月22日`. */
export function dayAndMonth(at: number, zone: string, language: Language): string {
  const t = localTime(at, zone)
  return language === 'zh' ? `${t.month}月${t.day}日` : `${t.day} ${months[t.month - 1]}`
}

/** `Nov 2026`, `2026年11月`. */
export function monthAndYear(at: number, zone: string, language: Language): string {
  const t = localTime(at, zone)
  return language === 'zh' ? `${t.year}年${t.month}月` : `${months[t.month - 1]} ${t.year}`
}

/** `22 Nov 2026`, `2026年11月22日`. */
export function fullDay(at: number, zone: string, language: Language): string {
  const t = localTime(at, zone)
  return language === 'zh' ? `${t.year}年${t.month}月${t.day}日` : `${t.day} ${months[t.month - 1]} ${t.year}`
}

/** `22 Nov 2026 02:41`, `2026年11月22日 02:41`: never a time without its day. */
export function dayAndClock(at: number, zone: string, language: Language): string {
  return `${fullDay(at, zone, language)} ${clock(at, zone)}`
}

/** `22 Nov 2026 02:41 (UTC+8)`. */
export function fullTime(at: number, zone: string, language: Language): string {
  return `${dayAndClock(at, zone, language)} (${offsetLabel(at, zone)})`
}

/** A period without saying a year or a day twice: `17 Nov 02:15` to `22 Nov 2026 02:15`. */
export function periodEnds(from: number, to: number, zone: string, language: Language): [from: string, to: string] {
  const [a, b] = [localTime(from, zone), localTime(to, zone)]
  if (a.year !== b.year) return [dayAndClock(from, zone, language), dayAndClock(to, zone, language)]
  if (a.month === b.month && a.day === b.day) return [dayAndClock(from, zone, language), clock(to, zone)]
  const short = (at: number): string => `${dayAndMonth(at, zone, language)} ${clock(at, zone)}`
  return language === 'zh' ? [dayAndClock(from, zone, language), short(to)] : [short(from), dayAndClock(to, zone, language)]
}

/** `Asia/Shanghai, UTC+8`; `UTC` alone when the zone is UTC. */
export function zoneWords(at: number, zone: string): string {
  const offset = offsetLabel(at, zone)
  return zone === offset ? zone : `${zone}, ${offset}`
}

/** A length of time in its two largest units: `12 s`, `3 h 20 min`, `3 小时 20 分`. Not finite or below 0 reads as 0. */
export function duration(ms: number, language: Language): string {
  const units = language === 'zh' ? [' 天', ' 小时', ' 分', ' 秒'] : [' d', ' h', ' min', ' s']
  const seconds = Number.isFinite(ms) ? Math.max(0, Math.round(ms / 1000)) : 0
  if (seconds < 60) return `${seconds}${units[3]}`
  const minutes = Math.floor(seconds / 60)
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60]
  if (d > 0) return h > 0 && d < 10 ? `${d}${units[0]} ${h}${units[1]}` : `${d}${units[0]}`
  if (h > 0) return m > 0 ? `${h}${units[1]} ${m}${units[2]}` : `${h}${units[1]}`
  return language === 'zh' && m < 60 ? `${m} 分钟` : `${m}${units[2]}`
}

/** A value with fixed decimals and a real minus sign; `–` when there is none. */
export function number(value: number | null, decimals: number): string {
  if (value === null || !Number.isFinite(value)) return '–'
  const places = Math.min(6, Math.max(0, Math.trunc(decimals) || 0))
  const text = Math.abs(value) >= 1e12 ? value.toPrecision(6) : value.toFixed(places)
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace('-', '\u2212')
}

/** The sentences of the figures. Each takes what it speaks of, already formatted. */
export interface FigureWords {
  now: string
  noReadings: string
  simulated: string
  simulatedLong: string
  replayed: string
  replayedLong: string
  period: (from: string, to: string) => string
  missing: (length: string) => string
  newest: (value: string, time: string) => string
  between: (least: string, most: string) => string
  counted: (kind: 'suspect' | 'rejected' | 'late', count: number) => string
  gaps: (count: number, longest: string) => string
  limit: (name: string, value: string) => string
  forecast: (issued: string) => string
  cell: (kind: 'full' | 'part' | 'none' | 'suspect') => string
  cells: (full: number, part: number, none: number, suspect: number) => string
  map: string
  unplaced: (count: number) => string
  schematic: string
  scale: (km: string) => string
  rain: (most: string) => string
}

const plural = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`

export const figureWords: Readonly<Record<Language, FigureWords>> = {
  en: {
    now: 'now',
    noReadings: 'No readings in this period',
    simulated: 'SIM',
    simulatedLong: 'simulated data',
    replayed: 'REPLAY',
    replayedLong: 'replay of recorded data',
    period: (from, to) => `${from} to ${to}`,
    missing: (length) => `${length} missing`,
    newest: (value, time) => `Newest ${value} at ${time}.`,
    between: (least, most) => `Between ${least} and ${most}.`,
    counted: (kind, count) =>
      kind === 'late' ? `${plural(count, 'reading', 'readings')} arrived late.` : `${plural(count, 'reading', 'readings')} ${kind}.`,
    gaps: (count, longest) => `${plural(count, 'gap', 'gaps')}, the longest ${longest}.`,
    limit: (name, value) => `${name} ${value}`,
    forecast: (issued) => `Forecast issued ${issued}.`,
    cell: (kind) => ({ full: 'complete', part: 'in part', none: 'none', suspect: 'suspect' })[kind],
    cells: (full, part, none, suspect) =>
      `${full + part + none + suspect} half hours: ${full} complete, ${part} in part, ${suspect} suspect, ${none} silent`,
    map: 'Map of the stations along the river',
    unplaced: (count) => `${plural(count, 'station has', 'stations have')} no position: in the list only`,
    schematic: 'River scheme, upstream at the left; not to scale',
    scale: (km) => `${km} km`,
    rain: (most) => `Rain from the top, up to ${most}.`,
  },
  zh: {
    now: '现在',
    noReadings: '此时段没有数据',
    simulated: 'SIM',
    simulatedLong: '模拟数据',
    replayed: '回放',
    replayedLong: '历史实测数据回放',
    period: (from, to) => `${from} 至 ${to}`,
    missing: (length) => `缺测 ${length}`,
    newest: (value, time) => `最新值 ${value}，时间 ${time}。`,
    between: (least, most) => `范围 ${least} 至 ${most}。`,
    counted: (kind, count) => ({ suspect: `存疑 ${count} 条。`, rejected: `无效 ${count} 条。`, late: `补传 ${count} 条。` })[kind],
    gaps: (count, longest) => `缺测 ${count} 段，最长 ${longest}。`,
    limit: (name, value) => `${name} ${value}`,
    forecast: (issued) => `预报发布于 ${issued}。`,
    cell: (kind) => ({ full: '完整', part: '部分', none: '无数据', suspect: '存疑' })[kind],
    cells: (full, part, none, suspect) =>
      `${full + part + none + suspect} 个半小时：完整 ${full}，部分 ${part}，存疑 ${suspect}，静默 ${none}`,
    map: '沿河站点地图',
    unplaced: (count) => `${count} 个站点无坐标，仅见列表`,
    schematic: '河网示意图，上游在左，不按比例',
    scale: (km) => `${km} 公里`,
    rain: (most) => `降雨自上而下，最大 ${most}。`,
  },
}
