import { expect, test } from '@jest/globals'
import { withMapping, type DeviceMapping } from '../domain/device-mapping.ts'
import { createFleet, type Fleet } from '../domain/fleet.ts'
import { deviceId, type SensorId } from '../domain/ids.ts'
import type { RefusedRow } from '../store/influx/append.ts'
import { observationLine } from '../store/influx/points.ts'
import { readPoint } from '../store/influx/read-point.ts'
import { withoutRefused } from '../store/influx/refused.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { DeviceCount, Ledger, StoredRow } from '../store/ports/ledger.ts'
import type { Store } from '../store/ports/store.ts'
import { commitOf, quarantinedOf } from '../store/testing/rows.ts'
import { createRepairDesk, type RepairDesk } from './repair-desk.ts'
import { openHouse, receivedAt, type House } from './testing/house.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'
import { turnsIn } from './testing/turns.ts'

const minute = 60_000
const sensors = [sensorOf('qingxi', 'water_level'), sensorOf('qingxi', 'ph')]
const device = deviceOf('d', ['qingxi'])
const network = networkOf('n', [stationOf('qingxi', sensors)], [device])

interface Mended {
  house: House
  desk: RepairDesk
  map: (mapping: DeviceMapping) => void
}

/** @param ledgerOf puts another ledger before that of the store */
async function mending(ledgerOf?: (store: Store) => Ledger, given: Fleet = createFleet([network])): Promise<Mended> {
  let fleet: Fleet = given
  const store = createMemoryStore()
  const house = await openHouse(fleet, {
    fleet: () => fleet,
    store: ledgerOf === undefined ? store : { ...store, ledger: ledgerOf(store) },
  })
  let made = 0
  const desk = createRepairDesk({
    turns: turnsIn(house),
    store: house.store,
    fleet: () => fleet,
    fieldCodecs: [],
    readPoint,
    maxSeries: 1_000,
    now: () => receivedAt + 60 * minute,
    newId: () => `r-${(made += 1)}`,
  })
  const map = (mapping: DeviceMapping): void => {
    fleet = createFleet([{ ...network, devices: [withMapping(device, network, mapping)] }])
  }
  return { house, desk, map }
}

const idOf = (i: number): SensorId => sensors[i]?.id ?? ('' as SensorId)
const acting = (dryRun: boolean) => ({ by: 'lin', reason: 'the channel is mapped now', dryRun })

async function counts(house: House): Promise<Omit<DeviceCount, 'device' | 'lastReceivedAt' | 'late'>> {
  await house.carryAll()
  const [total] = (await house.store.ledger.counts()).filter((one) => one.device === deviceId('d'))
  if (total === undefined) throw new Error('nothing was counted')
  const { received, stored, versions, duplicate, quarantined } = total
  expect(received).toBe(stored + versions + duplicate + quarantined)
  return { received, stored, versions, duplicate, quarantined }
}

/** A ledger before which a store refuses some rows for good, as the one of InfluxDB does. */
function refusing(ledger: Ledger, append: (rows: readonly StoredRow[]) => Promise<RefusedRow[]>): Ledger {
  return {
    ...ledger,
    commit: async (batch, changed) => {
      const refused = await append(batch.rows)
      const kept = refused.length === 0 ? batch : withoutRefused(batch, refused)
      const made = await ledger.commit(kept)
      if (kept !== batch) changed?.(kept)
      return made
    },
  }
}

/** A store that will not take a level of 6.66 for as long as `refuses` is true. */
async function choosy(): Promise<Mended & { takesAll: () => void }> {
  let refuses = true
  const isBad = ({ value, arrival }: StoredRow): boolean => refuses && value === 6.66 && arrival !== 'judged'
  const mended = await mending((store) => {
    const append = async (rows: readonly StoredRow[]): Promise<RefusedRow[]> =>
      rows.filter(isBad).map((row) => ({ row, line: observationLine({ observation: row, version: 1, batch: 1 }), reason: 'type conflict' }))
    return refusing(store.ledger, append)
  })
  return { ...mended, takesAll: () => void (refuses = false) }
}

