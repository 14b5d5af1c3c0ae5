import { expect } from '@jest/globals'
import { createFleet } from '../domain/fleet.ts'
import { readNetwork } from '../domain/network-load.ts'
import { openHouse, receivedAt, type House } from '../ingest/testing/house.ts'
import { StoreUnavailable } from '../store/errors.ts'
import type { Store } from '../store/ports/store.ts'
import { onEachStore } from '../testing/each-store.ts'
import { riverNetwork } from '../testing/river-network.ts'

const minute = 60_000
const fleet = createFleet([readNetwork(riverNetwork(2), { file: null, run: null })])

/** Back-fill of one night, sent again with a jump taken back beyond the lateness of a day, and more of the night behind it. */
const deliveries = [
  [-1505, 1],
  [-1500, 1.01],
  [-1495, 9],
  [-1495, 1.02],
  [-1490, 1.03],
  [-1500, 5],
  [-1485, 1.04],
  [-1480, 1.05],
  [-1200, 1],
  [-1205, 1],
  [-1480, 9],
  [-1195, 1.02],
].map(([at = 0, level]) => ({ at: receivedAt + at * minute, values: { water_level: level } }))

async function readings({ store }: House): Promise<unknown> {
  const rows = await store.telemetry.range({ series: [...fleet.sensors.keys()], from: 0, to: 1e15 })
  return rows.map(({ observedAt, value, flag, tests }) => [(observedAt - receivedAt) / minute, value, flag, tests])
}

async function counted({ store }: House): Promise<unknown> {
  return (await store.ledger.counts()).map(({ device, received, stored, versions, late }) => [device, received, stored, versions, late])
}

/** What stands when each delivery is a batch of its own. */
async function oneByOne(): Promise<{ readings: unknown; counted: unknown }> {
  const house = await openHouse(fleet)
  for (const one of deliveries) {
    await house.send('logger-1', one)
    await house.carryAll()
  }
  await house.pipeline.stop()
  return { readings: await readings(house), counted: await counted(house) }
}

/** All of them in batches of some size, with a process that ends at one of its commits, before or behind it. */
async function throughABreak(open: () => Promise<Store>, batch: number, end: { at: number; isMade: boolean }): Promise<void> {
  const expected = await oneByOne()
  let commits = 0
  const store = await open()
  const first = await openHouse(fleet, {
    store,
    batch,
    commit: async (commit, real) => {
      commits += 1
      if (commits === end.at && end.isMade) await real(commit)
      if (commits < end.at) return real(commit)
      void first.pipeline.stop()
      throw new StoreUnavailable('committing: the process is gone')
    },
  })
  for (const one of deliveries) await first.send('logger-1', one)
  first.pipeline.start()
  await first.pipeline.reached(deliveries.length)
  await first.pipeline.stop()
  await store.close()
  const again = await openHouse(fleet, { batch, store: await open(), journal: first.journal })
  await again.carryAll()
  await again.pipeline.stop()
  expect(await readings(again)).toEqual(expected.readings)
  expect(await counted(again)).toEqual(expected.counted)
  await again.store.close()
}

const breaks = [1, 2, 3].flatMap((at) => [false, true].map((isMade) => ({ at, isMade })))

onEachStore('a late revision among others of a batch gives the flags of one by one, also when the process ends between', async (make) => {
  for (const batch of [5, 8_000]) for (const one of breaks) if (batch === 5 || one.at < 3) await throughABreak(await make(), batch, one)
})
