import { expect, test } from '@jest/globals'
import type { ParameterNote, SeriesSummary } from '../api/schemas/series.ts'
import {
  ageText,
  decisionText,
  decimalsOf,
  gapText,
  isAmount,
  periodText,
  quantityName,
  shareText,
  standingShort,
  standingText,
  stationLine,
  trendText,
  valueText,
  type Voice,
} from './say.ts'
import { texts } from './texts.ts'

const en: Voice = { t: texts.en, language: 'en' }
const zh: Voice = { t: texts.zh, language: 'zh' }
const level: ParameterNote = { key: 'water_level', name: { en: 'Water level', zh: '水位' }, unit: 'm', display: 'm', resolution: 0.001 }
const ph: ParameterNote = { key: 'ph', name: { en: 'pH', zh: 'pH值' }, unit: '[pH]', display: 'pH', resolution: 0.01 }
const warning = { name: 'warning', limit: 3 }

const series = (parts: Partial<SeriesSummary> = {}): SeriesSummary => ({
  series: 'qingxi/water_level/1',
  station: 'qingxi',
  parameter: level,
  number: 1,
  everyMs: 300_000,
  from: 'value',
  statistic: 'value',
  stages: [warning],
  latest: {
    series: 'qingxi/water_level/1',
    observedAt: 0,
    receivedAt: 0,
    value: 3.42,
    flag: 1,
    tests: [],
    device: 'rtu',
    delivery: 1,
    seq: null,
    run: null,
    position: null,
  },
  ageMs: 240_000,
  silent: false,
  trend: { direction: 'rising', perHour: 0.12, readings: 5 },
  standing: { reached: warning, above: 0.42, next: null, below: null },
  completeness: 1,
  run: null,
  ...parts,
})

test('the first line of a station says value, trend, distance to a stage and age', () => {
  expect(stationLine(series(), en)).toBe('3.42 m, rising 0.12 m/h, 0.42 m above warning level. 4 min ago.')
  expect(stationLine(series(), zh)).toBe('水位 3.42 m，每小时上涨 0.12 m，超警戒 0.42 m。4 分钟前。')
  expect(stationLine(series({ latest: null, ageMs: null }), en)).toBe('No value has come yet.')
})

test('a value has the decimals of its sensor, of a stage the centimetre, and its unit', () => {
  const reads = (value: number | null, parameter: ParameterNote, text: string) => expect(valueText(value, parameter)).toBe(text)
  reads(3.4249, level, '3.42 m')
  reads(-0.5, level, '−0.50 m')
  reads(7.2, ph, '7.20')
  reads(3787.004, { ...level, key: 'water_flow', unit: 'm3/h', display: 'm³/h', resolution: 0.01 }, '3787 m³/h')
  reads(148.254, level, '148.25 m')
  reads(null, level, '– m')
  expect([0.5, 0.1, 1, 10, null].map((resolution) => decimalsOf({ key: 'turbidity', resolution }))).toEqual([1, 1, 0, 0, 2])
})

test('a trend too slow for two decimals is not told as nought', () => {
  const slow = { direction: 'falling', perHour: -0.0034, readings: 5 } as const
  expect(trendText(slow, level, en)).toBe('falling 0.003 m/h')
  expect(trendText({ direction: 'steady', perHour: 0, readings: 5 }, level, zh)).toBe('平稳')
  expect(trendText({ direction: 'unknown', perHour: null, readings: 1 }, level, en)).toBe('trend unknown')
})

test('where a value stands is told above the stage it reached, else below the next', () => {
  const below = { reached: null, above: null, next: { name: 'guarantee', limit: 4 }, below: 0.58 }
  const at = { reached: warning, above: 0, next: null, below: null }
  expect([standingText(below, level, en), standingShort(below, level, en)]).toEqual(['0.58 m below guarantee level', '−0.58 guarantee'])
  expect([standingText(at, level, en), standingText(below, level, zh)]).toEqual(['at warning level', '距保证 0.58 m'])
  expect(standingText(null, level, en)).toBeNull()
})

test('a stage or test of any name is shown, and none reaches into the tables', () => {
  const odd = { reached: { name: 'constructor', limit: 1 }, above: 1, next: null, below: null }
  expect(standingText(odd, level, en)).toBe('1.00 m above constructor')
})

