import { expect, test } from '@jest/globals'
import { steadyPace } from './steady-pace.ts'

const times = Array.from({ length: 96 }, (_, i) => i / 12)
const noise = (i: number): number => (((i * 7919) % 17) - 8) / 4000
const paceOf = (value: (hours: number) => number) =>
  steadyPace(
    times,
    times.map((t, i) => value(t) + noise(i)),
    0.9,
  )

test('a straight line counts as far as it goes', () => {
  expect(paceOf((t) => 1 + 0.1 * t)).toMatchObject({ first: 0, n: 96, slope: expect.closeTo(0.1, 2) })
})

test('behind a bend only what came after it counts', () => {
  const bent = paceOf((t) => 1 + Math.max(0, t - 7))
  expect(bent?.slope).toBeCloseTo(1, 1)
  expect(times[bent?.first ?? 0]).toBeGreaterThanOrEqual(6.9)
})

test('what rises ever faster goes at the pace of its newest points', () => {
  const rising = paceOf((t) => Math.exp(t - 7))
  expect(rising?.n).toBeLessThan(24)
  expect(rising?.slope).toBeGreaterThan(1.5)
})

test('what rose and falls by now falls, though the newer half as a whole still rose', () => {
  const turned = paceOf((t) => (t < 7 ? 1 + 0.3 * t : 3.1 - 0.6 * (t - 7)))
  expect(turned?.slope).toBeCloseTo(-0.6, 1)
  expect(times[turned?.first ?? 0]).toBeGreaterThanOrEqual(6.9)
})

test('too few points have no pace', () => {
  expect(steadyPace(times.slice(0, 5), times.slice(0, 5), 0.9)).toBeNull()
  expect(steadyPace([], [], 0.9)).toBeNull()
})
