import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { FigurePoint } from '../figures/traces.ts'
import { evidenceChart, evidenceWindow, figurePoints, packChart, stationChart, unpackChart } from './chart.ts'
import { observations, stationDetail } from './testing/sample.ts'
import { warnings } from './testing/sample-warnings.ts'
import { hour, level, network, sampleNow } from './testing/sketches.ts'
import { texts } from './texts.ts'

const voice = { t: texts.en, language: 'en' } as const
const series = stationDetail('qingxi')?.series[0] ?? null
const first = warnings[0]
if (series === null || !first) throw new Error('the sample has changed')

const chart = () => {
  const rows = observations(series.series, sampleNow - 120 * hour, sampleNow)
  return stationChart(
    { series, rain: null, observations: rows, means: null, warnings, network, devices: [], place: 'Qingxi', range: '5d' },
    voice,
  )
}

test('a chart comes back from the wire as it was, whatever its readings are', () => {
  const point = fc.record(
    {
      at: fc.integer({ min: 0, max: 2e12 }),
      value: fc.option(fc.double({ noNaN: true })),
      flag: fc.constantFrom(1, 2, 3, 4, 9) as fc.Arbitrary<FigurePoint['flag']>,
      late: fc.constant(true),
      onLine: fc.constant(true),
    },
    { requiredKeys: ['at', 'value', 'flag'] },
  )
  fc.assert(
    fc.property(fc.array(point), (points) => {
      const input = { ...chart(), points }
      expect(unpackChart(packChart(input, { width: 1, height: 1 }))).toEqual(input)
    }),
  )
  expect(JSON.stringify(packChart(chart(), { width: 1, height: 1 })).length).toBeLessThan(40_000)
})

test('the title says what the values of a statistic stand for, and that they were averaged for the picture', () => {
  const titled = (language: 'en' | 'zh', means: [] | null, statistic: 'value' | 'mean'): string => {
    const parts = { rain: null, observations: [], warnings: [], network, place: 'Qingxi', range: '5d' } as const
    const devices = [{ id: 'logger', protocol: 'hj212' as const }]
    return stationChart({ ...parts, series: { ...series, statistic, everyMs: hour }, means, devices }, { t: texts[language], language })
      .quantity
  }
  expect(titled('en', null, 'value')).toBe('Water level')
  expect(titled('en', null, 'mean')).toBe('Water level (mean of 1 h)')
  expect(titled('zh', null, 'mean')).toBe('水位（1 小时均值）')
  expect(titled('en', [], 'value')).toBe('Water level (hourly mean)')
  expect(titled('zh', [], 'mean')).toMatch(/^水位（1 小时均值，.+）$/)
})

test('a reading is late when the store says so, or when it came much later than it was observed', () => {
  const [row] = observations(series.series, sampleNow - 10 * 60_000, sampleNow)
  if (!row) throw new Error('the sample has changed')
  const late = (parts: object, live: boolean) => figurePoints([{ ...row, ...parts }], row.series, 300_000, live)[0]?.late === true
  expect(late({}, true)).toBe(false)
  expect(late({ receivedAt: row.observedAt + hour }, true)).toBe(true)
  expect(late({ receivedAt: row.observedAt + hour }, false)).toBe(false)
  expect(late({ tests: ['late'] }, false)).toBe(true)
})

test('the line goes through a flash flood that rules believe, and not through a jump', () => {
  const [row] = observations(series.series, sampleNow - 10 * 60_000, sampleNow)
  if (!row) throw new Error('the sample has changed')
  const lined = (...written: readonly (readonly [value: number, flag: FigurePoint['flag'], tests?: typeof row.tests])[]): boolean[] =>
    figurePoints(
      written.map(([value, flag, tests = ['rate_of_change']], i) => ({ ...row, observedAt: i * 300_000, value, flag, tests })),
      row.series,
      300_000,
      false,
    ).map(({ onLine }) => onLine === true)
  expect(lined([1, 1, []], [1.3, 4], [1.6, 4], [1.9, 4])).toEqual([false, false, true, true])
  expect(lined([1, 1, []], [1.1, 3], [1.5, 4], [1.6, 4, ['rate_of_change', 'spike']])).toEqual([false, true, true, false])
  expect(lined([2, 1, []], [3, 3, ['gross_range']], [9, 3, ['gross_range']])).toEqual([false, true, false])
})

test('the evidence ends at the decision, and does not change when time goes on', () => {
  const rows = observations(first.series ?? '', sampleNow - 48 * hour, sampleNow + 1)
  const decided = (now: number) =>
    evidenceChart({ warning: first, parameter: level, series, observations: rows, network, view: 'then', now }, voice)
  expect(decided(sampleNow)).toEqual(decided(sampleNow + 9 * hour))
  expect(decided(sampleNow).nowLabel).toBe('decided 02:29')
  expect(decided(sampleNow).limits).toEqual([{ name: 'Limit', value: 3, level: 'yellow' }])
  expect(evidenceWindow(first, 'now', sampleNow).to).toBe(sampleNow)
})
