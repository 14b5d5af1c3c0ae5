import { expect, test } from '@jest/globals'
import { warningId } from '../domain/ids.ts'
import { StoreUnavailable } from '../store/errors.ts'
import { createMemoryStore } from '../store/memory.ts'
import { SmallPipeline, testConfig, watchOver, type Sent } from './testing/pipeline.ts'
import { createWatch } from './watch.ts'
import { dawn, fleetOf, minute, networkWith, ruleOf, sensorAt, stationWith } from './testing/places.ts'

const level = sensorAt('qingxi', 'water_level')
const rule = ruleOf('threshold', {
  parameter: level.parameter.key,
  levels: { yellow: 3, orange: 4 },
  settings: { holdMs: 10 * minute, deadband: 0.1, clearAfterMs: 10 * minute },
})
const fleet = fleetOf(networkWith([stationWith('qingxi', [level])], [rule]))
const sent = (values: readonly number[], start = dawn): Sent[] =>
  values.map((value, i) => ({ series: level.id, at: start + i * 5 * minute, value }))

async function flooded(values: readonly number[] = [3.5, 3.5, 3.5]) {
  const pipeline = new SmallPipeline()
  const { watch, heard } = watchOver(pipeline.store, () => fleet)
  await watch.start()
  const send = async (batch: readonly Sent[], over = watch): Promise<void> => {
    const commit = await pipeline.commit(batch)
    if (commit) await over.consume(commit)
  }
  await send(sent(values))
  return { pipeline, watch, heard, send, id: heard[0]?.id ?? warningId('none') }
}

test('an officer takes a warning over: a new version that later ones keep; twice is once', async () => {
  const { watch, heard, send, id, pipeline } = await flooded()
  const acknowledged = await watch.acknowledge(id, 'duty desk', 'crew called', 42)
  expect(acknowledged).toMatchObject({
    version: 2,
    state: 'active',
    marks: { acknowledged: { by: 'duty desk', at: 42, note: 'crew called' } },
  })
  expect(acknowledged?.timeline).toContainEqual({
    at: 42,
    what: 'acknowledged',
    level: null,
    by: 'duty desk',
    words: { en: 'Acknowledged by duty desk: crew called.', zh: 'duty desk 已确认：crew called。' },
  })
  expect(await watch.acknowledge(id, 'somebody else', null, 43)).toEqual(acknowledged)
  await send(sent([4.5, 4.5, 4.5, 2, 2, 2], dawn + 15 * minute))
  expect(heard.map(({ version, state, marks }) => [version, state, marks.acknowledged?.by])).toEqual([
    [1, 'active', undefined],
    [2, 'active', 'duty desk'],
    [3, 'active', 'duty desk'],
    [4, 'cleared', 'duty desk'],
  ])
  expect(await pipeline.store.warnings.warningVersions(id)).toEqual(heard)
})

test('acknowledgements and versions of the watch come in one queue', async () => {
  const { watch, send, id, pipeline } = await flooded()
  await Promise.all([
    send(sent([4.5, 4.5, 4.5], dawn + 15 * minute)),
    watch.acknowledge(id, 'desk', null, 1),
    send(sent([2, 2, 2], dawn + 30 * minute)),
  ])
  const versions = await pipeline.store.warnings.warningVersions(id)
  expect(versions.map(({ version }) => version)).toEqual([1, 2, 3, 4])
  expect(versions.at(-1)).toMatchObject({ state: 'cleared', marks: { acknowledged: { by: 'desk' } } })
})

test('an acknowledgement survives a crash, and the versions after it do not change', async () => {
  const { watch, send, id, pipeline } = await flooded()
  await watch.acknowledge(id, 'desk', null, 1)
  await send(sent([4.5, 4.5, 4.5], dawn + 15 * minute))
  const before = await pipeline.store.warnings.warningVersions(id)
  const again = watchOver(pipeline.store, () => fleet)
  await again.watch.start()
  expect(await pipeline.store.warnings.warningVersions(id)).toEqual(before)
  await send(sent([2, 2, 2], dawn + 30 * minute), again.watch)
  expect(again.heard.map(({ version, state, marks }) => [version, state, marks.acknowledged?.by])).toEqual([[4, 'cleared', 'desk']])
})

