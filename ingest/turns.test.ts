import { expect, test } from '@jest/globals'
import type { Amended } from '../domain/amendment-desk.ts'
import { withMapping } from '../domain/device-mapping.ts'
import { createFleet, type Fleet } from '../domain/fleet.ts'
import { deviceId } from '../domain/ids.ts'
import { StoreUnavailable } from '../store/errors.ts'
import type { DeviceCount } from '../store/ports/ledger.ts'
import { createAmendmentDesk } from './amendment-desk.ts'
import { createRepairDesk } from './repair-desk.ts'
import { openHouse, receivedAt, type House } from './testing/house.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'
import { turnsIn } from './testing/turns.ts'

const minute = 60_000
const device = deviceOf('d', ['qingxi'])
const [level, ph] = [sensorOf('qingxi', 'water_level'), sensorOf('qingxi', 'ph')]
const network = networkOf('n', [stationOf('qingxi', [level, ph])], [device])
const mapped = createFleet([{ ...network, devices: [withMapping(device, network, { channels: { lvl: level.id } })] }])
const at = (i: number): number => receivedAt - 30 * minute + i * minute
const lin = { by: 'lin', reason: 'found at the visit', dryRun: false }

type Desk = ReturnType<typeof createAmendmentDesk>

interface Given {
  house: House
  desk: Desk
  /** The same house after a start anew. */
  again: () => Promise<Given>
  store: { isAway: boolean }
}

async function openDesk(fleet: () => Fleet, before?: Given): Promise<Given> {
  const store = before?.store ?? { isAway: false }
  const house = await openHouse(fleet(), {
    fleet,
    ...(before && { store: before.house.store, journal: before.house.journal }),
    commit: async (commit, real, changed) => {
      // the waits of a test are none: others have their turn here
      await new Promise((done) => setImmediate(done))
      if (store.isAway) throw new StoreUnavailable('committing: 503')
      return real(commit, changed)
    },
  })
  // as a server does: nobody waits for ever
  const passed = async (): Promise<void> => (store.isAway ? undefined : house.carryAll())
  const turns = turnsIn(house, { passed })
  let made = 0
  const parts = {
    turns,
    store: house.store,
    fleet,
    now: () => receivedAt,
    newId: () => `c-${house.journal.deliveries.length}-${(made += 1)}`,
  }
  const desk = createAmendmentDesk({
    ...parts,
    repairs: createRepairDesk({ ...parts, fieldCodecs: [], readPoint: () => null, maxSeries: 1_000 }),
  })
  const given: Given = {
    ...{ house, desk, store },
    again: async () => {
      await house.pipeline.stop()
      return openDesk(fleet, given)
    },
  }
  return given
}

/** Three entries that can be run again. */
async function withEntries(): Promise<Given> {
  let fleet = createFleet([network])
  const given = await openDesk(() => fleet)
  for (let i = 0; i < 3; i++) await given.house.send('d', { at: at(i), values: { lvl: 1 + i } })
  await given.house.carryAll()
  fleet = mapped
  return given
}

async function withReadings(): Promise<Given> {
  const given = await openDesk(() => mapped)
  for (let i = 0; i < 3; i++)
    await given.house.send('d', { at: at(i), values: { water_level: 1 + i, ph: 7 } }, { receivedAt: at(i) + 2_000 })
  await given.house.carryAll()
  return given
}

async function counts({ house }: Given): Promise<Pick<DeviceCount, 'received' | 'stored' | 'duplicate' | 'quarantined'>> {
  const [found] = (await house.store.ledger.counts()).filter((one) => one.device === device.id)
  if (found === undefined) throw new Error('nothing was counted')
  const { received, stored, duplicate, quarantined } = found
  return { received, stored, duplicate, quarantined }
}

const standing = async ({ house }: Given, series = level.id): Promise<[number, number][]> =>
  (await house.store.telemetry.range({ series: [series], from: 0, to: Infinity })).flatMap(({ observedAt, value }) =>
    value === null ? [] : [[(observedAt - at(0)) / minute, value] as [number, number]],
  )