test('a point that the store refused is run again once it takes it, as the value it was, and counted to the unit', async () => {
  const { house, desk, map, takesAll } = await choosy()
  map({ channels: { lvl: 'qingxi/water_level' }, units: { water_level: 'cm' } })
  await house.send('d', { seq: 7, at: receivedAt, values: { lvl: 666, ph: 7 } })
  expect(await counts(house)).toEqual({ received: 2, stored: 1, versions: 0, duplicate: 0, quarantined: 1 })
  // neither the unit nor the clock is applied once more
  map({ units: { water_level: 'mm' } })
  expect(await desk.trial(1)).toMatchObject({ outcome: { stored: 1, quarantined: 0 }, refused: null })
  await desk.runAgain({}, acting(false))
  expect(await counts(house)).toMatchObject({ received: 2, stored: 1, quarantined: 1 })
  expect((await house.store.ledger.quarantineEntry(1))?.repaired?.outcome).toMatchObject({ stored: 0, quarantined: 1 })
  takesAll()
  await desk.runAgain({}, acting(false))
  expect(await counts(house)).toEqual({ received: 2, stored: 2, versions: 0, duplicate: 0, quarantined: 0 })
  const [level] = await house.store.telemetry.existing([{ series: idOf(0), observedAt: receivedAt }])
  expect(level).toMatchObject({ value: 6.66, device: 'd', seq: 7, receivedAt: receivedAt + 60 * minute })
  expect(await house.store.ledger.quarantine({ state: 'open', limit: 9 })).toEqual([])
})

test('a point that came again meanwhile is a duplicate; another value that came later stands', async () => {
  const { house, desk, takesAll } = await choosy()
  for (const i of [0, 1]) await house.send('d', { at: receivedAt - i * minute, values: { water_level: 6.66 } })
  await counts(house)
  takesAll()
  await house.send('d', { at: receivedAt, values: { water_level: 6.66 } })
  await house.send('d', { at: receivedAt - minute, values: { water_level: 5 } }, { receivedAt: receivedAt + minute })
  await counts(house)
  const { entries, takeable } = await desk.runAgain({}, acting(false))
  expect(entries.map(({ refused }) => refused)).toEqual([null, expect.stringMatching(/^another value \(5\).* stands; close/)])
  expect(takeable).toBe(1)
  expect(await counts(house)).toEqual({ received: 4, stored: 2, versions: 0, duplicate: 1, quarantined: 1 })
})

test('an increment that the store refused with its count is an entry of no value, and comes with the count', async () => {
  const rain = sensorOf('qingxi', 'rainfall', { from: 'counter', perTip: 0.5 })
  const all = createFleet([networkOf('n', [stationOf('qingxi', [rain])], [device])])
  let refuses = true
  const append = async (rows: readonly StoredRow[]): Promise<RefusedRow[]> =>
    (refuses ? rows : []).map((row) => ({ row, line: observationLine({ observation: row, version: 1, batch: 1 }), reason: 'too old' }))
  const { house, desk } = await mending((store) => refusing(store.ledger, append), all)
  await house.send('d', { at: receivedAt, values: { rainfall: 12 } })
  expect(await counts(house)).toEqual({ received: 1, stored: 0, versions: 0, duplicate: 0, quarantined: 1 })
  const entries = await house.store.ledger.quarantine({ limit: 9 })
  expect(entries.map(({ values }) => values)).toEqual([0, 1])
  refuses = false
  const ran = await desk.runAgain({}, acting(false))
  expect(ran.entries.map(({ refused }) => refused)).toEqual([null, expect.stringMatching(/follows from values/)])
  expect(await counts(house)).toEqual({ received: 1, stored: 1, versions: 0, duplicate: 0, quarantined: 0 })
  expect(await house.store.telemetry.existing([{ series: rain.id, observedAt: receivedAt }])).toHaveLength(1)
})