test('ages and shares are told plainly', () => {
  expect([ageText(900, en), ageText(12_000, en), ageText(12_000, zh)]).toEqual(['just now', '12 s ago', '12 秒前'])
  expect([shareText(1), shareText(0.9999), shareText(0.968), shareText(0)]).toEqual(['100 %', '99.9 %', '96.8 %', '0.0 %'])
})

test('rain is an amount, a level is none, and an amount has no trend', () => {
  const amounts = ['rainfall', 'rain_1h', 'rain_5min', 'water_level', 'rain_accumulated'].map((key) => isAmount({ key }))
  expect(amounts).toEqual([true, true, true, false, false])
  expect(trendText({ direction: 'rising', perHour: 1, readings: 5 }, { ...level, key: 'rainfall' }, en)).toBeNull()
})

test('a quantity has its everyday name, and no remark in brackets', () => {
  const named = (key: string, en: string, zh: string) => [
    quantityName({ key, name: { en, zh } }, 'en'),
    quantityName({ key, name: { en, zh } }, 'zh'),
  ]
  expect(named('water_level', 'River stage / tide level', '瞬时河道水位、潮位')).toEqual(['Water level', '水位'])
  expect(named('ammonia_nitrogen', 'Ammonia nitrogen (as N)', '氨氮（以N计）')).toEqual(['Ammonia nitrogen', '氨氮'])
  expect(named('constructor', '(odd)', '怪')).toEqual(['(odd)', '怪'])
})

test('a gap says from when to when nothing came, and what of it came late', () => {
  const at = (time: string): number => Date.parse(`2026-03-01T${time}:00+08:00`)
  const said = (gap: Parameters<typeof gapText>[0], now: string, english: string, chinese: string) => {
    const when = { now: at(now), zone: 'Asia/Shanghai' }
    expect([gapText(gap, when, en), gapText(gap, when, zh)]).toEqual([english, chinese])
  }
  const gap = { from: at('03:10'), to: at('06:30'), arrived: 0, arrivedAt: null }
  said(gap, '07:00', 'No data 03:10 to 06:30 (3 h 20 min).', '03:10–06:30 无数据（3 小时 20 分）。')
  said(
    { ...gap, arrived: 38, arrivedAt: at('06:41') },
    '07:00',
    'No data 03:10 to 06:30 (3 h 20 min). 38 late readings arrived at 06:41.',
    '03:10–06:30 无数据（3 小时 20 分）。06:41 补传 38 条。',
  )
  said({ ...gap, to: null }, '05:00', 'No data since 03:10.', '03:10 起无数据。')
})

test('what the values of a series stand for is said where its device tells', () => {
  const hourly = series({ statistic: 'mean', everyMs: 3_600_000 })
  const said = (one: SeriesSummary, protocol: 'hj212' | 'mqtt', voice: Voice): string => periodText(one, [{ id: 'a', protocol }], voice)
  expect([said(hourly, 'hj212', en), said(hourly, 'hj212', zh), said(hourly, 'mqtt', en), said(series(), 'hj212', en)]).toEqual([
    'mean of 1 h',
    expect.stringContaining('均值'),
    '',
    '',
  ])
})

test('a warning says what raised it, when that was received and how soon it was told', () => {
  const at = Date.UTC(2026, 5, 15, 2, 5)
  const decided = { observedAt: at, receivedAt: at + 420_000, arrivedAt: 5_000, keptAt: 5_400 }
  const said = (voice: Voice, more: Partial<typeof decided> | { observedAt: null; keptAt: null } = {}) =>
    decisionText({ decided: { ...decided, ...more } }, 'Asia/Shanghai', voice)
  expect(said(en)).toBe('reading of 15 Jun 2026 10:05, received 10:12, told 0.4 s later')
  expect(said(zh)).toBe('2026年6月15日 10:05 的读数，10:12 收到，0.4 秒后发出')
  expect(said(en, { keptAt: 305_000 })).toBe('reading of 15 Jun 2026 10:05, received 10:12, told 5 min later')
  expect(said(en, { observedAt: null, keptAt: null })).toBe('the clock, 15 Jun 2026 10:12')
  expect([decisionText({ decided: null }, 'UTC', en), decisionText({}, 'UTC', en)]).toEqual([null, null])
})
