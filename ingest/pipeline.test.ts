import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createFleet, type Fleet } from '../domain/fleet.ts'
import { runId } from '../domain/ids.ts'
import { StoreUnavailable } from '../store/errors.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { DeviceCount } from '../store/ports/ledger.ts'
import type { Store } from '../store/ports/store.ts'
import { openHouse, receivedAt, type House, type HouseOptions } from './testing/house.ts'
import { createMemoryJournal } from './testing/memory-journal.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'

const t0 = receivedAt
const minute = 60_000
const stations = ['a', 'b'].map((id) =>
  stationOf(
    id,
    ['water_level', 'water_temperature', 'ph'].map((parameter) => sensorOf(id, parameter)),
  ),
)
const simStation = stationOf('sim', [sensorOf('sim', 'water_level')], 'r')
const fleet: Fleet = createFleet([
  networkOf('n', stations, [deviceOf('da', ['a']), deviceOf('db', ['b']), deviceOf('lazy', ['a'], { clock: { zone: null, none: true } })]),
  networkOf('r', [simStation], [deviceOf('ds', ['sim'], { run: runId('r'), network: 'r' })], 'r'),
])

const open = (options: HouseOptions = {}): Promise<House> => openHouse(fleet, options)
const at = (minutes: number, values: object): object => ({ at: t0 + minutes * minute, values })

async function stored(store: Store): Promise<[series: string, minutes: number, value: number | null, flag: number][]> {
  const rows = await store.telemetry.range({ series: [...fleet.sensors.keys()], from: 0, to: 1e15 })
  return rows.map((row) => [row.series, (row.observedAt - t0) / minute, row.value, row.flag])
}

const sums = ({ received, stored, versions, duplicate, quarantined }: DeviceCount): number[] => [
  received,
  stored,
  versions,
  duplicate,
  quarantined,
]

test('from the journal to the store, with every value counted', async () => {
  const house = await open()
  await house.send('da', at(-10, { water_level: 1, ph: 7 }))
  await house.send('da', at(-10, { water_level: 1, ph: 7 }))
  await house.send('da', at(-10, { water_level: 1.1 }))
  await house.send('da', [at(-5, { water_level: 1.2 }), at(-5, { nonsense: 1, ph: 7 }), 5])
  await house.send('db', 'not JSON')
  await house.send('db', { values: { ph: 7 } }, { topic: 'devices/db/status' })
  await house.send('db', '', { topic: 'devices/db/whatever' })
  await house.carryAll()
  expect(await stored(house.store)).toEqual([
    ['a/water_level/1', -10, 1.1, 1],
    ['a/water_level/1', -5, 1.2, 3],
    ['a/ph/1', -10, 7, 1],
  ])
  const counts = await house.store.ledger.counts()
  expect(counts.map((count) => [count.device, ...sums(count)])).toEqual([
    ['da', 9, 3, 1, 2, 3],
    ['db', 2, 0, 0, 0, 2],
  ])
  const quarantine = await house.store.ledger.quarantine({ limit: 10 })
  expect(quarantine.map(({ reason, item, values, device, delivery }) => [reason, item, values, device, delivery]).reverse()).toEqual([
    ['wrong-shape', 2, 1, 'da', 4],
    ['unknown-parameter', 1, 2, 'da', 4],
    ['not-json', null, 1, 'db', 5],
    ['unknown-topic', null, 1, 'db', 7],
  ])
  expect(Buffer.from(quarantine[1]?.payload ?? []).toString()).toBe('not JSON')
  expect(house.journal.released()).toBe(7)
  expect(house.pipeline.figures()).toMatchObject({ cursor: 7, newest: 7, received: 11, stored: 3, failures: 0 })
  await house.pipeline.stop()
})

/** A delivery of one of two devices, good, bad, repeated or corrected. */
const traffic = fc.array(
  fc.record({
    device: fc.constantFrom('da', 'db'),
    minutes: fc.integer({ min: -60, max: 0 }).map((step) => step * 5),
    payload: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom({ water_level: 1 }, { water_level: 1.4, ph: 7 }, { ph: 7.1, water_temperature: null }) },
      { weight: 1, arbitrary: fc.constantFrom({ nonsense: 1, ph: 7 }, { ph: '7' }, { ph: { v: 7, u: 'kg' } }, {}) },
    ),
    isArray: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
)

