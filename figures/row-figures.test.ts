import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { reportingBar } from './reporting-bar.ts'
import { sparkline } from './sparkline.ts'
import { duration, number } from './words.ts'

test('a sparkline breaks where a value is missing and never holds NaN', () => {
  const line = (values: (number | null)[]) => /<path d="([^"]*)"/.exec(sparkline({ values, limit: null }, { width: 96, height: 28 }))?.[1]
  expect(line([1, 2, 3])?.split('M')).toHaveLength(2)
  expect(line([1, 2, null, 3, 4])?.split('M')).toHaveLength(3)
  expect(line([null])).toBeUndefined()
  fc.assert(
    fc.property(fc.array(fc.option(fc.double())), fc.option(fc.double()), (values, limit) => {
      expect(sparkline({ values, limit }, { width: 96, height: 28 })).not.toMatch(/NaN|Infinity/)
    }),
  )
})

test('a limit is drawn on a sparkline only when the values come near it', () => {
  const drawn = (limit: number) => sparkline({ values: [2, 3], limit }, { width: 96, height: 28 }).includes('sk-limit')
  expect([drawn(2.5), drawn(3.8), drawn(9)]).toEqual([true, true, false])
})

test('the bar of a day tells its cells apart and speaks their counts', () => {
  const cells = [
    { completeness: 1, worst: 1 },
    { completeness: 0.5, worst: 1 },
    { completeness: 0, worst: 0 },
    { completeness: 1, worst: 3 },
    { completeness: null, worst: 2 },
  ]
  const bar = reportingBar(cells, { width: 100, height: 16 }, 'en')
  expect(bar).toContain('aria-label="5 half hours: 2 complete, 1 in part, 1 suspect, 1 silent"')
  for (const kind of ['full', 'part', 'none', 'suspect']) expect(bar).toContain(`rb-${kind}`)
  expect(reportingBar(cells, { width: 100, height: 16 }, 'zh')).toContain('5 个半小时：完整 2，部分 1，存疑 1，静默 1')
})

test('lengths of time and values read as a person writes them', () => {
  const reads = (ms: number, en: string, zh: string) => expect([duration(ms, 'en'), duration(ms, 'zh')]).toEqual([en, zh])
  reads(12_000, '12 s', '12 秒')
  reads(4 * 60_000, '4 min', '4 分钟')
  reads(200 * 60_000, '3 h 20 min', '3 小时 20 分')
  reads(7_200_000, '2 h', '2 小时')
  reads(26 * 3_600_000, '1 d 2 h', '1 天 2 小时')
  reads(Number.NaN, '0 s', '0 秒')
  expect([number(3.425, 2), number(-0.5, 1), number(-0.001, 2), number(null, 2), number(Number.NaN, 2)]).toEqual([
    '3.42',
    '−0.5',
    '0.00',
    '–',
    '–',
  ])
})
