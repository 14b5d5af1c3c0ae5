import { expect, test } from '@jest/globals'
import type { AmendmentDesk, ClockAsked } from '../domain/amendment-desk.ts'
import { testsIn } from '../domain/quality-tests.ts'
import { countsFrom } from '../domain/reset-clock.ts'
import { createAmendmentDesk } from './amendment-desk.ts'
import { marksOf } from './quality/running-tests.ts'
import { createRepairDesk } from './repair-desk.ts'
import { openHouse, receivedAt, type House } from './testing/house.ts'
import { turnsIn } from './testing/turns.ts'
import { deviceOf, fleetOf, sensorOf } from './testing/small-fleet.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const level = sensorOf('qingxi', 'water_level')
const device = deviceOf('d', ['qingxi'])
const fleet = fleetOf([level], device)
const acting = (dryRun = false) => ({ by: 'lin', reason: 'the display said 1970', dryRun })

interface Mended {
  house: House
  desk: AmendmentDesk
  /** Sets our clock, ms behind `receivedAt`. */
  at: (ms: number) => void
}

async function mending(): Promise<Mended> {
  const house = await openHouse(fleet)
  let [now, made] = [receivedAt, 0]
  const parts = {
    ...{ turns: turnsIn(house), store: house.store, fleet: () => fleet, fieldCodecs: [], readPoint: () => null, maxSeries: 1_000 },
    ...{ now: () => now, newId: () => `c-${(made += 1)}` },
  }
  const desk = createAmendmentDesk({ ...parts, repairs: createRepairDesk(parts) })
  return { house, desk, at: (ms) => void (now = receivedAt + ms) }
}

/** Readings a minute apart from `shown` on, as they come in at once `cameAt` behind receivedAt. */
async function send(house: House, shown: number, levels: readonly number[], cameAt = 0): Promise<void> {
  const items = levels.map((value, i) => ({ at: new Date(shown + i * minute).toISOString(), values: { water_level: value } }))
  await house.send('d', items, { receivedAt: receivedAt + cameAt })
  await house.carryAll()
}

const stored = async (house: House): Promise<[number, number | null, string][]> =>
  (await house.store.telemetry.range({ series: [level.id], from: -Infinity, to: Infinity })).map((row) => [
    (row.observedAt - receivedAt) / minute,
    row.value,
    testsIn(row.tests & marksOf).join(' '),
  ])

const counts = async (house: House) => {
  const [{ received = NaN, stored: rows = NaN, versions = NaN, duplicate = NaN, quarantined = NaN } = {}] =
    await house.store.ledger.counts()
  expect(received).toBe(rows + versions + duplicate + quarantined)
  return { received, stored: rows, versions, duplicate, quarantined }
}

/** The clock showed `said` when it was `when`, ms behind receivedAt. */
const showed = (said: number, when: number, more: Partial<ClockAsked> = {}): ClockAsked => ({
  ...{ device: device.id, from: countsFrom(said), to: null, offsetMs: receivedAt + when - said, driftMsPerDay: 0 },
  ...more,
})

test('what a clock that was reset sent is set right by what it said when, and run again', async () => {
  const { house, desk } = await mending()
  await send(house, 5 * minute, [1, 2, 3])
  expect(await counts(house)).toMatchObject({ received: 3, stored: 0, quarantined: 3 })
  expect((await desk.trial(1))?.refused).toMatch(/^1970-01-01T00:05:00.000Z is before 2000-01-01.*declare what it said when/)
  expect(await desk.correctClock(showed(8 * minute, 0), acting())).toMatchObject({ id: 'c-1', readings: 0 })
  const at = receivedAt - 3 * minute
  expect(await desk.trial(1)).toMatchObject({ outcome: { stored: 1 }, observed: { from: at, to: at }, refused: null })
  await desk.runAgain({}, acting())
  expect(await counts(house)).toEqual({ received: 3, stored: 3, versions: 0, duplicate: 0, quarantined: 0 })
  expect(await stored(house)).toEqual([
    [-3, 1, 'clock_corrected clock_reset'],
    [-2, 2, 'clock_corrected clock_reset'],
    [-1, 3, 'clock_corrected clock_reset'],
  ])
  // what comes after it was declared may be of the next reset
  await send(house, 5 * minute, [1], 1)
  expect(await counts(house)).toMatchObject({ received: 4, stored: 3, quarantined: 1 })
})