/** What became of each: its state, or the clause that refuses it. */
async function all(asked: readonly Promise<{ state: string }>[]): Promise<string[]> {
  const settled = await Promise.allSettled(asked)
  return settled.map((one) => (one.status === 'fulfilled' ? one.value.state : String((one.reason as Error).message)))
}

test('three that run the same entries again at once count them once', async () => {
  const given = await withEntries()
  const ran = await Promise.all([1, 2, 3].map(() => given.desk.runAgain({}, lin)))
  expect(ran.map(({ takeable }) => takeable).sort()).toEqual([0, 0, 3])
  expect(await counts(given)).toEqual({ received: 3, stored: 3, duplicate: 0, quarantined: 0 })
})

test('while the store is away a repair waits and claims nothing, a second is refused, also after a start anew', async () => {
  let given = await withEntries()
  given.store.isAway = true
  const ran = await given.desk.runAgain({}, lin)
  expect(ran).toMatchObject({ state: 'waiting', takeable: 3, entries: [{ outcome: null }, { outcome: null }, { outcome: null }] })
  const waits = /^running entries of the quarantine again: a change that was accepted before is on disk and waits for the store/
  for (let i = 0; i < 2; i++) {
    expect(await all([given.desk.runAgain({}, lin)])).toEqual([expect.stringMatching(waits)])
    given = await given.again()
  }
  expect(given.house.journal.deliveries).toHaveLength(6)
  given.store.isAway = false
  expect(await given.desk.runAgain({}, lin)).toMatchObject({ state: 'carried', takeable: 0 })
  expect(await counts(given)).toEqual({ received: 3, stored: 3, duplicate: 0, quarantined: 0 })
})

test('what is answered as carried is what became of it', async () => {
  const given = await withEntries()
  const { state, entries } = await given.desk.runAgain({ ids: [2] }, lin)
  expect([state, entries.map(({ outcome }) => outcome)]).toEqual(['carried', [{ stored: 1, versions: 0, duplicate: 0, quarantined: 0 }]])
})

const clock = { device: deviceId('d'), from: at(0), to: at(9), offsetMs: 10 * minute, driftMsPerDay: 0 }

test('of three equal clock corrections at once one holds, and taken back it leaves nothing twice', async () => {
  const given = await withReadings()
  const became = await all([1, 2, 3].map(() => given.desk.correctClock(clock, lin)))
  const clause = expect.stringMatching(/^correcting the clock of d: correction c-3-1 holds from .* take it back first/)
  expect(became).toEqual(['carried', clause, clause])
  const withdrawals = await all([1, 2].map(() => given.desk.withdrawClock(clock.device, 'c-3-1', lin)))
  expect(withdrawals).toEqual(['carried', 'taking back the clock correction c-3-1: no correction c-3-1 holds for d'])
  for (let i = 0; i < 3; i++) await given.house.send('d', { at: at(i), values: { water_level: 1 + i, ph: 7 } })
  await given.house.carryAll()
  expect(await standing(given)).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ])
})

const plusOne = { series: ph.id, from: at(0), to: at(9), at: null, change: { factor: 1, offset: 1 } }

test('of two that correct the same values at once the second is told of the first, and so is who asks for the same once more', async () => {
  const given = await withReadings()
  const [first, second] = await all([
    given.desk.correctValues(plusOne, lin),
    given.desk.correctValues({ ...plusOne, change: { set: 3 } }, lin),
  ])
  expect(first).toBe('carried')
  expect(second).toMatch(/^correcting qingxi\/ph\/1: correction c-3-1 by lin changed some of these readings meanwhile/)
  expect((await all([given.desk.correctValues(plusOne, lin)]))[0]).toMatch(/correction c-3-1 by lin made the same change, and it holds/)
  expect(await standing(given, ph.id)).toEqual([0, 1, 2].map((i) => [i, 8]))
  const more: Amended = await given.desk.correctValues({ ...plusOne, change: { factor: 1, offset: 0.5 } }, lin)
  expect(more.preview[0]).toMatchObject({ value: 8, becomes: { value: 8.5 } })
})
