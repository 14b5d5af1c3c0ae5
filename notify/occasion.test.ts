import { expect, test } from '@jest/globals'
import type { Level, Warning, WarningState } from '../domain/warning.ts'
import { runId, warningId } from '../domain/ids.ts'
import { warningOf } from '../store/testing/rows.ts'
import { pauseAfter } from './backoff.ts'
import type { Occasion } from './message.ts'
import { isFor, occasionOf } from './occasion.ts'

const story = (...steps: [WarningState, Level][]): Warning[] =>
  steps.map(([state, level], i) => warningOf({ version: i + 1, state, level }))

test('a warning is told when it stands, rises and ends', () => {
  const told = (versions: Warning[], expected: (Occasion | null)[]) =>
    expect(versions.map((_, i) => occasionOf(versions.slice(0, i + 1)))).toEqual(expected)
  told(story(['pending', 'yellow'], ['active', 'yellow'], ['cleared', 'yellow']), [null, 'raised', 'ended'])
  told(story(['active', 'yellow'], ['active', 'red'], ['active', 'orange'], ['active', 'red'], ['expired', 'red']), [
    'raised',
    'escalated',
    null,
    'escalated',
    'ended',
  ])
  told(story(['pending', 'yellow'], ['expired', 'yellow']), [null, null])
  told(story(['active', 'blue'], ['cleared', 'blue'], ['active', 'blue']), ['raised', 'ended', 'raised'])
  const retrospective = story(['active', 'red'], ['cleared', 'red']).map((one) => ({
    ...one,
    marks: { ...one.marks, retrospective: true },
  }))
  told(retrospective, [null, null])
  const confirmed = story(['active', 'red'], ['active', 'red'], ['cleared', 'red']).map((one) => ({
    ...one,
    marks: { ...one.marks, retrospective: one.version === 1 },
  }))
  told(confirmed, [null, 'raised', 'ended'])
  expect(occasionOf([])).toBeNull()
  const moved = story(['active', 'yellow'], ['expired', 'yellow'], ['active', 'yellow'], ['active', 'red'], ['cleared', 'red']).map(
    (one) => (one.version === 2 ? { ...one, replacedBy: warningId('later') } : one),
  )
  told(moved, ['raised', null, null, 'escalated', 'ended'])
})

test('a revised forecast is told when it leaves less than half of the time', () => {
  const hour = 3_600_000
  const version = (at: number, left: number, limit = 3): Warning => {
    const evidence = { ...warningOf({}).evidence, to: at * hour, limit, figures: { timeToThresholdMs: left * hour } }
    return warningOf({ kind: 'trend', state: 'active', level: 'blue', evidence })
  }
  const told = (...versions: Warning[]) => versions.map((_, i) => occasionOf(versions.slice(0, i + 1)))
  expect(told(version(0, 10), version(1, 4), version(1, 4), version(2, 2), version(3, 0.4))).toEqual([
    'raised',
    'sooner',
    null,
    null,
    'sooner',
  ])
  expect(told(version(0, 10), version(1, 5), version(2, 20), version(3, 2, 4))).toEqual(['raised', null, null, null])
})

test('a channel hears of its level and above, and of exercises only when it is open for them', () => {
  const hears = (channel: { level: Level; simulated: boolean }, versions: Warning[], expected: boolean[]) =>
    expect(versions.map((_, i) => isFor(channel, versions.slice(0, i + 1)))).toEqual(expected)
  const versions = story(['active', 'yellow'], ['active', 'orange'], ['cleared', 'yellow'])
  hears({ level: 'blue', simulated: false }, versions, [true, true, true])
  hears({ level: 'orange', simulated: false }, versions, [false, true, true])
  hears({ level: 'red', simulated: false }, versions, [false, false, false])
  const run = versions.map((one) => ({ ...one, run: runId('demo') }))
  hears({ level: 'blue', simulated: false }, run, [false, false, false])
  hears({ level: 'blue', simulated: true }, run, [true, true, true])
  const drill = versions.map((one) => ({ ...one, marks: { ...one.marks, drill: true } }))
  hears({ level: 'blue', simulated: false }, drill, [false, false, false])
  hears({ level: 'blue', simulated: true }, drill, [true, true, true])
})

test('attempts are spread over about three days', () => {
  const pauses = Array.from({ length: 9 }, (_, i) => pauseAfter(i + 1, 0.5) ?? 0)
  expect(pauses.slice(0, 3)).toEqual([5_000, 300_000, 1_800_000])
  const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000
  expect(hours).toBeGreaterThan(72)
  expect(hours).toBeLessThan(80)
  expect(pauseAfter(10, 0.5)).toBeNull()
  expect([pauseAfter(1, 0), pauseAfter(1, 0.999_999)]).toEqual([4_000, 6_000])
  expect(pauseAfter(1, 0.5, 60_000)).toBe(60_000)
  expect(pauseAfter(1, 0.5, 1e12)).toBe(3_600_000)
  expect(pauseAfter(4, 0.5, 1_000)).toBe(7_200_000)
})
