import { expect, test } from '@jest/globals'
import { createFleet } from '../../domain/fleet.ts'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import type { Receipt } from '../../domain/receipt.ts'
import { beginSequence, measuredAt, noteNumber, type Sequence } from '../../domain/sequence.ts'
import { StoreUnavailable } from '../../store/errors.ts'
import { createMemoryStore } from '../../store/memory.ts'
import type { Quarantined } from '../../domain/rejection.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'
import type { Store } from '../../store/ports/store.ts'
import { quarantinedOf } from '../../store/testing/rows.ts'
import { createCodecOf } from '../codecs/registry.ts'
import { openHouse, receivedAt, type House, type HouseOptions } from '../testing/house.ts'
import { createMemoryJournal } from '../testing/memory-journal.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from '../testing/small-fleet.ts'
import { createReceiptDesk } from './desk.ts'
import { createReceipts, type ReceiptParts, type Receipts } from './receipts.ts'

const minute = 60_000
const sensors = ['water_level', 'ph'].map((parameter) => sensorOf('a', parameter))
const other = stationOf('b', [sensorOf('b', 'water_level')])
const fleet = createFleet([networkOf('n', [stationOf('a', sensors), other], [deviceOf('da', ['a']), deviceOf('db', ['b'])])])

interface Listening {
  house: House
  receipts: Receipts
  sent: { device: DeviceId; receipt: Receipt }[]
  errors: unknown[]
  /** Carries what was sent and returns its receipts. */
  carried(): Promise<Receipt[]>
}

interface Options {
  store?: Store
  wants?: (device: string) => boolean
  /** In place of the numbers that are stored. */
  stored?: ReceiptParts['stored']
  commit?: HouseOptions['commit']
}

/** The numbers of a device since the first commit, as the ledger of gaps knows them. */
async function storedNumbers({ ledger }: Store, device: DeviceId): Promise<Sequence | null> {
  let sequence: Sequence | null = null
  for (const { rows } of await ledger.committedSince(0, Infinity))
    for (const row of rows) {
      if (row.device !== device || row.seq === null) continue
      sequence ??= beginSequence(row.seq, measuredAt(row))
      noteNumber(sequence, row.seq, measuredAt(row))
    }
  return sequence
}

async function listening({
  store = createMemoryStore(),
  wants = (device) => device === 'da',
  stored = (device) => storedNumbers(store, device),
  commit,
}: Options = {}): Promise<Listening> {
  const [sent, errors]: [Listening['sent'], unknown[]] = [[], []]
  const receipts = createReceipts({
    ...{ ledger: store.ledger, stored, fleet: () => fleet, codecOf: createCodecOf([]), wants },
    send: (device, receipt) => void sent.push({ device, receipt }),
    onError: (error) => void errors.push(error),
  })
  const journal = createMemoryJournal()
  const first = store.ledger.cursor()
  for (let i = 0; i < first; i++)
    await journal.accept({ device: deviceId('x'), source: 'tick', topic: 'wall', payload: Buffer.from('{}'), receivedAt: 0 })
  const house = await openHouse(fleet, { store, journal, ...(commit && { commit }), onCarried: (carried) => receipts.carried(carried) })
  const carried = async (): Promise<Receipt[]> => {
    await house.carryAll()
    await receipts.settled()
    return sent.splice(0).map(({ receipt }) => receipt)
  }
  return { house, receipts, sent, errors, carried }
}

const group = (seq: number | undefined, minutes: number, values: object) => ({ seq, at: receivedAt + minutes * minute, values })

