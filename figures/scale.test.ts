import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { linearScale, linearTicks, timeTicks } from './scale.ts'
import { momentOf, offsetLabel } from './zone.ts'

const at = (text: string): number => Date.parse(text)

test('ticks are round, inside and about as many as asked', () => {
  const ticks = (min: number, max: number, count: number, expected: number[]) => expect(linearTicks(min, max, count)).toEqual(expected)
  ticks(0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1])
  ticks(1.93, 3.47, 4, [2, 2.5, 3])
  ticks(-1, 1, 4, [-1, -0.5, 0, 0.5, 1])
  ticks(5, 5, 4, [5])
  ticks(2, 1, 4, [])
  ticks(Number.NaN, 1, 4, [])
})

test('ticks never leave their range, whatever it is', () => {
  const range = fc.double({ min: -1e12, max: 1e12, noNaN: true })
  fc.assert(
    fc.property(range, range, fc.integer({ min: 1, max: 20 }), (a, b, count) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)]
      const slack = (max - min) * 1e-6 + Math.abs(max) * 1e-9
      for (const tick of linearTicks(min, max, count)) {
        expect(tick).toBeGreaterThanOrEqual(min - slack)
        expect(tick).toBeLessThanOrEqual(max + slack)
      }
    }),
  )
})

test('a scale maps both ends, and a domain without extent onto the middle', () => {
  const scale = linearScale([2, 4], [100, 0])
  expect([scale(2), scale(3), scale(4)]).toEqual([100, 50, 0])
  expect(linearScale([3, 3], [0, 10])(3)).toBe(5)
})

test('an hour that the clocks skip has no tick, one that comes twice has its first', () => {
  const labels = (from: string, to: string) => timeTicks(at(from), at(to), 'Europe/Berlin', 8, 'en').map((tick) => tick.label)
  // 29 March 2026: 02:00 to 03:00 does not exist; 25 October 2026: 02:00 to 03:00 comes twice
  expect(labels('2026-03-29T00:00:00+01:00', '2026-03-29T06:00:00+02:00')).toEqual(['29 Mar', '01:00', '03:00', '04:00', '05:00', '06:00'])
  expect(labels('2026-10-25T00:00:00+02:00', '2026-10-25T05:00:00+01:00')).toEqual(['25 Oct', '01:00', '02:00', '03:00', '04:00', '05:00'])
  const days = timeTicks(at('2026-10-24T00:00:00+02:00'), at('2026-10-27T00:00:00+01:00'), 'Europe/Berlin', 4, 'en')
  expect(days.map((tick, i) => (tick.at - (days[i - 1]?.at ?? tick.at)) / 3_600_000)).toEqual([0, 24, 25, 24])
})

test('a clock time never stands without its day', () => {
  const first = (from: string, to: string, language: 'en' | 'zh') => timeTicks(at(from), at(to), 'Asia/Shanghai', 6, language)[0]?.label
  expect(first('2026-11-22T02:00:00+08:00', '2026-11-22T08:00:00+08:00', 'en')).toBe('22 Nov 02:00')
  expect(first('2026-11-22T02:00:00+08:00', '2026-11-22T08:00:00+08:00', 'zh')).toBe('11月22日 02:00')
})

test('long spans are divided by days, months and years', () => {
  const labels = (from: string, to: string, count: number) => timeTicks(at(from), at(to), 'Asia/Shanghai', count, 'en').map((t) => t.label)
  expect(labels('2026-11-01T00:00:00+08:00', '2026-11-30T00:00:00+08:00', 5)).toHaveLength(4)
  expect(labels('2026-01-01T00:00:00+08:00', '2026-12-31T00:00:00+08:00', 4)).toEqual(['Jan 2026', 'Apr 2026', 'Jul 2026', 'Oct 2026'])
  expect(labels('1990-01-01T00:00:00+08:00', '2026-12-31T00:00:00+08:00', 4).length).toBeLessThanOrEqual(4)
})

test('time ticks lie in their span, in order, in any zone', () => {
  const zones = fc.constantFrom('Asia/Shanghai', 'Europe/London', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC')
  const moment = fc.integer({ min: 0, max: 2_000_000_000_000 })
  fc.assert(
    fc.property(
      moment,
      fc.integer({ min: 60_000, max: 40_000_000_000 }),
      zones,
      fc.integer({ min: 2, max: 12 }),
      (from, span, zone, count) => {
        const ticks = timeTicks(from, from + span, zone, count, 'en')
        ticks.forEach((tick, i) => {
          expect(tick.at).toBeGreaterThanOrEqual(from)
          expect(tick.at).toBeLessThanOrEqual(from + span)
          if (i > 0) expect(tick.at).toBeGreaterThan(ticks[i - 1]?.at ?? 0)
        })
      },
    ),
    { numRuns: 60 },
  )
})

test('a zone knows its offset, its half hours and its missing moments', () => {
  expect(offsetLabel(at('2026-11-22T00:00:00Z'), 'Asia/Shanghai')).toBe('UTC+8')
  expect(offsetLabel(at('2026-01-01T00:00:00Z'), 'America/St_Johns')).toBe('UTC-3:30')
  expect(offsetLabel(0, 'UTC')).toBe('UTC')
  expect(momentOf(Date.UTC(2026, 2, 29, 2, 30), 'Europe/Berlin')).toBeNull()
  expect(momentOf(Date.UTC(2026, 9, 25, 2, 30), 'Europe/Berlin')).toBe(at('2026-10-25T02:30:00+02:00'))
  expect(() => offsetLabel(0, 'Mars/Olympus')).toThrow(RangeError)
})
