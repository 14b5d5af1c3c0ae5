import { expect, test } from '@jest/globals'
import { deviceId, runId } from '../../domain/ids.ts'
import { testBit } from '../../domain/quality-tests.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import { quarantinedOf, storedRow } from '../../store/testing/rows.ts'
import { createGuardedClock, type GuardedClock } from '../guarded-clock.ts'
import { clockProblems, hearWitnesses } from './our-clock.ts'

const start = Date.UTC(2026, 10, 22, 4)
const [minute, day] = [60_000, 86_400_000]

/** A clock of a system whose own has just jumped. */
function jumped(byMs: number): GuardedClock {
  let shift = 0
  const clock = createGuardedClock({ now: () => start + shift, monotonic: () => 0, uptime: () => 0 }, () => undefined)
  shift = byMs
  clock.now()
  return clock
}

test('live readings of the real fleet that bring a time are heard, and what was refused as ahead', () => {
  const clock = jumped(day)
  const kept = (name: string, part: Partial<StoredRow> = {}): StoredRow =>
    storedRow({ device: deviceId(name), observedAt: start, receivedAt: start, ...part })
  hearWitnesses(clock, {
    kept: [
      kept('right'),
      kept('simulated', { run: runId('demo') }),
      kept('of-before', { receivedAt: start - 1 }),
      kept('without-a-time', { tests: testBit('arrival_time') }),
    ],
    quarantined: [
      quarantinedOf({ device: deviceId('ahead'), reason: 'time-ahead', receivedAt: start }),
      quarantinedOf({ device: deviceId('of-before'), reason: 'time-ahead', receivedAt: start - 1 }),
      quarantinedOf({ device: deviceId('broken'), receivedAt: start }),
    ],
  })
  expect(clock.doubt()).toMatchObject({ agree: 1, differ: 1 })
})

test('what is wrong with the clock is said in words', () => {
  const problems = (clock: GuardedClock, newestTick: number | null, expected: RegExp[]): void => {
    const told = clockProblems(clock, newestTick).map(({ name, what }) => `${name}: ${what}`)
    expect(told).toEqual(expected.map((pattern) => expect.stringMatching(pattern)))
  }
  problems(jumped(0), null, [])
  problems(jumped(0), start + minute, [])
  problems(jumped(day), start, [
    /^clock-jumped: at 2026-11-22T04:00:00.000Z the system clock went 1d ahead .* 0 devices fit it, those of 0 do not$/,
  ])
  problems(jumped(0), start + 2 * minute, [/^clock-behind: our clock is 2m behind .* 2026-11-22T04:02:00.000Z/])
})
