import type { StationKind } from '../../domain/network.ts'
import type { Level } from '../../domain/warning.ts'
import type { ParameterNote } from '../../api/schemas/series.ts'
import type { NetworkNote } from '../../api/schemas/station.ts'

/* A small catchment as the api would answer about it, at one fixed moment. Values are made by formula: the same each time. */

export const minute = 60_000
export const hour = 60 * minute
/** 22 November 2026, 02:41 in Shanghai. */
export const sampleNow = Date.UTC(2026, 10, 21, 18, 41)

const parameter = (key: string, en: string, zh: string, display: string, resolution: number): ParameterNote => ({
  key,
  name: { en, zh },
  unit: display,
  display,
  resolution,
})
export const level = parameter('water_level', 'Water level', '水位', 'm', 0.01)
export const rain = parameter('rainfall', 'Rainfall', '降雨量', 'mm', 0.1)
const ammonia = parameter('ammonia_nitrogen', 'Ammonia nitrogen (as N)', '氨氮', 'mg/L', 0.01)

export const network: NetworkNote = {
  id: 'demo',
  name: { en: 'Demo catchment', zh: '示范流域' },
  timeZone: 'Asia/Shanghai',
  dayStartsAtMinutes: 480,
  run: 'demo',
  simulated: true,
  recorded: false,
  now: sampleNow,
  catchingUp: false,
  file: null,
}

export interface Sketch {
  id: string
  en: string
  zh: string
  kind: StationKind
  at: [lon: number, lat: number]
  downstream: string | null
  parameters: ParameterNote[]
  base: number
  /** m/h at the end. */
  rise: number
  quietMs: number
  level: Level | null
}

export const sketches: readonly Sketch[] = [
  {
    id: 'shiqiao',
    en: 'Shiqiao',
    zh: '石桥站',
    kind: 'river',
    at: [121.3, 28.78],
    downstream: 'qingxi',
    parameters: [level],
    base: 2.2,
    rise: 0.16,
    quietMs: 0,
    level: null,
  },
  {
    id: 'qingxi',
    en: 'Qingxi',
    zh: '清溪站',
    kind: 'river',
    at: [121.42, 28.66],
    downstream: 'lower-weir',
    parameters: [level, rain],
    base: 2.1,
    rise: 0.12,
    quietMs: 0,
    level: 'yellow',
  },
  {
    id: 'lower-weir',
    en: 'Lower weir',
    zh: '下堰站',
    kind: 'river',
    at: [121.55, 28.6],
    downstream: null,
    parameters: [level],
    base: 1.7,
    rise: 0.2,
    quietMs: 42 * minute,
    level: 'orange',
  },
  {
    id: 'north-fork',
    en: 'North fork',
    zh: '北岔站',
    kind: 'river',
    at: [121.35, 28.86],
    downstream: 'qingxi',
    parameters: [level],
    base: 0.8,
    rise: -0.02,
    quietMs: 0,
    level: null,
  },
  {
    id: 'yunfeng',
    en: 'Yunfeng reservoir',
    zh: '云峰水库',
    kind: 'reservoir',
    at: [121.18, 28.82],
    downstream: 'shiqiao',
    parameters: [level],
    base: 148.2,
    rise: 0,
    quietMs: 0,
    level: null,
  },
  {
    id: 'intake-1',
    en: 'Intake 1',
    zh: '一号取水口',
    kind: 'water-source',
    at: [121.48, 28.72],
    downstream: null,
    parameters: [ammonia],
    base: 0.31,
    rise: 0,
    quietMs: 0,
    level: null,
  },
  {
    id: 'east-hill',
    en: 'East hill',
    zh: '东山雨量站',
    kind: 'rain',
    at: [121.5, 28.84],
    downstream: null,
    parameters: [rain],
    base: 0,
    rise: 0,
    quietMs: 0,
    level: 'blue',
  },
  {
    id: 'mill-lane',
    en: 'Mill Lane <script>alert(1)</script>',
    zh: '磨坊巷',
    kind: 'outfall',
    at: [121.6, 28.7],
    downstream: null,
    parameters: [ammonia],
    base: 1.4,
    rise: 0,
    quietMs: 3_000 * hour,
    level: null,
  },
]

export const every = 5 * minute
export const last = Math.floor(sampleNow / every) * every
