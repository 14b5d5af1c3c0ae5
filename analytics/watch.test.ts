import { expect, test } from '@jest/globals'
import type { Fleet } from '../domain/fleet.ts'
import type { RuleDefinition, Sensor } from '../domain/network.ts'
import type { Warning } from '../domain/warning.ts'
import { SmallPipeline, keptVersions, watchOver, type Sent } from './testing/pipeline.ts'
import { dawn, fleetOf, hour, minute, networkWith, ruleOf, sensorAt, stationWith } from './testing/places.ts'

const level = sensorAt('qingxi', 'water_level', { stages: new Map([['warning', 3]]) })
const rules: RuleDefinition[] = [
  ruleOf('threshold', {
    id: 'level-high' as RuleDefinition['id'],
    parameter: level.parameter.key,
    levels: { yellow: 'stage.warning', orange: 4 },
    settings: { holdMs: 15 * minute, deadband: 0.1, clearAfterMs: 30 * minute },
  }),
]
const fleet = (more: readonly RuleDefinition[] = [], sensors: readonly Sensor[] = [level]): Fleet =>
  fleetOf(networkWith([stationWith('qingxi', sensors)], [...rules, ...more]))

const sent = (values: readonly (number | null)[], { start = dawn, step = 5 * minute, series = level.id } = {}): Sent[] =>
  values.map((value, i) => ({ series, at: start + i * step, value }))

const wall = (at: number) => [{ run: null, at }]

/** Sends batches one after the other, each with its watermark. */
async function told(
  batches: readonly (readonly [readonly Sent[], number?])[],
  over: Fleet = fleet(),
): Promise<{ heard: Warning[]; kept: Warning[][] }> {
  const pipeline = new SmallPipeline()
  const { watch, heard } = watchOver(pipeline.store, () => over)
  await watch.start()
  for (const [batch, now] of batches) {
    const commit = await pipeline.commit(batch, now === undefined ? [] : wall(now))
    if (commit) await watch.consume(commit)
  }
  await watch.stop()
  return { heard, kept: await keptVersions(pipeline.store) }
}

test('a flood from crossing to end, version by version', async () => {
  const flood = [2.9, 3, 3.1, 3.2, 3.3, 4, 4, 4, 4.1, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8]
  const { heard, kept } = await told(sent(flood).map((reading) => [[reading], reading.at]))
  expect(heard.map(({ version, state, level: at, changedAt }) => [version, state, at, (changedAt - dawn) / minute])).toEqual([
    [1, 'active', 'yellow', 20],
    [2, 'active', 'orange', 40],
    [3, 'active', 'yellow', 75],
    [4, 'cleared', 'yellow', 110],
  ])
  expect(kept).toEqual([heard])
  expect(heard[3]).toMatchObject({
    id: 'level-high~qingxi~water_level~1~20261122T000500Z',
    rule: 'level-high',
    kind: 'threshold',
    station: 'qingxi',
    series: 'qingxi/water_level/1',
    marks: { acknowledged: null, blind: false, retrospective: false, drill: false },
    run: null,
    onset: dawn + 5 * minute,
    raisedAt: dawn + 20 * minute,
    endedAt: dawn + 110 * minute,
  })
  expect(heard[0]?.why.en).toBe('Raised because the level stayed at or above 3.00 m for 15 min (4 of 4 readings good).')
  expect(heard[0]?.clears.zh).toBe('低于 2.90 m 持续 30 分钟后解除。')
  expect(heard[3]?.timeline.map(({ what, level: at }) => [what, at])).toEqual([
    ['crossed', 'yellow'],
    ['raised', 'yellow'],
    ['level', 'orange'],
    ['level', 'yellow'],
    ['cleared', null],
  ])
})

test('one commit or many: the same versions', async () => {
  const flood = sent([2.9, 3, 3.1, 3.2, 3.3, 4, 4, 4, 4.1, 3.5, 3.5, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8])
  const oneByOne = await told(flood.map((reading) => [[reading], reading.at]))
  const atOnce = await told([[flood, flood.at(-1)?.at ?? 0]])
  expect(atOnce.kept).toEqual(oneByOne.kept)
})