test('received = stored + versions + duplicate + quarantined, and no batch size or restart changes what is stored', async () => {
  await fc.assert(
    fc.asyncProperty(traffic, fc.integer({ min: 1, max: 20 }), fc.nat(60), async (given, batch, cut) => {
      const send = async (house: House, from: number, to?: number): Promise<void> => {
        for (const { device, minutes, payload, isArray } of given.slice(from, to)) {
          const item = at(minutes, payload)
          await house.send(device, isArray ? [item, at(minutes + 5, payload)] : item)
        }
        await house.carryAll()
        await house.pipeline.stop()
      }
      const whole = await open()
      await send(whole, 0)
      const first = await open({ batch })
      await send(first, 0, cut)
      const again = await open({ batch, store: first.store, journal: first.journal })
      await send(again, cut)
      expect(await stored(first.store)).toEqual(await stored(whole.store))
      const counts = await first.store.ledger.counts()
      expect(new Set(counts)).toEqual(new Set(await whole.store.ledger.counts()))
      const expected = given.reduce((sum, one) => sum + Math.max(1, Object.keys(one.payload).length) * (one.isArray ? 2 : 1), 0)
      expect(counts.reduce((sum, count) => sum + count.received, 0)).toBe(expected)
      for (const count of counts) expect(count.stored + count.versions + count.duplicate + count.quarantined).toBe(count.received)
      const { rows } = await first.store.telemetry.size()
      expect(rows).toBe(counts.reduce((sum, count) => sum + count.stored, 0))
    }),
    { numRuns: 100 },
  )
})

test('a store that is away holds the cursor, is asked ever more seldom, and then gets everything once', async () => {
  let refusals = 6
  const house = await open({
    batch: 2,
    commit: async (commit, real) => {
      if (refusals > 0 && commit.cursor > 2) {
        refusals -= 1
        throw new StoreUnavailable('committing: away')
      }
      return real(commit)
    },
  })
  for (const minutes of [-9, -8, -7, -5]) await house.send('da', at(minutes, { water_level: 1 }))
  await house.carryAll()
  expect(house.waits).toEqual([750, 1500, 3000, 6000, 7500, 7500])
  expect(house.errors.map((error) => error.code)).toEqual(Array.from({ length: 6 }, () => 'store-unavailable'))
  expect(house.committed.map(({ commit, rows }) => [commit, rows.length])).toEqual([
    [1, 2],
    [2, 2],
  ])
  expect((await stored(house.store)).length).toBe(4)
  expect(house.pipeline.figures()).toMatchObject({ failures: 0, lastFailure: null, stored: 4 })
  await house.pipeline.stop()
})

test('from a refusal by the store until what has piled up is carried, the pipeline is catching up', async () => {
  const seen: boolean[] = []
  let isAway = true
  const house: House = await open({
    batch: 2,
    commit: async (commit, real) => {
      seen.push(house.pipeline.figures().isCatchingUp)
      if (!isAway || commit.cursor < 4) return real(commit)
      isAway = false
      throw new StoreUnavailable('committing: away')
    },
  })
  for (const minutes of [-9, -8, -7, -6, -5, -4, -3, -2, -1]) await house.send('da', at(minutes, { water_level: 1 }))
  await house.carryAll()
  expect(seen).toEqual([false, false, true, true, true, false])
  expect(house.pipeline.figures().isCatchingUp).toBe(false)
  // it rests after each batch of what has piled up; the first wait is for the store
  expect(house.story.map((what) => what.split(' ')[0])).toEqual(['commit', 'wait', 'commit', 'commit', 'wait', 'commit', 'commit'])
  await house.pipeline.stop()
})

test('a store that is away while the batch is being judged leaves nothing behind', async () => {
  let refusals = 3
  const store = createMemoryStore()
  const house = await open({
    store,
    batch: 3,
    telemetry: {
      existing: async (keys) => {
        if (refusals-- > 0) throw new StoreUnavailable('looking up keys: away')
        return store.telemetry.existing(keys)
      },
    },
  })
  for (const [minutes, level] of [-20, -15, -10, -15, -12, -5].entries()) await house.send('da', at(level, { water_level: minutes }))
  await house.carryAll()
  expect(house.waits).toHaveLength(3)
  expect((await store.ledger.counts()).map(sums)).toEqual([[6, 5, 1, 0, 0]])
  await house.pipeline.stop()
})

test('a commit whose answer was lost is not made twice', async () => {
  let lost = 1
  const house = await open({
    commit: async (commit, real) => {
      const number = await real(commit)
      if (lost-- > 0) throw new StoreUnavailable('committing: the answer was lost')
      return number
    },
  })
  await house.send('da', at(-5, { water_level: 1 }))
  await house.carryAll()
  expect((await house.store.ledger.counts()).map(sums)).toEqual([[1, 1, 0, 0, 0]])
  expect(house.committed).toMatchObject([{ commit: 1, rows: [{ value: 1 }] }])
  await house.pipeline.stop()
})

