import { expect, test } from '@jest/globals'
import { createIntake, type AbstractionFacts } from './abstraction.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const lon = 120
/** Midnight by the sun at 120 degrees east. */
const midnight = (date: string): number => Date.parse(`${date}T00:00:00+08:00`)

/** m3/s in the mean of an hour of a day. */
function atHours(facts: AbstractionFacts, date: string, hours: readonly number[]): number {
  const intake = createIntake(facts, lon)
  const moments = hours.flatMap((each) => Array.from({ length: 12 }, (_, i) => midnight(date) + each * hour + i * 5 * minute))
  return moments.reduce((sum, at) => sum + intake.wanted(at), 0) / moments.length
}
const allHours = Array.from({ length: 24 }, (_, each) => each)
const [wednesday, saturday, sunday] = ['2026-04-15', '2026-04-18', '2026-04-19']

test('a town has two peaks a day, a quiet night, and lies in at weekends', () => {
  const town: AbstractionFacts = { user: 'town', flow: 2 }
  const mean = atHours(town, wednesday, allHours)
  expect(mean).toBeCloseTo(2, 1)
  const [night, morning, afternoon, evening] = [[2], [7], [14], [19]].map((hours) => atHours(town, wednesday, hours) / mean)
  expect([night, morning, afternoon, evening].map((share) => Math.round(10 * (share ?? 0)) / 10)).toEqual([0.4, 1.4, 1, 1.4])
  // GB 50013 has designers take 1.2 to 1.6
  const most = Math.max(...allHours.map((each) => atHours(town, wednesday, [each]) / mean))
  expect(most).toBeGreaterThan(1.2)
  expect(most).toBeLessThan(1.6)
  expect(atHours(town, sunday, [6])).toBeLessThan(0.7 * atHours(town, wednesday, [6]))
  expect(atHours(town, sunday, allHours)).toBeGreaterThan(mean)
  expect(atHours(town, '2026-07-15', allHours)).toBeGreaterThan(1.2 * atHours(town, '2026-01-14', allHours))
})

test('industry works two shifts from Monday to Saturday, with a lull between them; the mean of a working day is its flow', () => {
  const works: AbstractionFacts = { user: 'industry', flow: 1 }
  expect(atHours(works, wednesday, allHours)).toBeCloseTo(1, 1)
  expect(atHours(works, saturday, [10])).toBeCloseTo(1.3)
  expect(atHours(works, sunday, allHours)).toBeCloseTo(0.3)
  expect(atHours(works, wednesday, [2])).toBeCloseTo(0.4)
  const intake = createIntake(works, lon)
  expect(intake.wanted(midnight(wednesday) + 14 * hour)).toBeLessThan(intake.wanted(midnight(wednesday) + 12 * hour))
})

/** What a farm gets in ten days from a date on, in shares of what `flow` would be: by hour, all it wants. */
function irrigated(date: string, rainAt: (day: number) => number): number[] {
  const intake = createIntake({ user: 'farm', flow: 1 }, lon)
  const byHour = allHours.map(() => 0)
  const start = midnight(date) - 20 * day
  for (let i = 0; i < 30 * 288; i += 1) {
    const at = start + i * 5 * minute
    const got = intake.wanted(at)
    if (i >= 20 * 288) byHour[Math.floor((i % 288) / 12)] = (byHour[Math.floor((i % 288) / 12)] ?? 0) + got / 120
    intake.step(at, 1 / 12, rainAt(Math.floor(i / 288) - 20), got)
  }
  return byHour
}
const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0) / 24

test('farms pump in the dry growing months, by night and in the early morning, and bring what the fields lack', () => {
  const july = irrigated('2026-07-15', () => 0)
  expect(sum(july)).toBeGreaterThan(0.9)
  expect(sum(july)).toBeLessThan(1.1)
  for (const each of allHours) expect((july[each] ?? 0) > 0).toBe((4 <= each && each < 9) || each >= 18)
  const [april, october, january] = ['2026-04-15', '2026-10-15', '2026-01-15'].map((date) => sum(irrigated(date, () => 0)))
  expect(april).toBeGreaterThan(0.2)
  expect(april).toBeLessThan(0.5)
  expect(october).toBeLessThan(0.5)
  expect(january).toBe(0)
})

test('rain keeps the pumps still until the fields lack water again', () => {
  const dry = sum(irrigated('2026-07-15', () => 0))
  // 40 mm on the first of the ten days: they fill what lacks, two to three days of need, and the rest runs off
  const wet = sum(irrigated('2026-07-15', (each) => (each === 0 ? 40 / 24 : 0)))
  expect(dry - wet).toBeGreaterThan(0.15)
  expect(dry - wet).toBeLessThan(0.35)
  expect(sum(irrigated('2026-07-15', () => 1))).toBe(0)
})