test('a station that goes quiet under a warning keeps it, blind, until it speaks again', async () => {
  const last = dawn + 20 * minute
  const { heard } = await told([
    [sent([2.9, 3, 3.1, 3.2, 3.3]), last],
    [[], last + 14 * minute],
    [[], last + 16 * minute],
    [[], last + 10 * hour],
    [sent([2.5], { start: last + 42 * minute }).map((late) => ({ ...late, receivedAt: last + 10 * hour })), last + 10 * hour],
    [sent([2.5, 2.5], { start: last + 10 * hour }), last + 10 * hour + 5 * minute],
  ])
  expect(heard.map(({ version, state, marks }) => [version, state, marks.blind])).toEqual([
    [1, 'active', false],
    [2, 'active', true],
    [3, 'active', false],
    [4, 'cleared', false],
  ])
  expect(heard[1]?.timeline.at(-1)).toMatchObject({
    what: 'blind',
    at: last + 15 * minute,
    words: { en: 'Station silent for 15 min while under warning. Warning kept.', zh: '预警期间站点已静默 15 分钟，预警保持。' },
  })
})

test('back-filled data raises only warnings of the past, unless the newest reading is of now', async () => {
  const received = (readings: readonly Sent[], receivedAt: number): Sent[] => readings.map((reading) => ({ ...reading, receivedAt }))
  const past = sent([3.5, 3.5, 3.5, 3.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5, 2.5])
  const old = await told([
    [[], dawn + 5 * hour],
    [received(past, dawn + 5 * hour), dawn + 5 * hour],
  ])
  expect(old.heard.map(({ state, marks }) => [state, marks.retrospective])).toEqual([
    ['active', true],
    ['cleared', true],
  ])
  const lasting = received(sent(Array(60).fill(3.5) as number[]), dawn + 5 * hour)
  const still = await told([
    [[], dawn + 5 * hour],
    [lasting.slice(0, 40), dawn + 5 * hour],
    [lasting.slice(40), dawn + 5 * hour],
  ])
  expect(still.heard.map(({ state, marks }) => [state, marks.blind, marks.retrospective])).toEqual([
    ['active', false, true],
    ['active', true, true],
    ['active', true, false],
    ['active', false, false],
  ])
  // what holds now is far from the limit: of the past, whether it came before what was back-filled or behind it
  const quiet = received(sent([1.2], { start: dawn + 5 * hour }), dawn + 5 * hour)
  const flooded = received(past.slice(0, 4), dawn + 5 * hour)
  for (const order of [
    [quiet, flooded],
    [flooded, quiet],
  ]) {
    const over = await told([[[], dawn + 5 * hour], ...order.map((readings): [Sent[], number] => [readings, dawn + 5 * hour])])
    expect(over.heard.map(({ state, marks }) => [state, marks.retrospective])).toContainEqual(['active', true])
    expect(over.heard.map(({ marks }) => marks.retrospective)).not.toContain(false)
  }
  const recent = await told([
    [[], dawn + hour],
    [received(past.slice(0, 4), dawn + hour), dawn + hour],
  ])
  expect(recent.heard[0]?.marks.retrospective).toBe(false)
  const slow = fleetOf(
    networkWith(
      [stationWith('qingxi', [level])],
      [ruleOf('threshold', { parameter: level.parameter.key, levels: { yellow: 3 }, settings: { holdMs: 3 * hour } })],
    ),
  )
  const live = await told(
    sent(Array(40).fill(3.5) as number[]).map((reading) => [[reading], reading.at]),
    slow,
  )
  expect(live.heard.map(({ marks }) => marks.retrospective)).toEqual([false])
})

test('a judgement that takes the reading away ends the warning and says so', async () => {
  const [a, b, c, d] = sent([3.5, 3.5, 3.5, 3.5])
  if (!a || !b || !c || !d) throw new Error('four readings')
  const { heard } = await told([
    [[a, b, c, d], d.at],
    [
      [
        { ...a, flag: 4 },
        { ...b, flag: 4 },
        { ...c, flag: 4 },
        { ...d, flag: 4 },
      ],
      d.at,
    ],
  ])
  expect(heard.map(({ state }) => state)).toEqual(['active', 'expired'])
  expect(heard[1]?.clears.en).toBe('Withdrawn: later readings or a later judgement of quality took away the readings it rested on.')
  expect(heard[1]?.timeline.at(-1)?.what).toBe('expired')
})

test('a withdrawn warning comes back when its readings do', async () => {
  const four = sent([3.5, 3.5, 3.5, 3.5])
  const failed = four.map((reading) => ({ ...reading, flag: 4 as const }))
  const { heard } = await told([[four], [failed], [four]])
  expect(heard.map(({ version, state }) => [version, state])).toEqual([
    [1, 'active'],
    [2, 'expired'],
    [3, 'active'],
  ])
})

