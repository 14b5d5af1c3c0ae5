import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { createFleet } from '../domain/fleet.ts'
import { increment, withCounts } from './counters.ts'
import { openHouse, receivedAt, type House } from './testing/house.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'

const gauge = sensorOf('s', 'rainfall', { from: 'counter', perTip: 0.5, modulus: 1000, latenessMs: 1e15 })
const fleet = createFleet([networkOf('n', [stationOf('s', [gauge])], [deviceOf('d', ['s'])])])
const counts = withCounts(fleet).counts.get(gauge.id)

test('increments of a counter: growth, roll-over, reset', () => {
  const run = (values: number[], perTip: number, modulus: number | null): number[] =>
    values.map((value, i) => Math.round(increment(values[i - 1] ?? null, value, { perTip, modulus }) * 1e9) / 1e9)
  expect(run([250, 255, 3, 10, 0, 4], 0.2, 256)).toEqual([0, 1, 0.8, 1.4, 0, 0.8])
  expect(run([5, 3], 1, null)).toEqual([0, 3])
})

/** Sends counts at so many minutes, one delivery each, and reads both series back. */
async function carry(house: House, given: readonly (readonly [minutes: number, count: number | null])[]): Promise<void> {
  for (const [minutes, count] of given) await house.send('d', { at: receivedAt + (minutes - 1000) * 60_000, values: { rainfall: count } })
  await house.carryAll()
  await house.pipeline.stop()
}

async function series(house: House): Promise<{ counts: unknown[]; rain: unknown[] }> {
  const read = async (id: typeof gauge.id): Promise<unknown[]> => {
    const rows = await house.store.telemetry.range({ series: [id], from: 0, to: 1e15 })
    return rows.map((row) => [Math.round((row.observedAt - receivedAt) / 60_000) + 1000, row.value, row.flag])
  }
  return { counts: await read(counts?.id ?? gauge.id), rain: await read(gauge.id) }
}

test('a count is stored as sent, its increment is derived, and only the count is counted', async () => {
  const house = await openHouse(fleet)
  await carry(house, [
    [0, 990],
    [5, 992],
    [10, null],
    [15, 2],
  ])
  expect(await series(house)).toEqual({
    counts: [
      [0, 990, 1],
      [5, 992, 1],
      [10, null, 9],
      [15, 2, 1],
    ],
    rain: [
      [0, 0, 1],
      [5, 1, 1],
      [10, null, 9],
      [15, 5, 1],
    ],
  })
  expect(await house.store.ledger.counts()).toMatchObject([{ received: 4, stored: 4, versions: 0, duplicate: 0, quarantined: 0 }])
  expect(house.pipeline.figures().judged).toBe(0)
})

test('a count that comes late changes the increment behind it, as a new version', async () => {
  const before = await openHouse(fleet)
  await carry(before, [
    [0, 10],
    [10, 14],
  ])
  const house = await openHouse(fleet, { store: before.store, journal: before.journal })
  await carry(house, [[5, 11]])
  expect((await series(house)).rain).toEqual([
    [0, 0, 1],
    [5, 0.5, 1],
    [10, 1.5, 1],
  ])
  const versions = await house.store.telemetry.versions({ series: gauge.id, observedAt: receivedAt + (10 - 1000) * 60_000 })
  expect(versions.map(({ version, value, delivery }) => [version, value, delivery])).toEqual([
    [1, 2, 2],
    [2, 1.5, 3],
  ])
})

test('in whatever order and batches the counts come, the increments are the same', async () => {
  const given = fc.uniqueArray(fc.tuple(fc.nat(60), fc.option(fc.nat(999), { freq: 8 })), {
    selector: ([step]) => step,
    minLength: 1,
    maxLength: 25,
  })
  const shuffled = given.chain((all) =>
    fc.tuple(
      fc.constant(all.map(([step, count]) => [step * 5, count] as const)),
      fc.shuffledSubarray(
        all.map((_, i) => i),
        { minLength: all.length, maxLength: all.length },
      ),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(25),
    ),
  )
  await fc.assert(
    fc.asyncProperty(shuffled, async ([all, order, batch, cut]) => {
      const inOrder = await openHouse(fleet)
      await carry(
        inOrder,
        [...all].sort(([a], [b]) => a - b),
      )
      const mixed = order.map((i) => all[i] ?? ([0, null] as const))
      const first = await openHouse(fleet, { batch })
      await carry(first, mixed.slice(0, cut))
      const second = await openHouse(fleet, { batch, store: first.store, journal: first.journal })
      await carry(second, mixed.slice(cut))
      expect(await series(second)).toEqual(await series(inOrder))
    }),
    { numRuns: 150 },
  )
})
