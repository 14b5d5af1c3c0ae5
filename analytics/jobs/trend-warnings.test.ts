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
  expect(versions?.map(({ state, level, kind }) => `${state} ${level} ${kind}`)).toEqual([
    'active blue trend',
    'active blue trend',
    'cleared blue trend',
  ])
  const [raised, revised, cleared] = versions ?? []
  expect(revised?.raisedAt).toBe(raised?.raisedAt)
  expect(revised?.timeline.map(({ what }) => what)).toEqual(['crossed', 'raised', 'revised'])
  expect(revised?.why.en).toMatch(/^Revised, for the ammonia nitrogen rose by .* Expected to pass 1\.00 mg\/L at 2026-/)
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

/** A river that rises toward its stage and is cut off before the trend is told; what it measured meanwhile comes out of its memory. */
const river = sensorAt('brook', 'water_level', { everyMs: 15 * minute, stages: new Map([['warning', 3]]) })
const overRiver = fleetOf(
  networkWith([stationWith('brook', [river])], [ruleOf('trend', { parameter: river.parameter.key, settings: { least: 8 } })], 'r1'),
)

/** What comes, one number each: a reading, or a tick of the clock of the run. */
type Coming = { reading: Sent } | { tick: number }

function cutOff(goneFrom: number, backAt: number): Coming[] {
  const reading = (step: number): Coming => ({
    reading: { series: river.id, at: dawn + step * 15 * minute, value: 1 + 0.02 * Math.max(0, step - 24) },
  })
  const steps = Array.from({ length: 64 }, (_, step) => step)
  return steps.flatMap((step) => {
    const isCut = step > goneFrom && step < backAt
    const memory = step === backAt ? steps.slice(goneFrom + 1, backAt).map(reading) : []
    return [...memory, ...(isCut ? [] : [reading(step)]), { tick: dawn + step * 15 * minute }]
  })
}

/** Carries it in commits that end at these places, and where the jobs of an hour are due (as the pipeline's do). */
async function carriedIn(coming: readonly Coming[], endsAt: (place: number) => boolean): Promise<string[]> {
  const pipeline = new SmallPipeline()
  const { watch } = watchOver(pipeline.store, () => overRiver)
  await watch.start()
  const hoursDone = (at: number): number => Math.floor((at - 5 * minute) / hour)
  let [clock, from] = [-Infinity, 0]
  for (const [place, what] of coming.entries()) {
    const isDue = 'tick' in what && clock > -Infinity && hoursDone(what.tick) > hoursDone(clock)
    if ('tick' in what) clock = what.tick
    if (!isDue && !endsAt(place) && place < coming.length - 1) continue
    const part = coming.slice(from, place + 1).map((each, i) => ({ each, delivery: from + i + 1 }))
    const steps = part.flatMap(({ each, delivery }) => ('tick' in each ? [[delivery, each.tick] as const] : []))
    const sent = part.flatMap(({ each, delivery }) => ('tick' in each ? [] : [{ ...each.reading, delivery }]))
    from = place + 1
    const commit = await pipeline.commit(sent, steps.length === 0 ? [] : [{ run, at: clock, steps }], 'r1')
    if (commit) await watch.consume(commit)
  }
  const kept = await keptVersions(pipeline.store)
  return kept.flat().map(({ state, changedAt, marks, evidence }) => {
    const at = (changedAt - dawn) / minute
    return `${state}${marks.blind ? ' blind' : ''} at ${at} on ${evidence.value?.toFixed(3)}`
  })
}

test('a trend told just while its gauge is cut off is blind meanwhile, wherever commits end', async () => {
  const blind = new Set<string>()
  for (const goneFrom of [44, 45, 46, 48])
    for (const backAt of [49, 50, 51, 54]) {
      const coming = cutOff(goneFrom, backAt)
      const each = await carriedIn(coming, () => true)
      for (const line of each) if (line.includes('blind')) blind.add(line)
      for (const size of [2, 5, 11, 1000])
        expect({ size, goneFrom, backAt, told: await carriedIn(coming, (place) => place % size === size - 1) }).toEqual({
          ...{ size, goneFrom, backAt },
          told: each,
        })
    }
  expect([...blind].sort()).toEqual([720, 735, 765].map((at) => `active blind at ${at} on 1.470`))
}, 60_000)