test('a late reading that moves the onset gives the event its id, and leads from the old one to the new', async () => {
  const readings = sent([3.5, 3.5, 3.5, 3.5, 3.5])
  const [first, ...rest] = readings
  if (!first) throw new Error('five readings')
  const { heard } = await told([
    [rest, dawn + 20 * minute],
    [[first], dawn + 21 * minute],
  ])
  expect(heard.map(({ id, state }) => [id.slice(-7), state])).toEqual([
    ['000500Z', 'active'],
    ['000500Z', 'expired'],
    ['000000Z', 'active'],
  ])
  expect(heard[1]?.replacedBy).toBe(heard[2]?.id)
  expect(heard[2]).toMatchObject({ replaces: heard[0]?.id, marks: { retrospective: false } })
})

test('a late row changes nothing', async () => {
  const { heard } = await told([
    [sent([2, 2]), dawn + 5 * minute],
    [sent([9, 9, 9], { start: dawn - 48 * hour }).map((each) => ({ ...each, late: true })), dawn + 5 * minute],
  ])
  expect(heard).toEqual([])
})

test('silence by the clock of the fleet; our own absence is not the silence of the stations', async () => {
  const quiet = ruleOf('silence', { settings: { afterMs: 20 * minute } })
  const silentFor = (heard: readonly Warning[]) =>
    heard.map(({ state, raisedAt, endedAt }) => [
      state,
      ((raisedAt ?? 0) - dawn) / minute,
      endedAt === null ? null : (endedAt - dawn) / minute,
    ])
  const ticks = Array.from({ length: 40 }, (_, i): [Sent[], number] => [[], dawn + i * minute])
  const gone = await told([[sent([1]), dawn], ...ticks, [sent([1], { start: dawn + 39 * minute }), dawn + 39 * minute]], fleet([quiet]))
  expect(silentFor(gone.heard)).toEqual([
    ['active', 20, null],
    ['cleared', 20, 39],
  ])
  const away = await told(
    [[sent([1]), dawn], ...ticks.slice(0, 6), [[], dawn + 5 * hour], [sent([1], { start: dawn + 5 * hour }), dawn + 5 * hour]],
    fleet([quiet]),
  )
  expect(away.heard).toEqual([])
})

test('in a run whose clock jumps with the data, silence is the same in any batches', async () => {
  const quiet = ruleOf('silence', { settings: { afterMs: 20 * minute } })
  const other = sensorAt('qingxi', 'water_level', { number: 2 })
  const one = ruleOf('silence', { id: 'one' as RuleDefinition['id'], parameter: level.parameter.key, settings: { afterMs: 20 * minute } })
  const over = fleetOf(networkWith([stationWith('qingxi', [level, other])], [quiet, one], 'r1'))
  const steps = [0, 5, 10, 60, 65, 70, 75, 80, 90].flatMap((at): Sent[] => [
    ...(at === 10 || at >= 65 ? [{ series: level.id, at: dawn + at * minute, value: 1 }] : []),
    { series: other.id, at: dawn + at * minute, value: 1 },
  ])
  const ways = await Promise.all(
    [1, 3, steps.length].map(async (size) => {
      const pipeline = new SmallPipeline()
      const { watch } = watchOver(pipeline.store, () => over)
      await watch.start()
      for (let first = 0; first < steps.length; first += size) {
        const batch = steps.slice(first, first + size)
        const commit = await pipeline.commit(batch, [{ run: over.networks[0]?.run ?? null, at: batch.at(-1)?.at ?? 0 }], 'r1')
        if (commit) await watch.consume(commit)
      }
      return keptVersions(pipeline.store)
    }),
  )
  expect(ways[0]?.map((versions) => versions.map(({ rule, state }) => `${rule} ${state}`))).toEqual(
    [
      ['one active', 'one cleared'],
      ['one active', 'one cleared'],
      ['silence active', 'silence cleared'],
    ].slice(0, ways[0]?.length),
  )
  expect(ways[1]).toEqual(ways[0])
  expect(ways[2]).toEqual(ways[0])
})

test('a changed rule begins anew and its warnings end; an unchanged one goes on', async () => {
  const pipeline = new SmallPipeline()
  let current = fleet()
  const { watch, heard } = watchOver(pipeline.store, () => current)
  await watch.start()
  const send = async (batch: readonly Sent[]): Promise<void> => {
    const commit = await pipeline.commit(batch)
    if (commit) await watch.consume(commit)
  }
  const readings = sent([3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5])
  await send(readings.slice(0, 5))
  current = fleet([ruleOf('silence')])
  await send(readings.slice(5, 6))
  expect(heard.map(({ state }) => state)).toEqual(['active'])
  current = fleetOf(networkWith([stationWith('qingxi', [level])], [{ ...(rules[0] as RuleDefinition), levels: { yellow: 3.2 } }]))
  await send(readings.slice(6, 7))
  expect(heard.map(({ state }) => state)).toEqual(['active', 'expired'])
  expect(heard[1]?.clears.en).toContain('rule was changed')
  await send(readings.slice(7))
  current = fleetOf(networkWith([], []))
  await send(sent([1], { start: dawn + 5 * hour }))
  expect(heard.map(({ state }) => state)).toEqual(['active', 'expired'])
})