test('an ended warning can be acknowledged, one that goes on under another id is acknowledged there, an unknown one is null', async () => {
  const { watch, id, pipeline } = await flooded([3.5, 3.5, 3.5, 2, 2, 2])
  await watch.stop()
  const later = watchOver(pipeline.store, () => fleetOf(networkWith([stationWith('qingxi', [level])], []))).watch
  await later.start()
  expect(await later.acknowledge(id, 'desk', null, 1)).toMatchObject({ version: 3, state: 'cleared' })
  expect(await later.acknowledge(warningId('no-such'), 'desk', null, 1)).toBeNull()
  const moved = await flooded()
  await moved.send([{ series: level.id, at: dawn - 5 * minute, value: 3.5 }])
  const successor = await moved.watch.acknowledge(moved.id, 'desk', null, 1)
  expect(successor).toMatchObject({ replaces: moved.id, marks: { acknowledged: { by: 'desk' } } })
})

test('while the store is away nothing is lost: the next call goes on', async () => {
  const store = createMemoryStore()
  let isAway = false
  const putWarnings: typeof store.warnings.putWarnings = async (...given) => {
    if (isAway) throw new StoreUnavailable('keeping warnings: away')
    return store.warnings.putWarnings(...given)
  }
  const pipeline = new SmallPipeline({ ...store, warnings: { ...store.warnings, putWarnings } })
  const { watch, heard } = watchOver(pipeline.store, () => fleet)
  await watch.start()
  isAway = true
  const first = await pipeline.commit(sent([3.5, 3.5, 3.5]))
  const second = await pipeline.commit(sent([4.5, 4.5, 4.5], dawn + 15 * minute))
  if (!first || !second) throw new Error('two commits')
  await expect(watch.consume(first)).rejects.toThrow(StoreUnavailable)
  await expect(watch.consume(second)).rejects.toThrow(StoreUnavailable)
  await expect(watch.acknowledge(warningId('x'), 'desk', null, 1)).rejects.toThrow(StoreUnavailable)
  expect(heard).toEqual([])
  isAway = false
  await watch.catchUp()
  expect(heard.map(({ version, level: at }) => [version, at])).toEqual([
    [1, 'yellow'],
    [2, 'orange'],
  ])
  expect(await store.warnings.warningVersions(heard[0]?.id ?? warningId('none'))).toEqual(heard)
})

test('a checkpoint of another release is told, and the rules begin again from the commits that are kept', async () => {
  const { pipeline, id } = await flooded()
  const before = await pipeline.store.warnings.warningVersions(id)
  await pipeline.store.documents.put('checkpoint', 'analytics', { format: 99 }, 0)
  const errors: string[] = []
  const watch = createWatch({
    store: pipeline.store,
    fleet: () => fleet,
    config: testConfig,
    now: () => 0,
    begunAt: async () => null,
    onWarnings: () => undefined,
    onError: ({ code }) => errors.push(code),
  })
  await watch.start()
  expect(errors).toEqual(['checkpoint-unreadable'])
  expect(watch.figures()).toMatchObject({ commit: 1, openSeries: 1 })
  expect(await pipeline.store.warnings.warningVersions(id)).toEqual(before)
})

test('a run that was taken away and made again counts on from its old versions', async () => {
  const { pipeline } = await flooded()
  const fresh = new SmallPipeline({ ...createMemoryStore(), warnings: pipeline.store.warnings })
  const again = watchOver(fresh.store, () => fleet)
  await again.watch.start()
  const commit = await fresh.commit(sent([3.5, 3.5, 3.5, 4.5, 4.5, 4.5]))
  if (commit) await again.watch.consume(commit)
  expect(again.heard.map(({ version, level: at }) => [version, at])).toEqual([
    [2, 'yellow'],
    [3, 'orange'],
  ])
})

test('more commits than the queue holds are read back from the store', async () => {
  const pipeline = new SmallPipeline()
  await pipeline.store.ledger.readerCursor('analytics')
  const { watch, heard } = watchOver(pipeline.store, () => fleet, { queueCommits: 2, checkpointEvery: 3 })
  await watch.start()
  const commits = []
  for (const reading of sent([3.5, 3.5, 3.5, 3.5, 4.5, 4.5, 4.5, 4.5, 2, 2, 2, 2])) commits.push(await pipeline.commit([reading]))
  await Promise.all(commits.flatMap((commit) => (commit ? [watch.consume(commit)] : [])))
  expect(watch.figures()).toMatchObject({ commit: 12, rows: 12, waiting: 0 })
  expect(heard.map(({ state, level: at }) => `${state} ${at}`)).toEqual(['active yellow', 'active orange', 'cleared orange'])
})
