import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Flag } from '../../domain/flag.ts'
import { flatLine, flatLineTest, type FlatLineLimits } from './flat-line.ts'
import { advanceGaps, countOf, gapCount, startGaps } from './gap.ts'
import { grossRange, grossRangeTest } from './gross-range.ts'
import type { QualityTest } from './quality-test.ts'
import { rateOfChange, rateOfChangeTest } from './rate-of-change.ts'
import { spike, spikeTest } from './spike.ts'

interface Point {
  at: number
  value: number | null
}

/** Series that stand still, drift, jump, miss values and lose contact. */
const series: fc.Arbitrary<Point[]> = fc
  .array(
    fc.record({
      step: fc.oneof({ weight: 8, arbitrary: fc.constant(300_000) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 4_000_000 }) }),
      move: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.integer({ min: -30, max: 30 }) }),
      missing: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    }),
    { maxLength: 80 },
  )
  .map((moves) => {
    let [at, level] = [1_700_000_000_000, 200]
    return moves.map(({ step, move, missing }) => {
      at += step
      level += move
      return { at, value: missing ? null : level / 100 }
    })
  })

const gapMs = 900_000

/** The streaming form over a series; the state goes through JSON after `restart` points, as through a file. */
function streamed<Limits, State>(test: QualityTest<Limits, State>, limits: Limits, points: readonly Point[], restart: number): Flag[] {
  let state = test.start()
  const flags: Flag[] = []
  points.forEach(({ at, value }, i) => {
    if (i === restart) state = JSON.parse(JSON.stringify(state)) as State
    const before = points[i - 1]
    const given = test.advance(state, limits, at, value, before !== undefined && at - before.at > gapMs)
    if (test.lag === 0) flags.push(given)
    else if (i > 0) flags.push(given)
  })
  const last = points.at(-1)
  if (test.lag === 1 && last) flags.push(last.value === null ? 9 : 2)
  return flags
}

/** The batch form over the same series, with a null where contact was lost: nothing is compared over a gap. */
function batched(judge: (values: (number | null)[], times: number[]) => Flag[], points: readonly Point[]): Flag[] {
  const broken: (Point & { real: boolean })[] = points.flatMap((point, i) => {
    const before = points[i - 1]
    const isGap = before !== undefined && point.at - before.at > gapMs
    return isGap
      ? [
          { at: before.at + 1, value: null, real: false },
          { ...point, real: true },
        ]
      : [{ ...point, real: true }]
  })
  const flags = judge(
    broken.map((point) => point.value),
    broken.map((point) => point.at),
  )
  return flags.filter((_, i) => broken[i]?.real)
}

function equal<Limits, State>(test: QualityTest<Limits, State>, limits: Limits, judge: Parameters<typeof batched>[0]): void {
  fc.assert(
    fc.property(series, fc.nat(80), (points, restart) => {
      expect(streamed(test, limits, points, restart)).toEqual(batched(judge, points))
    }),
    { numRuns: 400 },
  )
}

test('gross range streams as it batches', () => {
  const limits = { fail: [1.9, 2.2], suspect: [1.95, 2.1] } as const
  equal(grossRangeTest, limits, (values) => grossRange(values, limits))
})

test('spike streams as it batches, one point behind', () => {
  const limits = { suspect: 0.05, fail: 0.2, suspectPercent: 2, failPercent: 4 }
  equal(spikeTest, limits, (values) => spike(values, limits))
})

test('rate of change streams as it batches and never reaches over a gap', () => {
  const limits = { suspect: 0.5, fail: 3, suspectPercent: 30 }
  equal(rateOfChangeTest, limits, (values, times) => rateOfChange(values, times, limits))
})

test('flat line streams as it batches, also when the horizon cuts the window', () => {
  const limits: FlatLineLimits = { suspectMs: 1_500_000, failMs: 3_000_000, tolerance: 0.05, horizonMs: 4_500_000, offAt: 1 }
  fc.assert(
    fc.property(series, fc.nat(80), fc.boolean(), (points, restart, tight) => {
      const chosen = { ...limits, horizonMs: tight ? 3_100_000 : limits.horizonMs }
      const batch = flatLine(
        points.map((point) => point.value),
        points.map((point) => point.at),
        chosen,
      )
      expect(streamed(flatLineTest, chosen, points, restart)).toEqual(batch)
    }),
    { numRuns: 600 },
  )
})

test('a flat line is found again after a start that reads back only the horizon', () => {
  const limits: FlatLineLimits = { suspectMs: 1_500_000, failMs: 3_000_000, tolerance: 0.05, horizonMs: 4_500_000, offAt: null }
  const readBackMs = limits.horizonMs + Math.ceil(limits.horizonMs / 24)
  fc.assert(
    fc.property(series, fc.nat(80), (points, restart) => {
      const kept = points.slice(restart).length === 0 ? points : points.slice(restart)
      const first = points.indexOf(kept[0] ?? { at: 0, value: null })
      const from = points[first - 1]?.at ?? 0
      const known = points.slice(0, Math.max(first, 0)).filter((point) => point.at >= from - readBackMs)
      const again = streamed(flatLineTest, limits, [...known, ...kept], -1).slice(known.length)
      expect(again).toEqual(streamed(flatLineTest, limits, points, -1).slice(Math.max(first, 0)))
    }),
    { numRuns: 400 },
  )
})

test('a slow drift that never repeats a value keeps a bounded state', () => {
  const limits: FlatLineLimits = { suspectMs: 1e9, failMs: 2e9, tolerance: 1, horizonMs: 3e9, offAt: null }
  const state = flatLineTest.start()
  for (let i = 0; i < 20_000; i++) flatLineTest.advance(state, limits, 1_700_000_000_000 + i * 1000, i * 1e-6, false)
  expect(state.stretch.lowest.values.length).toBeLessThan(1200)
  expect(JSON.stringify(state).length).toBeLessThan(64_000)
})

test('gaps are counted point by point as at once', () => {
  fc.assert(
    fc.property(series, fc.nat(80), (points, restart) => {
      let state = startGaps()
      points.forEach(({ at }, i) => {
        if (i === restart) state = JSON.parse(JSON.stringify(state)) as typeof state
        advanceGaps(state, 300_000, at)
      })
      expect(countOf(state)).toEqual(
        gapCount(
          points.map((point) => point.at),
          300_000,
        ),
      )
    }),
  )
})