test('stopped while it catches up, it ends with the page at hand, and the next start says the rest', async () => {
  const flood = sent([2.9, 3, 3.1, 3.2, 3.3, 4, 4, 4, 4.1, 3.5, 3.5, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8, 2.8])
  const atOnce = await told([[flood, flood.at(-1)?.at ?? 0]])
  const pipeline = new SmallPipeline()
  for (const reading of flood) await pipeline.commit([reading], wall(reading.at))
  const { ledger } = pipeline.store
  let pages = 0
  // pages of three commits: stopping comes in the second
  const committedSince: typeof ledger.committedSince = async (after) => {
    pages += 1
    if (pages === 2) stopped = first.watch.stop()
    return (await ledger.committedSince(after, 1_000)).slice(0, 3)
  }
  let stopped: Promise<void> = Promise.resolve()
  const first = watchOver({ ...pipeline.store, ledger: { ...ledger, committedSince } }, fleet)
  await first.watch.start()
  await stopped
  expect({ pages, commit: first.watch.figures().commit }).toEqual({ pages: 2, commit: 6 })
  const second = watchOver(pipeline.store, fleet)
  await second.watch.start()
  await second.watch.stop()
  expect(second.watch.figures().commit).toBe(flood.length)
  expect(await keptVersions(pipeline.store)).toEqual(atOnce.kept)
})

test('what is committed out of order while the past is read back is judged all the same', async () => {
  const pipeline = new SmallPipeline()
  const before = watchOver(pipeline.store, fleet)
  await before.watch.start()
  const known = [...sent([2, 2]), ...sent([2], { start: dawn + 55 * minute })]
  await pipeline.commit(known, wall(dawn + 55 * minute))
  await before.watch.catchUp()
  await before.watch.stop()
  const { telemetry } = pipeline.store
  const flood = sent([3.5, 3.5, 3.5, 3.5, 3.5, 3.5], { start: dawn + 10 * minute })
  let isSent = false
  const range: typeof telemetry.range = async (query) => {
    if (!isSent) await pipeline.commit(flood, wall(dawn + 60 * minute))
    isSent = true
    return telemetry.range(query)
  }
  const { watch, heard } = watchOver({ ...pipeline.store, telemetry: { ...telemetry, range } }, fleet)
  await watch.start()
  await watch.stop()
  expect(heard.map(({ state, onset }) => [state, onset])).toContainEqual(['active', dawn + 10 * minute])
})

test('the first readings of a series that come while it is asked for its newest are judged all the same', async () => {
  const pipeline = new SmallPipeline()
  const { telemetry } = pipeline.store
  const flood = sent([2.9, 3.5, 3.5, 3.5, 3.5, 3.5, 3.5])
  let isSent = false
  const latest: typeof telemetry.latest = async (series) => {
    if (!isSent) await pipeline.commit(flood, wall(dawn + 30 * minute))
    isSent = true
    return telemetry.latest(series)
  }
  const { watch, heard } = watchOver({ ...pipeline.store, telemetry: { ...telemetry, latest } }, fleet)
  await watch.start()
  await watch.catchUp()
  await watch.stop()
  expect(heard.map(({ state, onset }) => [state, onset])).toEqual([['active', dawn + 5 * minute]])
})

test('a commit is counted as seen when its warnings are kept, not before', async () => {
  const pipeline = new SmallPipeline()
  const { warnings } = pipeline.store
  const seenWhileKeeping: number[] = []
  const putWarnings: typeof warnings.putWarnings = (...given) => {
    seenWhileKeeping.push(watch.figures().commit)
    return warnings.putWarnings(...given)
  }
  const { watch } = watchOver({ ...pipeline.store, warnings: { ...warnings, putWarnings } }, fleet)
  await watch.start()
  const calm = await pipeline.commit(sent([2.9]), wall(dawn))
  const flood = await pipeline.commit(sent([3.5, 3.5, 3.5, 3.5, 3.5], { start: dawn + 5 * minute }), wall(dawn + 25 * minute))
  for (const commit of [calm, flood]) if (commit) await watch.consume(commit)
  expect({ seenWhileKeeping, after: watch.figures().commit }).toEqual({ seenWhileKeeping: [1], after: 2 })
  await watch.stop()
})
