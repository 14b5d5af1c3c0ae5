import { expect, test } from '@jest/globals'
import { amendmentTopics, type Amendment } from '../domain/amendment.ts'
import { deviceId, type SensorId } from '../domain/ids.ts'
import { testsIn } from '../domain/quality-tests.ts'
import type { DeviceCount } from '../store/ports/ledger.ts'
import { openHouse, receivedAt, type House } from './testing/house.ts'
import { marksOf } from './quality/running-tests.ts'
import { deviceOf, fleetOf, sensorOf } from './testing/small-fleet.ts'

const level = sensorOf('qingxi', 'water_level')
const rain = sensorOf('qingxi', 'rainfall', { from: 'counter', perTip: 0.5 })
const fleet = fleetOf([level, rain], deviceOf('d', ['qingxi']))
const head = { id: 'c-1', by: 'lin', reason: 'gauge board read' }
const step = 300_000
const at = (i: number): number => receivedAt - 12 * step + i * step

async function filled(values: readonly number[], name = 'water_level'): Promise<House> {
  const house = await openHouse(fleet)
  for (const [i, value] of values.entries()) await house.send('d', { at: at(i), values: { [name]: value } }, { receivedAt: at(i) + 2_000 })
  return house
}

const amend = (house: House, amendment: Amendment, when = receivedAt): Promise<void> =>
  house.send('lin', amendment, { source: 'correction', topic: amendmentTopics.amendment, receivedAt: when })

const stored = async (house: House, series: SensorId = level.id): Promise<[number, number | null, string][]> =>
  (await house.store.telemetry.range({ series: [series], from: 0, to: Infinity })).map((row) => [
    (row.observedAt - at(0)) / step,
    row.value,
    testsIn(row.tests & marksOf).join(' '),
  ])

async function totals(house: House): Promise<Pick<DeviceCount, 'received' | 'stored' | 'versions' | 'duplicate' | 'quarantined'>> {
  const [total] = await house.store.ledger.counts()
  if (total === undefined) throw new Error('nothing was counted')
  const { received, stored: rows, versions, duplicate, quarantined } = total
  expect(received).toBe(rows + versions + duplicate + quarantined)
  return { received, stored: rows, versions, duplicate, quarantined }
}

test('corrected values are new versions outside the sum, with the amendment that made them', async () => {
  const house = await filled([1, 2, 3, 4])
  await amend(house, { ...head, kind: 'values', series: level.id, from: at(1), to: at(3), at: null, change: { factor: 2, offset: 0.5 } })
  await house.carryAll()
  expect(await stored(house)).toEqual([
    [0, 1, ''],
    [1, 4.5, 'corrected'],
    [2, 6.5, 'corrected'],
    [3, 4, ''],
  ])
  expect(await totals(house)).toEqual({ received: 4, stored: 4, versions: 0, duplicate: 0, quarantined: 0 })
  const versions = await house.store.telemetry.versions({ series: level.id, observedAt: at(1) })
  expect(versions[0]).toMatchObject({ value: 2, knownAt: at(1) + 2_000, delivery: 2 })
  expect(testsIn(versions.at(-1)?.tests ?? 0)).toEqual(['rate_of_change', 'corrected'])
  expect(versions.at(-1)).toMatchObject({ value: 4.5, knownAt: receivedAt, delivery: 5, device: 'd' })
  expect(await house.store.ledger.amendments({ deliveries: [5] })).toMatchObject([
    { amendment: { by: 'lin', reason: 'gauge board read' }, at: receivedAt, outcome: { versions: 2, stored: 0, duplicate: 0 } },
  ])
  const before = await house.store.telemetry.range({ series: [level.id], from: at(1), to: at(2), asOf: receivedAt - 1 })
  expect(before.map(({ value }) => value)).toEqual([2])
})

test('single moments are set or rejected, and only those', async () => {
  const house = await filled([1, 2, 3])
  const span = { series: level.id, from: at(0), to: at(9) }
  await amend(house, { ...head, kind: 'values', ...span, at: [at(0)], change: { set: 9 } })
  await amend(house, { ...head, id: 'c-2', kind: 'values', ...span, at: [at(2)], change: { reject: true } })
  await house.carryAll()
  expect(await stored(house)).toEqual([
    [0, 9, 'corrected'],
    [1, 2, ''],
    [2, null, 'corrected'],
  ])
})

