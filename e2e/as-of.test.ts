import { expect } from '@jest/globals'
import { amendmentTopics } from '../domain/amendment.ts'
import { createFleet } from '../domain/fleet.ts'
import { sensorId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import { createRepairDesk } from '../ingest/repair-desk.ts'
import { openHouse, receivedAt, type House } from '../ingest/testing/house.ts'
import { readPoint } from '../store/influx/read-point.ts'
import { onEachStore } from '../testing/each-store.ts'
import { riverNetwork } from '../testing/river-network.ts'
import { turnsIn } from '../ingest/testing/turns.ts'

const minute = 60_000
const fleet = createFleet([readNetwork(riverNetwork(1), { file: null, run: null })])
const series = sensorId('gauge-1' as never, 'water_level' as never, 1)

type Told = [observedAt: number, value: number | null, flag: number, tests: number]

async function read({ store }: House, asOf?: number): Promise<Told[]> {
  const rows = await store.telemetry.range({ series: [series], from: 0, to: 1e15, ...(asOf !== undefined && { asOf }) })
  return rows.map(({ observedAt, value, flag, tests }) => [(observedAt - receivedAt) / minute, value, flag, tests])
}

/** Minutes at which each reading is of, and its level: with a jump, back-fill around it, a revision, and what nobody can read. */
const night: (readonly [at: number, level: number | string])[] = [
  [-60, 1],
  [-55, 1.01],
  [-50, 4],
  [-45, 1.02],
  [-40, 1.03],
  [-52, 2.6],
  [-48, 2.6],
  [-50, 1.02],
  [-35, 5],
  [-30, '5,1 m'],
  [-25, 1.03],
  [-20, 1.04],
]

onEachStore('what the system said at a moment is read back to the flag', async (make) => {
  const open = await make()
  const house = await openHouse(fleet, { store: await open() })
  const said = new Map<number, Told[]>()
  let now = receivedAt - 20 * minute
  const noted = async (): Promise<void> => {
    await house.carryAll()
    said.set(now, await read(house))
    now += 90_000
  }
  for (const [at, level] of night) {
    await house.send('logger-1', { at: receivedAt + at * minute, values: { water_level: level } }, { receivedAt: now })
    await noted()
  }
  const correction = {
    kind: 'values',
    series,
    from: receivedAt - 35 * minute,
    to: receivedAt - 34 * minute,
    at: null,
    change: { set: 1.03 },
  }
  const by = { id: 'c-1', by: 'lin', reason: 'the gauge board was read' }
  await house.send('lin', { ...by, ...correction }, { source: 'correction', topic: amendmentTopics.amendment, receivedAt: now })
  await noted()
  const desk = createRepairDesk({
    turns: turnsIn(house),
    store: house.store,
    fleet: () => fleet,
    fieldCodecs: [],
    readPoint,
    maxSeries: 1_000,
    now: () => now,
    newId: () => 'r-1',
  })
  await desk.runAgain({}, { by: 'lin', reason: 'once more', dryRun: false })
  await noted()
  await house.pipeline.stop()

  expect(house.committed.flatMap(({ rows }) => rows.filter(({ arrival }) => arrival === 'judged')).length).toBeGreaterThan(3)
  const check = async (asked: House): Promise<void> => {
    for (const [at, told] of said) expect(await read(asked, at)).toEqual(told)
    for (const [at, told] of said) expect(await read(asked, at + 89_999)).toEqual(told)
  }
  await check(house)
  await house.store.close()
  const again = await openHouse(fleet, { store: await open() })
  await check(again)
  await again.store.close()
})
