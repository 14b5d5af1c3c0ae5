import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { amendmentTopics } from '../domain/amendment.ts'
import { withMapping } from '../domain/device-mapping.ts'
import { createFleet, type Fleet } from '../domain/fleet.ts'
import type { DeviceCount, QuarantineEntry } from '../store/ports/ledger.ts'
import { orderOf, writeOrder } from './repair-order.ts'
import { openHouse, receivedAt, type House } from './testing/house.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'

const minute = 60_000
const device = deviceOf('d', ['qingxi'])
const network = networkOf('n', [stationOf('qingxi', [sensorOf('qingxi', 'water_level'), sensorOf('qingxi', 'ph')])], [device])
const mapped = createFleet([
  { ...network, devices: [withMapping(device, network, { channels: { a: 'qingxi/water_level', b: 'qingxi/ph' } })] },
])

const total = async (house: House): Promise<DeviceCount | undefined> => (await house.store.ledger.counts())[0]
const entriesOf = async ({ store }: House): Promise<QuarantineEntry[]> => (await store.ledger.quarantine({ limit: 1_000 })).reverse()

/** A house with some entries that can be run again now; what was carried before is in its store. */
async function withEntries(entries: number, batch: number): Promise<House> {
  let fleet: Fleet = createFleet([network])
  const house = await openHouse(fleet, { fleet: () => fleet, batch })
  for (let i = 0; i < entries; i++) await house.send('d', { at: receivedAt - i * minute, values: i % 2 === 0 ? { a: i } : { a: i, b: 7 } })
  await house.carryAll()
  fleet = mapped
  return house
}

const order = (house: House, entry: QuarantineEntry, id: string): Promise<void> =>
  house.send('lin', Buffer.from(writeOrder(orderOf(entry, { id, by: 'lin', reason: 'mapped now' }))).toString(), {
    source: 'correction',
    topic: amendmentTopics.repair,
    receivedAt: receivedAt + minute,
  })

/** The sum holds, nothing is negative, and what is counted as quarantined is what waits there. */
async function checkSums(house: House): Promise<void> {
  const found = await total(house)
  if (found === undefined) throw new Error('nothing was counted')
  const { received, stored, versions, duplicate, quarantined } = found
  expect(received).toBe(stored + versions + duplicate + quarantined)
  expect(Math.min(stored, versions, duplicate, quarantined)).toBeGreaterThanOrEqual(0)
  const open = (await entriesOf(house)).filter(({ repaired }) => repaired === null)
  expect(quarantined).toBe(open.reduce((sum, { values }) => sum + values, 0))
}

test('an entry that was ordered to run again three times leaves the quarantine once, and the first order is told', async () => {
  const house = await withEntries(3, 8_000)
  const entries = await entriesOf(house)
  for (const id of ['r-1', 'r-2', 'r-3']) for (const entry of entries) await order(house, entry, id)
  await house.carryAll()
  expect(await total(house)).toMatchObject({ received: 4, stored: 4, versions: 0, duplicate: 0, quarantined: 0 })
  for (const { repaired } of await entriesOf(house)) expect(repaired).toMatchObject({ id: 'r-1', outcome: { duplicate: 0 } })
})

test('an order for an entry that is not there changes nothing', async () => {
  const house = await withEntries(1, 8_000)
  const [entry] = await entriesOf(house)
  if (entry === undefined) throw new Error('nothing was put aside')
  await order(house, { ...entry, id: 99 }, 'r-1')
  await house.carryAll()
  expect(await total(house)).toMatchObject({ received: 1, stored: 0, quarantined: 1 })
})

test('a journal that is carried anew, in whatever batches, has its orders find what was put aside before them', async () => {
  const fleet = createFleet([network])
  const house = await openHouse(fleet)
  for (const payload of [{ at: receivedAt, values: { a: 1 } }, 'no JSON', { at: receivedAt, values: { a: 2, b: 7 } }])
    await house.send('d', payload)
  await house.carryAll()
  const [first, second] = await entriesOf(house)
  if (first === undefined || second === undefined) throw new Error('nothing was put aside')
  // refused once more, which is a new entry; that one is ordered again in turn
  await order(house, first, 'r-1')
  await house.carryAll()
  const newest = (await entriesOf(house)).at(-1)
  if (newest === undefined) throw new Error('nothing was put aside again')
  await order(house, newest, 'r-2')
  const closing = {
    kind: 'closing',
    id: 'c-1',
    by: 'lin',
    reason: 'bench',
    entries: [{ entry: second.id, values: second.values }],
  } as const
  await house.send('lin', Buffer.from(writeOrder(closing)).toString(), { source: 'correction', topic: amendmentTopics.closing })
  await house.carryAll()
  const [entries, counts] = [await entriesOf(house), await total(house)]
  expect(entries.map(({ repaired }) => repaired?.id ?? null)).toEqual(['r-1', 'c-1', null, 'r-2', null])
  for (const batch of [1, 2, 3, 8_000]) {
    const again = await openHouse(fleet, { journal: house.journal, batch })
    await again.carryAll()
    expect([await entriesOf(again), await total(again)]).toEqual([entries, counts])
    await again.pipeline.stop()
  }
})

test('in whatever order, batches and restarts orders come, each entry leaves the quarantine once', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('order' as const), entry: fc.nat(4) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('send' as const), entry: fc.nat(4) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('carry' as const, 'restart' as const), entry: fc.constant(0) }) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), fc.integer({ min: 1, max: 6 }), async (steps, batch) => {
      let house = await withEntries(5, batch)
      const entries = await entriesOf(house)
      const ordered = new Set<number>()
      for (const [i, { kind, entry }] of steps.entries()) {
        const chosen = entries[entry]
        if (chosen === undefined) throw new Error('there are five')
        if (kind === 'order') await order(house, chosen, `r-${i}`)
        else if (kind === 'send') await house.send('d', { at: receivedAt - entry * minute, values: { ph: 7 + i } })
        else if (kind === 'carry') await house.carryAll()
        else {
          await house.pipeline.stop()
          house = await openHouse(mapped, { store: house.store, journal: house.journal, batch })
        }
        if (kind === 'order') ordered.add(chosen.id)
      }
      await house.carryAll()
      await checkSums(house)
      for (const { id, repaired } of (await entriesOf(house)).slice(0, 5)) expect(repaired !== null).toBe(ordered.has(id))
    }),
    { numRuns: 60 },
  )
})
