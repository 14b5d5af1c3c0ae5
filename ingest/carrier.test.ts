import { expect, test } from '@jest/globals'
import { createFleet } from '../domain/fleet.ts'
import { runId } from '../domain/ids.ts'
import { openHouse, receivedAt } from './testing/house.ts'
import { deviceOf, networkOf, sensorOf, stationOf } from './testing/small-fleet.ts'

const [t0, minute] = [receivedAt, 60_000]
const station = stationOf('sim', [sensorOf('sim', 'water_level')], 'r')
const fleet = createFleet([networkOf('r', [station], [deviceOf('ds', ['sim'], { run: runId('r'), network: 'r' })], 'r')])

test('a commit ends with the delivery by which the jobs of a full hour are due, in whatever batches', async () => {
  const committedBy = async (batch: number): Promise<[rows: number[], clock: number | undefined][]> => {
    const house = await openHouse(fleet, { batch })
    for (const minutes of [0, 20, 40, 64, 66, 80, 100, 130, 186]) {
      const at = t0 + minutes * minute
      await house.send('ds', { at, values: { water_level: 1 + minutes / 1000 } })
      await house.send('clock', { at }, { source: 'tick', topic: 'run/r' })
    }
    await house.carryAll()
    await house.pipeline.stop()
    return house.committed.map(({ rows, watermarks }) => [
      rows.map(({ observedAt }) => (observedAt - t0) / minute),
      watermarks[0] && (watermarks[0].at - t0) / minute,
    ])
  }
  const whole: [number[], number][] = [
    [[0, 20], 20],
    [[40, 64, 66], 66],
    [[80, 100, 130], 130],
    [[186], 186],
  ]
  expect(await committedBy(8000)).toEqual(whole)
  for (const batch of [1, 4, 7]) {
    const commits = await committedBy(batch)
    const endings = commits.map(([, clock]) => clock)
    for (const [, clock] of whole) expect(endings).toContain(clock)
    expect(commits.flatMap(([rows]) => rows)).toEqual(whole.flatMap(([rows]) => rows))
  }
})
