import { expect, test } from '@jest/globals'
import { judgeClock, zoneOf } from '../domain/clock-health.ts'
import { deviceId, runId } from '../domain/ids.ts'
import { testBit } from '../domain/quality-tests.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { storedRow } from '../store/testing/rows.ts'
import { createClockReports } from './clock-reports.ts'
import { createClockWatch, type ClockWatch } from './clock-watch.ts'
import { openHouse, receivedAt } from './testing/house.ts'
import { fleetOf, sensorOf } from './testing/small-fleet.ts'

const hour = 3_600_000
const day = 24 * hour
const device = deviceId('d')
const watching = (saved?: ReturnType<ClockWatch['save']>): ClockWatch => createClockWatch((run) => run === null, saved)

/** Live readings every 10 minutes; the device's clock shows `offset` more, and they take 1 to 31 seconds. */
function live(days: number, offset: (at: number) => number, more: Partial<StoredRow> = {}): StoredRow[] {
  return Array.from({ length: days * 144 }, (_, i) => {
    const at = receivedAt + i * 600_000
    const delay = 1_000 + ((i * 7) % 31) * 1_000
    return storedRow({ device, observedAt: at + offset(at), receivedAt: at + delay, delivery: i + 1, ...more })
  })
}

test('the offset of a clock is told within seconds, whatever the way takes', () => {
  for (const offset of [0, 5_000, -95_000, 8 * hour, -day]) {
    const watch = watching()
    watch.take(live(2, () => offset))
    const told = watch.skew(device)?.offsetMs ?? NaN
    expect({ offset, near: Math.abs(told - offset) <= 5_000 }).toEqual({ offset, near: true })
  }
})

test('drift is told in ms a day, back-fill and readings without a time of their own say nothing', () => {
  const watch = watching()
  for (const row of live(10, (at) => ((at - receivedAt) / day) * -4_000)) {
    watch.take([row])
    watch.take([
      storedRow({ device, observedAt: row.observedAt - 40 * day, receivedAt: row.receivedAt, arrival: 'inserted', delivery: 1e6 }),
    ])
    watch.take([{ ...row, observedAt: row.receivedAt, tests: testBit('arrival_time'), delivery: 1e7 }])
  }
  expect(watch.skew(device)?.driftMsPerDay).toBeGreaterThan(-4_300)
  expect(watch.skew(device)?.driftMsPerDay).toBeLessThan(-3_700)
  expect(watch.skew(device)).toMatchObject({ hours: 24, days: 11 })
})

test('a flush after an outage does not move the clock, and what was known outlives a restart', () => {
  const watch = watching()
  watch.take(live(1, () => 0))
  const flushed = live(1, () => 0).map((row, i) => ({ ...row, receivedAt: receivedAt + day + 12 * hour + i * 100, delivery: 1_000 + i }))
  watch.take(flushed)
  expect(Math.abs(watch.skew(device)?.offsetMs ?? NaN)).toBeLessThan(5_000)
  const again = watching(JSON.parse(JSON.stringify(watch.save())) as ReturnType<ClockWatch['save']>)
  expect(again.skew(device)).toEqual(watch.skew(device))
  again.retain(new Set())
  expect(again.skew(device)).toBeNull()
})

test('a device that begins with what it kept is not called slow', () => {
  const watch = watching()
  const kept = live(1, () => 0).map((row, i) => ({ ...row, receivedAt: receivedAt + day + i * 100 }))
  watch.take(kept)
  expect(watch.skew(device)).toBeNull()
  for (const minutes of [1, 11]) {
    const observedAt = receivedAt + day + minutes * 60_000
    watch.take([storedRow({ device, observedAt, receivedAt: observedAt + 900, delivery: 2_000 + minutes })])
  }
  expect(watch.skew(device)?.offsetMs).toBe(-900)
})

test('runs that are not on our clock say nothing', () => {
  const watch = watching()
  watch.take(live(1, () => -300 * day, { run: runId('r') }))
  expect(watch.skew(device)).toBeNull()
})

test('whole and half hours look like a zone, anything else does not', () => {
  expect([8 * hour, -8 * hour + 30_000, 5.5 * hour, 0, 90_000, 8 * hour + 300_000, 15 * hour].map(zoneOf)).toEqual([
    '+08:00',
    '+08:00',
    '+05:30',
    null,
    null,
    null,
    null,
  ])
})

test('a clock is judged in words that say what to do', () => {
  const judged = (offsetMs: number | null, driftMsPerDay: number | null = null) =>
    judgeClock({ device, offsetMs, driftMsPerDay, hours: 24, days: 9, quarantined: [], quarantinedOffsetMs: null })
  expect([null, -3_000, -600_000, -8 * hour].map((offset) => judged(offset).state)).toEqual(['unknown', 'right', 'off', 'wrong-zone'])
  expect(judged(-3_000, 4_000).state).toBe('drifting')
  expect(judged(-8 * hour).says.en).toMatch(/8h behind, which looks like a wrong zone: UTC written as local time of \+08:00/)
  expect(judged(-600_000).says.zh).toContain('慢')
})

test('a naive zone, a zone written as UTC and a reset are told from what was put aside', async () => {
  const house = await openHouse(fleetOf([sensorOf('qingxi', 'water_level')]))
  const reports = createClockReports({ ledger: house.store.ledger, watch: watching(), fieldCodecs: [] })
  await house.send('d', { at: '2026-11-22T12:00:05', values: { water_level: 1 } })
  await house.carryAll()
  expect(await reports.of(device)).toMatchObject({
    state: 'wrong-zone',
    likelyZone: '+08:00',
    quarantined: [{ reason: 'no-offset', entries: 1 }],
  })
  await house.send('d', { at: '2026-11-22T09:30:05Z', values: { water_level: 1 } })
  await house.send('d', { at: '2026-11-22T09:30:05Z', values: { water_level: 1 } })
  await house.send('d', { at: 12, values: { water_level: 1 } })
  await house.carryAll()
  expect(await reports.of(device)).toMatchObject({ state: 'wrong-zone', likelyZone: '+05:30' })
  expect((await reports.all([device])).get(device)).toMatchObject({ state: 'reset', offsetMs: null })
})