test('a re-send does not undo a correction; a value that was never sent before does, as a version', async () => {
  const house = await filled([1, 2])
  await amend(house, { ...head, kind: 'values', series: level.id, from: at(1), to: at(2), at: null, change: { set: 2.5 } })
  await house.send('d', { at: at(1), values: { water_level: 2 } })
  await house.carryAll()
  expect(await stored(house)).toContainEqual([1, 2.5, 'corrected'])
  expect(await totals(house)).toMatchObject({ received: 3, stored: 2, duplicate: 1 })
  await house.send('d', { at: at(1), values: { water_level: 2.2 } })
  await house.carryAll()
  expect(await stored(house)).toContainEqual([1, 2.2, ''])
  expect(await totals(house)).toMatchObject({ received: 4, stored: 2, duplicate: 1, versions: 1 })
})

test('a correction of counts corrects the rain that follows from them', async () => {
  const house = await filled([10, 12, 14], 'rainfall')
  const counts = 'qingxi/rain_accumulated/1' as SensorId
  await amend(house, { ...head, kind: 'values', series: counts, from: at(1), to: at(2), at: null, change: { set: 13 } })
  await house.carryAll()
  expect((await stored(house, rain.id)).map(([, value]) => value)).toEqual([0, 1.5, 0.5])
})

const clock = (offsetMs: number, more: Partial<Amendment> = {}): Amendment =>
  ({ ...head, kind: 'clock', device: deviceId('d'), from: at(0), to: null, offsetMs, driftMsPerDay: 0, ...more }) as Amendment

test('a declared clock correction moves what is stored and sets right what comes later, and a re-send is once', async () => {
  const house = await filled([1, 2, 3])
  await amend(house, clock(step))
  await house.send('d', { at: at(3), values: { water_level: 4 } })
  await house.send('d', { at: at(2), values: { water_level: 3 } })
  await house.carryAll()
  expect(await stored(house)).toEqual([
    [0, null, 'moved'],
    [1, 1, 'clock_corrected'],
    [2, 2, 'clock_corrected'],
    [3, 3, 'clock_corrected'],
    [4, 4, 'clock_corrected'],
  ])
  expect(await totals(house)).toEqual({ received: 5, stored: 4, versions: 0, duplicate: 1, quarantined: 0 })
  const asKnown = await house.store.telemetry.range({ series: [level.id], from: 0, to: Infinity, asOf: receivedAt - 1 })
  expect(asKnown.map(({ value }) => value)).toEqual([1, 2, 3])
})

test('drift grows by the day, and a correction taken back moves everything to where it was', async () => {
  const house = await filled([1, 2, 3])
  await amend(house, clock(0, { from: at(0) - 86_400_000, driftMsPerDay: 1_440 }))
  await house.carryAll()
  const moved = (await house.store.telemetry.range({ series: [level.id], from: 0, to: Infinity })).filter(({ value }) => value !== null)
  expect(moved.map(({ observedAt }) => observedAt)).toEqual([at(0) + 1_440, at(1) + 1_445, at(2) + 1_450])
  await amend(house, { ...head, id: 'c-2', kind: 'clock-withdrawn', device: deviceId('d'), correction: 'c-1' }, receivedAt + 1)
  await house.send('d', { at: at(3), values: { water_level: 4 } })
  await house.carryAll()
  expect((await stored(house)).filter(([, value]) => value !== null)).toEqual([
    [0, 1, ''],
    [1, 2, ''],
    [2, 3, ''],
    [3, 4, ''],
  ])
})

test('a moved count takes its rain with it', async () => {
  const house = await filled([10, 12, 14], 'rainfall')
  await amend(house, clock(60_000))
  await house.carryAll()
  const sum = (await stored(house, rain.id)).reduce((total, [, value]) => total + (value ?? 0), 0)
  expect(sum).toBe(2)
})

test('what was declared still holds after a start anew', async () => {
  const house = await filled([1])
  await amend(house, clock(step))
  await house.carryAll()
  await house.pipeline.stop()
  const again = await openHouse(fleet, { store: house.store, journal: house.journal })
  await again.send('d', { at: at(3), values: { water_level: 4 } })
  await again.carryAll()
  expect(await stored(again)).toContainEqual([4, 4, 'clock_corrected'])
})