test('a point whose bytes are none, or whose sensor is gone, stays with the reason', async () => {
  const { house, desk } = await mending()
  const refused = quarantinedOf({ device: device.id, reason: 'refused-by-store', topic: 'influxdb' })
  const gone = { ...refused, payload: Buffer.from('observation,station=b,parameter=ph,sensor=1 flag=2i,value=7 1000') }
  await house.store.ledger.commit(commitOf([], { quarantined: [refused, gone] }))
  expect((await desk.trial(1))?.refused).toMatch(/^its bytes are no point/)
  expect((await desk.trial(2))?.refused).toMatch(/^no station has a sensor b\/ph\/1 any more/)
})

test('an entry that nobody wants is closed with the reason, and stays counted as quarantined', async () => {
  const { house, desk, map } = await mending()
  for (let i = 0; i < 3; i++) await house.send('d', { at: receivedAt - i * minute, values: { lvl: i, ph: 7 } })
  await house.send('d', 'hello')
  const before = await counts(house)
  expect(await desk.giveUp({ reason: 'unknown-parameter' }, acting(true))).toEqual({ state: 'tried', entries: 3, values: 6, more: false })
  expect(await desk.giveUp({ ids: [2, 2, 99] }, acting(false))).toEqual({ state: 'carried', entries: 1, values: 2, more: false })
  expect(await counts(house)).toEqual(before)
  expect((await house.store.ledger.quarantineEntry(2))?.repaired).toMatchObject({
    ...{ kind: 'given-up', by: 'lin', reason: 'the channel is mapped now', at: receivedAt + 60 * minute },
    outcome: { stored: 0, versions: 0, duplicate: 0, quarantined: 2 },
  })
  expect(await desk.trial(2)).toBeNull()
  map({ channels: { lvl: 'qingxi/water_level' } })
  expect((await desk.runAgain({}, acting(false))).takeable).toBe(2)
  expect(await counts(house)).toEqual({ received: 7, stored: 4, versions: 0, duplicate: 0, quarantined: 3 })
})

test('an order that is given twice while the store is away is carried once', async () => {
  const { house, desk, map } = await mending()
  for (let i = 0; i < 3; i++) await house.send('d', { at: receivedAt - i * minute, values: { lvl: i } })
  await counts(house)
  map({ channels: { lvl: 'qingxi/water_level' } })
  for (const reason of ['first', 'again']) await desk.runAgain({ ids: [1, 2] }, { ...acting(false), reason })
  await desk.giveUp({ ids: [2, 3] }, acting(false))
  expect(await counts(house)).toEqual({ received: 3, stored: 2, versions: 0, duplicate: 0, quarantined: 1 })
  const settled = await house.store.ledger.quarantine({ limit: 9 })
  expect(settled.map(({ repaired }) => repaired?.kind ?? repaired?.reason)).toEqual(['given-up', 'first', 'first'])
})