test('a receipt says of each delivery what became of its values', async () => {
  const { house, carried } = await listening()
  await house.send('da', [group(1, -9, { water_level: 1, ph: 7 }), group(2, -8, { water_level: 1, wrong: 2 }), group(3, -7, { ph: 7 })])
  await house.send('da', group(1, -9, { water_level: 1, ph: 7 }))
  await house.send('da', group(undefined, -2 * 24 * 60, { water_level: 1 }))
  await house.send('da', 'no JSON')
  await house.send('db', group(1, -9, { water_level: 1 }))
  const receipts = await carried()
  expect(receipts).toMatchObject([
    { delivery: 1, receivedAt, seq: { from: 1, to: 3 }, contiguousSeq: 3, accepted: 3, late: 0, duplicate: 0, quarantined: 2 },
    { delivery: 2, seq: { from: 1, to: 1 }, contiguousSeq: 3, accepted: 0, duplicate: 2, quarantined: 0, items: [] },
    { delivery: 4, seq: null, quarantined: 1, items: [{ item: null, reason: 'not-json', values: 1 }] },
    // back-fill waits for its lane
    { delivery: 3, seq: null, contiguousSeq: 3, accepted: 1, late: 1 },
  ])
  expect(receipts[0]?.items).toMatchObject([{ item: 1, reason: 'unknown-parameter', values: 2 }])
})

test('the highest contiguous number waits for what is missing', async () => {
  const { house, carried } = await listening()
  const contiguous = async (seq: number, minutes: number, expected: number) => {
    await house.send('da', group(seq, minutes, { water_level: seq }))
    expect((await carried()).map((receipt) => receipt.contiguousSeq)).toEqual([expected])
  }
  await contiguous(1, -60, 1)
  await contiguous(2, -55, 2)
  await contiguous(5, -40, 2)
  await contiguous(3, -50, 3)
  await contiguous(4, -45, 5)
  await contiguous(1, -35, 1)
})

test('a first reading whose clock was ahead holds none of the others up', async () => {
  const store = createMemoryStore()
  const { house, carried } = await listening({ store })
  for (const [seq, minutes] of [
    [1, 5],
    [2, -4],
    [3, -3],
    [4, -2],
    [5, -1],
  ] as const) {
    // prettier-ignore
    await house.send('da', group(seq, minutes, { water_level: seq }))
    expect((await carried()).map((receipt) => receipt.contiguousSeq)).toEqual([seq])
  }
  const after = await listening({ store })
  await after.house.send('da', group(6, 0, { water_level: 6 }))
  expect((await after.carried()).map((receipt) => receipt.contiguousSeq)).toEqual([6])
})

test('what the store itself refused is no accepted reading, its number has not come, and sent again it is stored', async () => {
  let refuses = true
  const { house, carried } = await listening({
    commit: async (batch, real, changed) => {
      const bad = batch.rows.filter(({ value }) => refuses && value === 6.66)
      const kept = { ...batch, rows: batch.rows.filter((row) => !bad.includes(row)), quarantined: bad.map(refusedByStore) }
      const number = await real(kept)
      if (bad.length > 0) changed?.(kept)
      return number
    },
  })
  await house.send(
    'da',
    [1, 6.66, 3].map((value, i) => group(i + 1, i - 9, { water_level: value })),
  )
  expect(await carried()).toMatchObject([
    { accepted: 2, duplicate: 0, quarantined: 1, contiguousSeq: 1, items: [{ item: null, reason: 'refused-by-store', values: 1 }] },
  ])
  expect(house.committed.flatMap(({ rows }) => rows).map(({ value }) => value)).toEqual([1, 3])
  refuses = false
  await house.send('da', group(2, -8, { water_level: 6.66 }))
  expect(await carried()).toMatchObject([{ accepted: 1, duplicate: 0, quarantined: 0, contiguousSeq: 3 }])
})

const refusedByStore = ({ device, delivery }: StoredRow): Quarantined =>
  quarantinedOf({ device, delivery, reason: 'refused-by-store', topic: 'influxdb' })

test('no number is given where the begin of the count is not known', async () => {
  const { house, carried } = await listening()
  for (const [seq, minutes] of [
    [500, -1],
    [400, -101],
    [402, -99],
  ] as const) {
    await house.send('da', group(seq, minutes, { water_level: seq }))
    expect((await carried()).map((receipt) => receipt.contiguousSeq)).toEqual([null])
  }
})