test('after a failed commit, what has come since is carried behind it, and the batch is not judged twice', async () => {
  let refusals = 1
  const house = await open({
    commit: async (commit, real) => {
      if (refusals-- > 0) {
        await house.send('da', at(-4, { water_level: 1.01 }))
        throw new StoreUnavailable('committing: away')
      }
      return real(commit)
    },
  })
  await house.send('da', at(-5, { water_level: 1 }))
  house.pipeline.start()
  await house.pipeline.reached(2)
  expect((await house.store.ledger.counts()).map(sums)).toEqual([[2, 2, 0, 0, 0]])
  expect(house.committed).toHaveLength(2)
  await house.pipeline.stop()
})

test('a delivery that cannot be stored is put aside alone, and the rest of its batch goes on', async () => {
  const house = await open({
    commit: async (commit, real) => {
      if (commit.rows.some((row) => row.value === 666)) throw new TypeError('cannot take 666')
      return real(commit)
    },
  })
  for (let i = 0; i < 40; i++) await house.send(i % 2 ? 'da' : 'db', at(i - 45, { water_level: i === 23 ? 666 : 1 }))
  await house.carryAll()
  expect((await house.store.ledger.counts()).map((count) => [count.device, ...sums(count)]).sort()).toEqual([
    ['da', 20, 19, 0, 0, 1],
    ['db', 20, 20, 0, 0, 0],
  ])
  expect(await house.store.ledger.quarantine({ limit: 5 })).toMatchObject([{ delivery: 24, reason: 'wrong-shape' }])
  expect(house.errors).toMatchObject([{ code: 'delivery-failed' }])
  expect((await stored(house.store)).every(([, , , flag]) => flag === 1)).toBe(true)
  await house.pipeline.stop()
})

test('a delivery that makes the decoding throw is put aside alone', async () => {
  const broken = new Map(fleet.devices)
  broken.get = (id) => {
    if (id === 'db') throw new TypeError('no such thing')
    return fleet.devices.get(id)
  }
  const house = await openHouse({ ...fleet, devices: broken })
  await house.send('da', at(-5, { water_level: 1 }))
  await house.send('db', at(-5, { water_level: 1, ph: 7 }))
  await house.send('da', at(-4, { water_level: 1 }))
  await house.carryAll()
  expect((await house.store.ledger.counts()).map((count) => [count.device, ...sums(count)])).toEqual([
    ['da', 2, 2, 0, 0, 0],
    ['db', 1, 0, 0, 0, 1],
  ])
  expect(house.pipeline.figures().deliveryFailures).toBe(1)
  await house.pipeline.stop()
})

test('a store that refuses even the quarantine of a delivery is waited for', async () => {
  let broken = 4
  const house = await open({
    commit: async (commit, real) => {
      if (broken-- > 0) throw new Error('out of sorts')
      return real(commit)
    },
  })
  await house.send('da', at(-5, { water_level: 1 }))
  await house.carryAll()
  expect(house.waits).toHaveLength(2)
  expect((await house.store.ledger.counts()).map(sums)).toEqual([[1, 1, 0, 0, 0]])
  expect(house.errors.map((error) => error.code)).toContain('pipeline-failed')
  await house.pipeline.stop()
})

test('a listener that throws is told of, and nothing is carried twice or put aside', async () => {
  const house = await open({
    onCommitted: () => {
      throw new TypeError('not listening')
    },
  })
  await house.send('da', at(-5, { water_level: 1 }))
  await house.carryAll()
  expect((await house.store.ledger.counts()).map(sums)).toEqual([[1, 1, 0, 0, 0]])
  expect(house.errors).toMatchObject([{ code: 'pipeline-failed' }])
  expect(house.waits).toEqual([])
  await house.pipeline.stop()
})

const tick = (house: House, topic: string, when: number): Promise<void> =>
  house.send('clock', { at: when }, { source: 'tick', topic, receivedAt: t0 })

test('ticks move the clocks and count nothing; clocks never go back and outlive a restart', async () => {
  const house = await open()
  await tick(house, 'wall', t0 + 5)
  await tick(house, 'wall', t0 + 3)
  await tick(house, 'run/r', 1_600_000_000_000)
  await house.carryAll()
  await house.pipeline.stop()
  expect(house.committed.flatMap(({ watermarks }) => watermarks)).toEqual([
    { run: null, at: t0 + 5, steps: [[1, t0 + 5]] },
    { run: 'r', at: 1_600_000_000_000, steps: [[3, 1_600_000_000_000]] },
  ])
  expect(await house.store.ledger.counts()).toEqual([])
  const again = await open({ store: house.store, journal: house.journal })
  await again.send('ds', { at: 1_600_000_000_000 - 30 * 3_600_000, values: { water_level: 1 } })
  await again.send('ds', { at: 1_600_000_000_000 + 1, values: { water_level: 1 } })
  await again.send('ds', { at: 1_600_000_000_000 - 25 * 3_600_000, values: { water_level: 1 } })
  await again.carryAll()
  expect(again.committed).toMatchObject([
    { rows: [{ run: 'r', arrival: 'next' }, { arrival: 'next' }, { arrival: 'late' }], watermarks: [{ run: 'r', at: 1_600_000_000_001 }] },
  ])
  expect(await house.store.ledger.counts()).toMatchObject([{ device: 'ds', received: 3, stored: 3, late: 1 }])
  await again.pipeline.stop()
})

