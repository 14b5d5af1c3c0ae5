import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { RuleDefinition } from '../domain/network.ts'
import { testBits } from '../domain/quality-tests.ts'
import type { Warning } from '../domain/warning.ts'
import { createMemoryStore } from '../store/memory.ts'
import { keptVersions, SmallPipeline, watchOver, type Sent } from './testing/pipeline.ts'
import { dawn, fleetOf, hour, minute, networkWith, ruleOf, sensorAt, stationWith } from './testing/places.ts'

const level = sensorAt('qingxi', 'water_level')
const rain = sensorAt('qingxi', 'rainfall')
const rules: RuleDefinition[] = [
  ruleOf('threshold', {
    parameter: level.parameter.key,
    levels: { yellow: 3, orange: 3.5, red: 4 },
    settings: { holdMs: 10 * minute, deadband: 0.1, clearAfterMs: 10 * minute },
  }),
  ruleOf('threshold', {
    id: 'counted' as RuleDefinition['id'],
    parameter: level.parameter.key,
    levels: { blue: 2.8 },
    settings: { onCount: 2, offCount: 2 },
  }),
  ruleOf('threshold', {
    id: 'believing' as RuleDefinition['id'],
    parameter: level.parameter.key,
    levels: { blue: 3.2 },
    trusts: [1, 2, 3],
    settings: { holdMs: 15 * minute },
  }),
  ruleOf('rate-of-rise', { parameter: level.parameter.key, levels: { yellow: 1, orange: 2 }, settings: { clearAfterMs: 10 * minute } }),
  ruleOf('rain-accumulation', {
    parameter: rain.parameter.key,
    levels: { yellow: 10, orange: 20 },
    settings: { hours: { yellow: 1, orange: 3 } },
  }),
]
const fleet = fleetOf(networkWith([stationWith('qingxi', [level, rain])], rules))

/** A water that rises and falls, sometimes doubtful, sometimes missing. */
const readingsOf = (minLength: number, maxLength: number) =>
  fc
    .array(
      fc.record({
        step: fc.integer({ min: 1, max: 3 }),
        change: fc.double({ min: -0.5, max: 0.6, noNaN: true }),
        wet: fc.integer({ min: 0, max: 6 }),
        flag: fc.constantFrom(1, 1, 1, 1, 1, 2, 3, 4, 9, 13),
      }),
      { minLength, maxLength },
    )
    .map((steps) => {
      let [at, height] = [dawn, 2.8]
      return steps.flatMap(({ step, change, wet, flag }): Sent[] => {
        at += step * 5 * minute
        height = Math.min(5, Math.max(2, Math.round((height + change) * 100) / 100))
        const isFast = flag === 13
        const said = isFast ? 3 : (flag as 1 | 2 | 3 | 4 | 9)
        return [
          { series: level.id, at, value: flag === 9 ? null : height, flag: said, tests: isFast ? testBits(['rate_of_change']) : 0 },
          { series: rain.id, at, value: wet > 4 ? wet : 0 },
        ]
      })
    })

const readings = readingsOf(5, 60)

/** What is the same in any order: everything but the number of versions, what depends on when it came, and what was withdrawn. */
function essence(versions: readonly (readonly Warning[])[]): unknown[] {
  return versions.flatMap((each) => {
    const last = each.at(-1)
    if (!last || last.state === 'expired') return []
    const { version: _version, replaces: _replaces, marks: _marks, changedAt: _changedAt, decided: _decided, timeline, ...rest } = last
    return [{ ...rest, timeline: timeline.filter(({ what }) => !['blind', 'seen-again'].includes(what)) }]
  })
}

async function carried(batches: readonly (readonly Sent[])[], config = {}): Promise<Warning[][]> {
  const pipeline = new SmallPipeline()
  const { watch } = watchOver(pipeline.store, () => fleet, config)
  await watch.start()
  for (const batch of batches) {
    const commit = await pipeline.commit(batch)
    if (commit) await watch.consume(commit)
  }
  await watch.stop()
  return keptVersions(pipeline.store)
}

/** Cuts a list into batches of the given sizes, round and round. */
function cut<Item>(list: readonly Item[], sizes: readonly number[]): Item[][] {
  const batches: Item[][] = []
  for (let at = 0, turn = 0; at < list.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    batches.push(list.slice(at, at + size))
    at += size
  }
  return batches
}

const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })

/** The list in an order given by random keys. */
const shuffled = <Item>(list: readonly Item[], keys: readonly number[]): Item[] =>
  list
    .map((item, i) => ({ item, key: keys[i % keys.length] ?? 0, i }))
    .sort((a, b) => a.key - b.key || a.i - b.i)
    .map(({ item }) => item)