test('37 of 40 are told before, run again under the mapping, and counted to the unit', async () => {
  const { house, desk, map } = await mending()
  for (let i = 0; i < 40; i++)
    await house.send('d', { at: receivedAt - i * minute, values: i < 37 ? { lvl: 340 + i, ph: 7 } : { nothing: 1 } })
  await house.send('d', { at: receivedAt - 5 * minute, values: { ph: 7 } })
  expect(await counts(house)).toEqual({ received: 78, stored: 1, versions: 0, duplicate: 0, quarantined: 77 })
  map({ channels: { lvl: 'qingxi/water_level' }, units: { water_level: 'cm' } })

  const dry = await desk.runAgain({ device: device.id }, acting(true))
  expect({ entries: dry.entries.length, takeable: dry.takeable, more: dry.more }).toEqual({ entries: 40, takeable: 37, more: false })
  expect(dry.entries.reduce((sum, { outcome }) => sum + (outcome?.stored ?? 0), 0)).toBe(73)
  expect(dry.entries.reduce((sum, { outcome }) => sum + (outcome?.duplicate ?? 0), 0)).toBe(1)
  expect(dry.entries.at(-1)?.refused).toMatch(/"nothing" is neither a parameter nor a channel/)
  expect(await counts(house)).toMatchObject({ quarantined: 77 })

  expect((await desk.runAgain({ device: device.id }, acting(false))).takeable).toBe(37)
  expect(await counts(house)).toEqual({ received: 78, stored: 74, versions: 0, duplicate: 1, quarantined: 3 })
  const [level] = await house.store.telemetry.range({ series: [sensors[0]?.id ?? 'x'] as never, from: receivedAt, to: receivedAt + 1 })
  expect(level).toMatchObject({ value: 3.4, receivedAt: receivedAt + 60 * minute, device: 'd' })
  const open = await house.store.ledger.quarantine({ state: 'open', limit: 100 })
  expect(open.map(({ values }) => values)).toEqual([1, 1, 1])
  const repaired = await house.store.ledger.quarantine({ state: 'repaired', limit: 100 })
  expect(repaired).toHaveLength(37)
  expect(repaired.at(-1)?.repaired).toMatchObject({
    by: 'lin',
    reason: 'the channel is mapped now',
    at: receivedAt + 60 * minute,
    outcome: { stored: 2, versions: 0, duplicate: 0, quarantined: 0 },
  })
  expect((await desk.runAgain({ device: device.id }, acting(false))).takeable).toBe(0)
})

test('of an array only the items that were refused run again, also when they are many', async () => {
  const { house, desk, map } = await mending()
  const items = Array.from({ length: 50 }, (_, i) => ({ at: receivedAt - i * minute, values: i % 2 ? { ph: 7 } : { lvl: 1 + i } }))
  await house.send('d', items)
  expect(await counts(house)).toMatchObject({ stored: 25, quarantined: 25 })
  // a newer value for a reading that was taken at first: running the rest again must not bring the old one back
  await house.send('d', { at: receivedAt - minute, values: { ph: 7.5 } })
  map({ channels: { lvl: 'qingxi/water_level' } })
  await desk.runAgain({}, acting(false))
  expect(await counts(house)).toEqual({ received: 51, stored: 50, versions: 1, duplicate: 0, quarantined: 0 })
})

test('a time is held against the moment it first came, and a device is not heard by an old entry', async () => {
  const { house, desk } = await mending()
  await house.send('d', { at: receivedAt + 30 * minute, values: { ph: 7 } })
  await counts(house)
  expect((await desk.runAgain({}, acting(false))).takeable).toBe(0)
  expect((await desk.trial(1))?.refused).toMatch(/ahead of our clock/)
  expect(await desk.trial(99)).toBeNull()
})

test('a time without an offset runs again in the zone that was declared', async () => {
  const { house, desk, map } = await mending()
  await house.send('d', { at: '2026-11-22T11:59:00', values: { ph: 7 } })
  await house.send('d', '{ "at": 1, "values": { "ph": 7 } }')
  await counts(house)
  map({ zone: '+08:00' })
  expect((await desk.runAgain({ reason: 'no-offset' }, acting(false))).entries).toHaveLength(1)
  expect(await counts(house)).toEqual({ received: 2, stored: 1, versions: 0, duplicate: 0, quarantined: 1 })
})

test('what is refused once more for another reason is a new entry of the old delivery', async () => {
  const { house, desk, map } = await mending()
  await house.send('d', [
    { at: receivedAt, values: { lvl: 1 } },
    { at: receivedAt - minute, values: { lvl: { v: 2, u: 'kg' } } },
  ])
  await counts(house)
  map({ channels: { lvl: 'qingxi/water_level' } })
  const { entries } = await desk.runAgain({ ids: [1, 2] }, acting(false))
  expect(entries.map(({ refused }) => refused === null)).toEqual([true, false])
  expect(await counts(house)).toMatchObject({ received: 2, stored: 1, quarantined: 1 })
})
