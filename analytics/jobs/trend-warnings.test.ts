import { expect, test } from '@jest/globals'
import { createMemoryStore } from '../../store/memory.ts'
import { keptVersions, SmallPipeline, watchOver, type Sent } from '../testing/pipeline.ts'
import { dawn, fleetOf, hour, minute, networkWith, ruleOf, sensorAt, stationWith } from '../testing/places.ts'

const ammonia = sensorAt('lake', 'ammonia_nitrogen', { everyMs: 30 * minute, stages: new Map([['class3', 1]]) })
const rule = ruleOf('trend', { parameter: ammonia.parameter.key })
const fleet = fleetOf(networkWith([stationWith('lake', [ammonia])], [rule], 'r1'))
const run = fleet.networks[0]?.run ?? null

const noise = (i: number): number => (((i * 7919) % 17) - 8) / 1000
/** Half-hourly values: a level stretch, a rise, a level stretch, then silence with the clock going on. */
const readings: Sent[] = Array.from({ length: 400 }, (_, i) => {
  const risen = Math.min(Math.max(0, i - 60), 160)
  return { series: ammonia.id, at: dawn + i * 30 * minute, value: 0.4 + 0.0015 * risen + noise(i) }
})

async function watched(size: number, restartEvery = Infinity) {
  const pipeline = new SmallPipeline(createMemoryStore())
  let { watch } = watchOver(pipeline.store, () => fleet)
  await watch.start()
  let count = 0
  for (let first = 0; first < readings.length; first += size) {
    const batch = readings.slice(first, first + size)
    const commit = await pipeline.commit(batch, [{ run, at: batch.at(-1)?.at ?? 0 }], 'r1')
    if (commit) await watch.consume(commit)
    count += 1
    if (count % restartEvery === 0) {
      watch = watchOver(pipeline.store, () => fleet).watch
      await watch.start()
    }
  }
  const end = await pipeline.commit([], [{ run, at: dawn + 300 * hour }])
  if (end) await watch.consume(end)
  return keptVersions(pipeline.store)
}

test('a trend is raised with the time it has left and ends when two tests running do not find it', async () => {
  const [versions, ...others] = await watched(2)
  expect(others).toEqual([])
  expect(versions?.map(({ state, level, kind }) => `${state} ${level} ${kind}`)).toEqual(['active blue trend', 'cleared blue trend'])
  const [raised, cleared] = versions ?? []
  expect(raised?.run).toBe('r1')
  expect(raised?.evidence.figures['timeToThresholdMs']).toBeGreaterThan(0)
  expect(raised?.why.en).toMatch(
    /^Raised because the ammonia nitrogen rose by 0\.00\d+ mg\/L an hour over 3 d .* Expected to pass 1\.00 mg\/L at 2026-/,
  )
  expect(raised?.onset).toBe(raised?.raisedAt)
  expect((raised?.onset ?? 0) % hour).toBe(0)
  expect(cleared?.endedAt).toBeGreaterThan(dawn + 110 * hour)
})

test('in any batches and over any restarts the same hours are judged in the same way', async () => {
  const expected = await watched(2)
  for (const size of [1, 7, 40, 400]) expect(await watched(size)).toEqual(expected)
  expect(await watched(7, 3)).toEqual(expected)
})