test('the same readings in any order of arrival and any batches give the same warnings', async () => {
  let raised = 0
  await fc.assert(
    fc.asyncProperty(readings, fc.array(fc.nat(1000), { minLength: 7, maxLength: 200 }), sizes, async (list, keys, batches) => {
      const inOrder = await carried([list])
      const disordered = await carried(cut(shuffled(list, keys), batches))
      raised += inOrder.length
      expect(essence(disordered)).toEqual(essence(inOrder))
    }),
    { numRuns: 100 },
  )
  expect(raised).toBeGreaterThan(100)
})

test('in order, any batches give the very same versions', async () => {
  await fc.assert(
    fc.asyncProperty(readings, sizes, async (list, batches) => {
      expect(await carried(cut(list, batches))).toEqual(await carried(list.map((reading) => [reading])))
    }),
    { numRuns: 60 },
  )
})

test('corrections and later judgements give the warnings of what is true in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      readings,
      readings,
      fc.array(fc.nat(1000), { minLength: 7, maxLength: 200 }),
      sizes,
      async (list, wrong, keys, batches) => {
        const first = list.map((reading, i) => (i % 3 === 0 ? { ...reading, ...pick(wrong[i % wrong.length]) } : reading))
        const later = list.filter((_, i) => i % 3 === 0)
        const end = await carried([...cut(shuffled(first, keys), batches), ...cut(shuffled(later, [...keys].reverse()), batches)])
        expect(essence(end)).toEqual(essence(await carried([list])))
      },
    ),
    { numRuns: 100 },
  )
})

const pick = (reading: Sent | undefined): Pick<Sent, 'value' | 'flag' | 'tests'> => ({
  value: reading?.value ?? null,
  flag: reading?.value === null || reading === undefined ? 9 : (reading.flag ?? 1),
  tests: reading?.tests ?? 0,
})

test('a watch with little memory reads back from the store and says the same in the end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(...[1, 2, 3, 4].map(() => readingsOf(15, 22))),
      fc.array(fc.nat(1000), { minLength: 7, maxLength: 300 }),
      sizes,
      async (parts, keys, batches) => {
        const list = parts.flatMap((part, i) => part.map((reading) => ({ ...reading, at: reading.at + i * 5.6 * hour })))
        const little = await carried(cut(shuffled(list, keys), batches), { samplesPerSeries: 64 })
        expect(essence(little)).toEqual(essence(await carried([list])))
      },
    ),
    { numRuns: 40 },
  )
})

/** Commits all batches first, then lets a watch take them, killed or stopped behind some of them. */
async function restarted(
  batches: readonly (readonly Sent[])[],
  cuts: ReadonlySet<number>,
  way: 'kill' | 'stop',
  ahead: boolean,
): Promise<Warning[][]> {
  const pipeline = new SmallPipeline(createMemoryStore())
  await pipeline.store.ledger.readerCursor('analytics')
  await pipeline.store.ledger.readerCursor('analytics-warnings')
  let { watch } = watchOver(pipeline.store, () => fleet)
  await watch.start()
  const commits = []
  for (const [i, batch] of batches.entries()) {
    const commit = await pipeline.commit(batch, [{ run: null, at: dawn + i * 7 * minute }])
    if (!commit) continue
    commits.push(commit)
    if (ahead) continue
    await watch.consume(commit)
    if (cuts.has(i)) watch = await again(watch)
  }
  if (ahead)
    for (const [i, commit] of commits.entries()) {
      await watch.consume(commit)
      if (cuts.has(i)) watch = await again(watch)
    }
  await watch.stop()
  return keptVersions(pipeline.store)

  async function again(before: typeof watch): Promise<typeof watch> {
    if (way === 'stop') await before.stop()
    const next = watchOver(pipeline.store, () => fleet).watch
    await next.start()
    return next
  }
}

test('killed, stopped and started at any commit, the warnings are the very same, version by version', async () => {
  const cutsAt = fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(
      readings,
      fc.array(fc.nat(1000), { minLength: 7, maxLength: 200 }),
      fc.constantFrom('kill' as const, 'stop' as const),
      fc.boolean(),
      fc.boolean(),
      cutsAt,
      async (list, keys, way, isShuffled, isAhead, cuts) => {
        const batches = cut(isShuffled ? shuffled(list, keys) : list, [5, 9])
        const uncut = await restarted(batches, new Set(), 'stop', false)
        expect(await restarted(batches, new Set(cuts), way, isAhead)).toEqual(uncut)
      },
    ),
    { numRuns: 1000 },
  )
})
