import { expect } from '@jest/globals'

/** Checks a number against a worked one that is shown to `digits` significant digits: it must round to it. */
export function near(found: number | null | undefined, expected: number, digits = 6): void {
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(expected) || 1)) - digits + 1)
  const close = typeof found === 'number' && Math.abs(found - expected) <= unit * 0.5000001
  if (!close) expect(found).toBe(expected)
}

/** The same for lists, place by place. */
export function allNear(found: readonly (number | null)[], expected: readonly (number | null)[], digits?: number): void {
  expect(found).toHaveLength(expected.length)
  expected.forEach((value, i) => (value === null ? expect(found[i]).toBeNull() : near(found[i], value, digits)))
}