test('a run that was taken away and made again begins with a clock of its own', async () => {
  let current = fleet
  const house = await open({ fleet: () => current })
  await house.send('ds', at(0, { water_level: 1 }))
  await house.carryAll()
  current = createFleet(fleet.networks.filter(({ run }) => run === null))
  await house.send('da', at(0, { water_level: 1 }))
  await house.carryAll()
  current = createFleet(fleet.networks)
  await house.store.telemetry.dropRun(runId('r'))
  await house.send('ds', [at(-3 * 24 * 60, { water_level: 1 }), at(-3 * 24 * 60 - 5, { water_level: 1 })])
  await house.carryAll()
  expect(house.committed.at(-1)).toMatchObject({
    rows: [{ arrival: 'next' }, { arrival: 'inserted' }],
    watermarks: [{ run: 'r', at: t0 - 3 * 24 * 60 * minute }],
  })
  await house.pipeline.stop()
})

test('a real reading is late by the moment it came in', async () => {
  const house = await open()
  const day = 24 * 60
  await house.send('da', at(-5, { water_level: 1 }))
  await house.send('da', at(-day, { water_level: 1 }))
  await house.send('da', at(-day - 1, { water_level: 1 }))
  await house.carryAll()
  expect(house.committed.flatMap(({ rows }) => rows.map((row) => row.arrival))).toEqual(['next', 'inserted', 'late'])
  await house.pipeline.stop()
})

test('a steady trickle shares its transactions, and the first reading after a silence goes at once', async () => {
  const house = await open({ gather: '20ms' })
  await house.send('da', at(-5, { water_level: 1 }))
  await house.carryAll()
  for (let i = 0; i < 3; i++) await house.send('da', at(-4 + i, { water_level: 1 }))
  await house.carryAll()
  await house.pipeline.stop()
  expect(house.story.join(', ')).toMatch(/^commit, wait 20(, commit, wait 20)*$/)
})

test('a device without a clock is observed when it is heard, and the row says so', async () => {
  const house = await open()
  await house.send('lazy', { values: { water_level: 1 } })
  await house.send('lazy', { ph: 7 }, { topic: 'v1/devices/me/telemetry' })
  await house.carryAll()
  expect(house.committed[0]?.rows.map(({ observedAt, tests }) => [observedAt, tests])).toEqual([
    [t0, 32],
    [t0, 32],
  ])
  await house.pipeline.stop()
})

test('damaged blocks of the journal are told and the cursor goes over them', async () => {
  const journal = createMemoryJournal()
  const read = journal.read.bind(journal)
  journal.read = async (after, limit) => {
    const batch = await read(after, limit)
    return batch === null
      ? null
      : { ...batch, deliveries: batch.deliveries.filter(({ number }) => number > 2), damaged: [{ first: 1, last: 2 }] }
  }
  const house = await open({ journal })
  for (let i = 0; i < 3; i++) await house.send('da', at(i - 5, { water_level: 1 }))
  await house.carryAll()
  expect(house.errors).toMatchObject([{ code: 'journal-damaged', message: expect.stringContaining('1 to 2') as unknown }])
  expect(house.pipeline.figures()).toMatchObject({ damaged: 2, stored: 1, cursor: 3 })
  await house.pipeline.stop()
})

test('it stops between two batches and takes up where it was', async () => {
  const house = await open({ batch: 1 })
  for (let i = 0; i < 5; i++) await house.send('da', at(i - 10, { water_level: 1 }))
  house.pipeline.start()
  await house.pipeline.reached(2)
  await house.pipeline.stop()
  const reached = house.store.ledger.cursor()
  const again = await open({ store: house.store, journal: house.journal })
  await again.carryAll()
  await again.pipeline.stop()
  expect(reached).toBeLessThan(5)
  expect(await stored(house.store)).toHaveLength(5)
})

test('a setting that is no length of time is refused by name', async () => {
  await expect(open({ gather: 'soon' })).rejects.toMatchObject({
    code: 'setting-invalid',
    message: expect.stringContaining('ingest.gather') as unknown,
  })
})