test('what would be ahead of its coming stays, with the reason: it is of another reset', async () => {
  const { house, desk, at } = await mending()
  await send(house, 5 * minute, [1], -2 * day)
  await send(house, 5 * minute, [2], 0)
  at(minute)
  await desk.correctClock(showed(5 * minute, 0), acting())
  const { entries, takeable } = await desk.runAgain({}, acting(true))
  expect(takeable).toBe(1)
  expect(entries.map(({ refused }) => refused)).toEqual([expect.stringMatching(/declare what it said when/), null])
  await desk.correctClock(showed(5 * minute, -2 * day, { received: { to: receivedAt - day } }), acting())
  await desk.runAgain({}, acting())
  expect((await stored(house)).map(([when, value]) => [when, value])).toEqual([
    [-2 * 24 * 60, 1],
    [0, 2],
  ])
  const wide = showed(5 * minute, 0, { received: { from: receivedAt - 3 * day } })
  await expect(desk.correctClock({ ...wide, replaces: 'c-1' }, acting())).rejects.toThrow(/correction c-2 holds/)
})

test('a wide span leaves what is ahead of its coming alone', async () => {
  const { house, desk } = await mending()
  await send(house, 5 * minute, [1], -2 * day)
  await desk.correctClock(showed(5 * minute, 0, { received: { from: receivedAt - 3 * day } }), acting())
  expect((await desk.trial(1))?.refused).toMatch(/correction c-1 makes .* ahead of its coming at .*another reset/)
  expect((await desk.runAgain({}, acting())).takeable).toBe(0)
  expect((await house.store.ledger.quarantine({ limit: 9 })).map(({ reason, repaired }) => [reason, repaired])).toEqual([
    ['time-1970', null],
  ])
})

test('times of 2000 that were stored move, with a version of where they were', async () => {
  const { house, desk } = await mending()
  const shown = Date.UTC(2000, 0, 2)
  await send(house, shown, [1, 2])
  const asked = showed(shown + 2 * minute, 0)
  expect(await desk.correctClock(asked, acting(true))).toMatchObject({ readings: 2, preview: [{ observedAt: shown }, {}] })
  await desk.correctClock(asked, acting())
  expect((await stored(house)).slice(2)).toEqual([
    [-2, 1, 'clock_corrected clock_reset'],
    [-1, 2, 'clock_corrected clock_reset'],
  ])
  expect(await counts(house)).toEqual({ received: 2, stored: 2, versions: 0, duplicate: 0, quarantined: 0 })
})

test('a wrong one is replaced, and not taken back to 1970', async () => {
  const { house, desk } = await mending()
  await send(house, 5 * minute, [1, 2])
  await desk.correctClock(showed(7 * minute, -hour), acting())
  await desk.runAgain({}, acting())
  await expect(desk.withdrawClock(device.id, 'c-1', acting())).rejects.toThrow(/2 readings would go back to before 2000/)
  const again = showed(7 * minute, 0, { replaces: 'c-1' })
  expect(await desk.correctClock(again, acting())).toMatchObject({ readings: 2 })
  expect((await stored(house)).filter(([, value]) => value !== null)).toEqual([
    [-2, 1, 'clock_corrected clock_reset'],
    [-1, 2, 'clock_corrected clock_reset'],
  ])
  await expect(desk.correctClock(again, acting())).rejects.toThrow(/no correction c-1 holds/)
  // a start anew knows it the same way
  const after = await openHouse(fleet, { store: house.store, journal: house.journal })
  await send(after, 5 * minute, [1])
  expect(await counts(after)).toMatchObject({ stored: 2, duplicate: 1 })
})

test('a correction of ordinary times beside it is taken back without it', async () => {
  const { house, desk } = await mending()
  await send(house, receivedAt - 2 * minute, [7])
  await send(house, 5 * minute, [1, 2])
  await desk.correctClock(showed(7 * minute, 0), acting())
  await desk.runAgain({}, acting())
  const ordinary = { device: device.id, from: receivedAt - day, to: null, offsetMs: 30_000, driftMsPerDay: 0 }
  expect(await desk.correctClock(ordinary, acting())).toMatchObject({ id: 'c-3', readings: 0 })
  await send(house, receivedAt - 5 * minute, [5])
  expect(await desk.withdrawClock(device.id, 'c-3', acting())).toMatchObject({ readings: 1 })
  expect((await stored(house)).filter(([, value]) => value !== null)).toEqual([
    [-5, 5, ''],
    [-2, 1, 'clock_corrected clock_reset'],
    [-1, 2, 'clock_corrected clock_reset'],
  ])
})

test('decades are for times before 2002 alone', async () => {
  const { desk } = await mending()
  const refused = (asked: Partial<ClockAsked>, why: RegExp): Promise<void> =>
    expect(desk.correctClock(showed(0, 0, asked), acting(true))).rejects.toThrow(why)
  await refused({ from: Date.UTC(2024, 0) }, /holds for times before 2002 alone/)
  await refused({ to: Date.UTC(2024, 0) }, /holds for times before 2002 alone/)
  await refused({ offsetMs: -25 * 366 * day }, /no clock is decades ahead/)
  await refused({ from: day }, /ahead of what came in/)
  await refused({ to: -20 * day }, /ends before it begins/)
})