test('what never came is missing after a restart too, however far back', async () => {
  const store = createMemoryStore()
  const before = await listening({ store })
  await before.house.send('da', group(1, -34 * 24 * 60, { water_level: 1 }))
  expect((await before.carried()).map((receipt) => receipt.contiguousSeq)).toEqual([1])
  const after = await listening({ store })
  await after.house.send('da', group(501, -1, { water_level: 1 }))
  expect((await after.carried()).map((receipt) => receipt.contiguousSeq)).toEqual([1])
})

test('while the numbers are not known yet, receipts leave at once without one', async () => {
  const store = createMemoryStore()
  let known = false
  const { house, carried } = await listening({ store, stored: (device) => (known ? storedNumbers(store, device) : null) })
  await house.send('da', group(1, -60, { water_level: 1 }))
  expect((await carried()).map((receipt) => receipt.contiguousSeq)).toEqual([null])
  known = true
  await house.send('da', group(2, -55, { water_level: 1 }))
  expect((await carried()).map((receipt) => receipt.contiguousSeq)).toEqual([2])
})

test('numbers are read back from the store: after a restart, and when nobody listened for a while', async () => {
  const store = createMemoryStore()
  const before = await listening({ store })
  await before.house.send('da', [group(1, -60, { water_level: 1 }), group(2, -55, { wrong: 1 }), group(3, -50, { water_level: 1 })])
  await before.house.send('da', group(5, -40, { water_level: 1 }))
  expect((await before.carried()).map((receipt) => receipt.contiguousSeq)).toEqual([3, 3])

  const wanted = { now: true }
  const after = await listening({ store, wants: () => wanted.now })
  await after.house.send('da', group(6, -35, { water_level: 1 }))
  expect((await after.carried()).map((receipt) => receipt.contiguousSeq)).toEqual([3])
  wanted.now = false
  await after.house.send('da', group(4, -45, { water_level: 1 }))
  expect(await after.carried()).toEqual([])
  wanted.now = true
  await after.house.send('da', group(7, -30, { water_level: 1 }))
  expect((await after.carried()).map((receipt) => receipt.contiguousSeq)).toEqual([7])
})

test('where numbers cannot be read nothing is promised of them', async () => {
  const store = createMemoryStore()
  let away = true
  const { house, carried, errors } = await listening({
    store,
    stored: (device) => (away ? Promise.reject(new StoreUnavailable('away')) : storedNumbers(store, device)),
  })
  await house.send('da', group(1, -60, { water_level: 1 }))
  expect((await carried()).map((receipt) => receipt.contiguousSeq)).toEqual([null])
  expect(errors).toHaveLength(1)
  away = false
  await house.send('da', group(2, -55, { water_level: 1 }))
  expect((await carried()).map((receipt) => receipt.contiguousSeq)).toEqual([2])
})

test('who asks over HTTP waits for the receipt as long as it may', async () => {
  const timers: { run: () => void; ms: number }[] = []
  const desk = createReceiptDesk({
    timers: { setTimeout: (run, ms) => timers.push({ run, ms }), clearTimeout: () => undefined },
  })
  const receipt = (delivery: number): Receipt => ({
    ...{ delivery, receivedAt, seq: null, contiguousSeq: null },
    ...{ accepted: 1, late: 0, duplicate: 0, quarantined: 0, items: [] },
  })
  const da = deviceId('da')
  desk.offer(da, receipt(1))
  expect([desk.wants(da), desk.find(da, 1)]).toEqual([false, null])
  desk.expect(da)
  const [soon, never] = [desk.wait(2, 10_000), desk.wait(3, 10_000)]
  desk.offer(da, receipt(2))
  timers[1]?.run()
  expect([await soon, await never, await desk.wait(2, 10_000)]).toEqual([receipt(2), null, receipt(2)])
  expect([desk.find(da, 2), desk.find(deviceId('db'), 2), desk.find(da, 9)]).toEqual([receipt(2), null, null])
  for (let i = 10; i < 2_020; i++) desk.offer(da, receipt(i))
  expect([desk.find(da, 2), desk.find(da, 2_019)]).toEqual([null, receipt(2_019)])
})
