import { expect, test } from '@jest/globals'
import type { Command, CommandResult } from '../../domain/command.ts'
import { createFleet } from '../../domain/fleet.ts'
import type { Gap } from '../../domain/gap.ts'
import { deviceId, runId } from '../../domain/ids.ts'
import { readNetwork } from '../../domain/network-load.ts'
import { createMemoryStore } from '../../store/memory.ts'
import type { Store } from '../../store/ports/store.ts'
import { commitOf, minute, quarantinedOf, seriesOf, start, storedRow } from '../../store/testing/rows.ts'
import { createContinuity, type Continuity } from './continuity.ts'
import { GapBook, mostGaps } from './gap-book.ts'

const network = {
  network: { id: 'n', name: 'N', timeZone: 'Asia/Shanghai' },
  stations: [
    {
      id: 'qingxi',
      kind: 'river',
      sensors: [
        { parameter: 'water_level', every: '5m' },
        { parameter: 'rainfall', every: '5m' },
      ],
    },
  ],
  devices: [{ id: 'rtu-0017', stations: ['qingxi'] }],
}

interface Ledger {
  store: Store
  continuity: Continuity
  asked: Command[]
  /** Commits readings `[minutes, seq]` of the water level, `late` ones as inserted, and moves the clock. */
  commit(
    minutes: readonly number[],
    options?: { seq?: number; inserted?: boolean; clock?: number; aside?: boolean; parameter?: string },
  ): Promise<Gap[]>
}

let delivery = 0

async function open(
  store: Store = createMemoryStore(),
  answer: CommandResult['outcome'] | ((command: Command, times: number) => Promise<CommandResult['outcome']>) = 'done',
  run: string | null = 'r',
  content: object = network,
): Promise<Ledger> {
  const fleet = createFleet([readNetwork(content, { file: null, run: run === null ? null : runId(run) })])
  const asked: Command[] = []
  let reached = -Infinity
  const continuity = createContinuity({
    ...{ store, fleet: () => fleet, now: () => 0, checkpointEvery: 4 },
    send: async (_device, command) => {
      const times = asked.push(command)
      return { outcome: typeof answer === 'string' ? answer : await answer(command, times), detail: 'said so' }
    },
  })
  await continuity.start()
  const commit: Ledger['commit'] = async (minutes, { seq, inserted = false, clock, aside = false, parameter = 'water_level' } = {}) => {
    delivery += 1
    const rows = minutes.map((at, i) =>
      storedRow({
        ...{ series: seriesOf('qingxi', parameter), observedAt: start + at * minute, receivedAt: start + (clock ?? at) * minute },
        ...{ delivery, seq: seq === undefined ? null : seq + i, run: run === null ? null : runId(run) },
        arrival: inserted ? 'inserted' : 'next',
      }),
    )
    // a run that nobody ticks is where its newest reading is
    const moved = clock ?? (run === null ? -Infinity : Math.max(...minutes))
    if (moved > reached) reached = moved
    const at = moved < reached || moved === -Infinity ? [] : [{ run: run === null ? null : runId(run), at: start + moved * minute }]
    const batch = { watermarks: at, quarantined: aside ? [quarantinedOf({ device: deviceId('rtu-0017'), delivery })] : [] }
    const number = await store.ledger.commit({ ...commitOf(rows, batch), cursor: delivery })
    await continuity.consume({ commit: number, rows, watermarks: at })
    await continuity.catchUp()
    return continuity.gaps()
  }
  return { store, continuity, asked, commit }
}

const brief = (gap: Gap | undefined) =>
  gap && [(gap.from - start) / minute, gap.to === null ? null : (gap.to - start) / minute, gap.cause, gap.state, gap.missing, gap.arrived]

test('a gap begins when nothing came for three intervals, ends with the next reading, is asked for once, and late readings close it', async () => {
  const { commit, asked, continuity } = await open()
  await commit([0, 5, 10], { seq: 1 })
  expect(await commit([], { clock: 20 })).toEqual([])
  expect((await commit([], { clock: 30 })).map(brief)).toEqual([[10, null, 'device-off', 'open', 3, 0]])
  expect((await commit([70, 75], { seq: 15 })).map(brief)).toEqual([[10, 70, 'never-arrived', 'open', 11, 0]])
  const [gap] = await commit([80], { seq: 17 })
  expect(asked).toEqual([{ kind: 'resend', from: start + 10 * minute + 1, to: start + 70 * minute, everyMs: null }])
  expect(gap?.request).toMatchObject({ tries: 1, outcome: 'done', detail: 'said so' })
  expect((await commit([20, 15, 30], { inserted: true, seq: 4 })).map(brief)).toEqual([[10, 70, 'never-arrived', 'open', 8, 3]])
  const closed = await commit([25, 35, 40, 45, 50, 55, 60, 65], { inserted: true, seq: 7, clock: 90 })
  expect(closed.map(brief)).toEqual([[10, 70, 'never-arrived', 'closed', 0, 11]])
  expect(closed[0]).toMatchObject({ arrivedAt: start + 80 * minute, endedAt: start + 80 * minute })
  await commit([85, 90, 95, 100], { seq: 18 })
  expect(asked).toHaveLength(1)
  expect(continuity.figures()).toMatchObject({ opened: 1, closed: 1, dropped: 0 })
})

test('a reading of a clock that is ahead opens no gap of others: the clock of its run is where the run says', async () => {
  const { commit } = await open()
  await commit([0, 5], { clock: 5 })
  expect(await commit([600], { parameter: 'rainfall', clock: 10 })).toEqual([])
  expect((await commit([], { clock: 30 })).map(brief)).toEqual([[5, null, 'never-arrived', 'open', 4, 0]])
})

test('a series that only fell behind and goes on where it stopped misses nothing, and is not asked', async () => {
  const { commit, asked } = await open()
  await commit([0, 5, 10])
  expect(brief((await commit([], { clock: 30 }))[0])).toEqual([10, null, 'device-off', 'open', 3, 0])
  expect(brief((await commit([], { clock: 60 }))[0])).toEqual([10, null, 'device-off', 'open', 9, 0])
  const gaps = await commit([15, 20, 25, 30, 35, 40, 45, 50, 55, 60], { clock: 61 })
  expect(gaps.map(brief)).toEqual([[10, 15, 'device-off', 'closed', 0, 0]])
  expect(asked).toEqual([])
})

test('the cause is told by the numbers, by the other series of the device, and by what was put aside', async () => {
  const causeOf = async (cause: string, play: (ledger: Ledger) => Promise<Gap[]>) => {
    const gaps = await play(await open())
    expect(gaps.filter(({ series }) => series.includes('water_level')).map((gap) => gap.cause)).toEqual([cause])
  }
  await causeOf('never-arrived', async ({ commit }) => (await commit([0, 5], { seq: 1 }), commit([60], { seq: 13 })))
  await causeOf('device-off', async ({ commit }) => (await commit([0, 5], { seq: 1 }), commit([60], { seq: 3 })))
  await causeOf('device-off', async ({ commit }) => (await commit([0, 5]), commit([60])))
  await causeOf('never-arrived', async ({ commit }) => {
    await commit([0, 5])
    await commit([0, 5, 10, 15, 20, 25, 30], { parameter: 'rainfall' })
    return commit([30])
  })
  await causeOf('quarantined', async ({ commit }) => (await commit([0, 5]), await commit([], { aside: true }), commit([60])))
})

test('what we had in time and stored late was our fault', async () => {
  const { commit } = await open(createMemoryStore(), 'done', null)
  await commit([0, 5], { clock: 5 })
  await commit([], { clock: 40 })
  await commit([40], { clock: 40 })
  expect((await commit([10, 15, 20], { inserted: true, clock: 20 })).map(brief)).toEqual([[5, 40, 'store-late', 'open', 3, 3]])
})

test('what is missing for a day is given up, and a device that cannot send again is asked once', async () => {
  const { commit, asked } = await open(createMemoryStore(), 'unsupported')
  await commit([0, 5], { seq: 1 })
  await commit([60, 65], { seq: 13 })
  await commit([120, 125], { seq: 25 })
  expect(asked).toHaveLength(1)
  const gaps = await commit([60 + 1_450], { seq: 300 })
  expect(gaps.map(brief).slice(1)).toEqual([
    [65, 120, 'never-arrived', 'open', 10, 0],
    [5, 60, 'never-arrived', 'given-up', 10, 0],
  ])
})

test('a device that did not answer, was busy or away is asked again after 5 min, five times in all', async () => {
  const timesAsked = async (outcomes: readonly CommandResult['outcome'][], more = 9): Promise<number> => {
    const { commit, asked } = await open(createMemoryStore(), async (_command, times) => outcomes[times - 1] ?? 'no-answer')
    await commit([0, 5], { seq: 1 })
    await commit([60, 65], { seq: 13 })
    for (let i = 0; i < more; i++) await commit([70 + 5 * i], { seq: 15 + i })
    return asked.length
  }
  expect(await timesAsked([], 1)).toBe(2)
  expect(await timesAsked([])).toBe(5)
  expect(await timesAsked(['no-answer', 'busy', 'unreachable', 'done'])).toBe(4)
  expect(await timesAsked(['busy', 'refused'])).toBe(2)
  expect(await timesAsked(['done'])).toBe(1)
})

test('a request whose answer the restart cut off is sent again', async () => {
  const store = createMemoryStore()
  const before = await open(store, () => new Promise(() => undefined))
  await before.commit([0, 5], { seq: 1 })
  await before.commit([60, 65], { seq: 13 })
  await before.commit([70, 75], { seq: 15 })
  expect(before.asked).toHaveLength(1)
  const after = await open(store)
  await after.commit([80], { seq: 17 })
  const [gap] = await after.commit([85], { seq: 18 })
  expect(after.asked).toEqual(before.asked)
  expect(gap?.request).toMatchObject({ tries: 2, outcome: 'done' })
})

test('what a field station cannot send again is not asked of it any more, its other records are', async () => {
  const sensors = [
    { parameter: 'ph', every: '5m' },
    { parameter: 'cod', every: '5m', statistic: 'mean' },
    { parameter: 'ammonia_nitrogen', every: '5m', statistic: 'maximum' },
  ]
  const devices = [{ id: 'rtu-0017', stations: ['qingxi'], protocol: 'hj212', hj212: { mn: 'mn' } }]
  const content = { ...network, stations: [{ id: 'qingxi', kind: 'outfall', sensors }], devices }
  const answer = async (command: Command) => (command.kind === 'resend' && command.statistic === 'value' ? 'unsupported' : 'done')
  const { commit, asked } = await open(createMemoryStore(), answer, 'r', content)
  const all = async (minutes: readonly number[]): Promise<void> => {
    for (const { parameter } of sensors) await commit(minutes, { parameter })
  }
  for (let at = 0; at <= 240; at += 60) await all([at, at + 5])
  const statistics = asked.map((command) => command.kind === 'resend' && [command.everyMs, command.statistic])
  expect(statistics.filter((one) => String(one) === String([5 * minute, 'value']))).toHaveLength(1)
  expect(statistics.filter((one) => String(one) === String([5 * minute, 'mean'])).length).toBeGreaterThan(2)
})

test('after a restart the ledger goes on as if there had been none, and asks nothing twice', async () => {
  const store = createMemoryStore()
  const before = await open(store)
  await before.commit([0, 5, 10], { seq: 1 })
  await before.commit([70, 75], { seq: 15 })
  await before.commit([20, 25], { inserted: true, seq: 5 })
  // no stop: the process was killed behind its last checkpoint
  const after = await open(store)
  expect(after.continuity.gaps()).toEqual(before.continuity.gaps())
  expect((await after.commit([15, 30, 35, 40, 45, 50, 55, 60, 65], { inserted: true })).map(brief)).toEqual([
    [10, 70, 'never-arrived', 'closed', 0, 11],
  ])
  expect([before.asked.length, after.asked.length]).toEqual([1, 0])
})

test('the numbers of a device are known since its first reading, over restarts and up to the newest commit', async () => {
  const store = createMemoryStore()
  const before = await open(store)
  await before.commit([0, 5], { seq: 1 })
  await before.commit([60], { seq: 13 })
  const device = deviceId('rtu-0017')
  expect(await before.continuity.numbers(device)).toMatchObject({ first: 1, highest: 13, holes: [{ from: 3, to: 12 }] })
  await before.continuity.stop()
  const after = await open(store)
  const seen = storedRow({ series: seriesOf('qingxi'), observedAt: start + 10 * minute, run: runId('r'), seq: 3 })
  await store.ledger.commit({ ...commitOf([seen]), cursor: ++delivery }) // not consumed yet
  const numbers = await after.continuity.numbers(device)
  expect(numbers).toMatchObject({ first: 1, highest: 13, holes: [{ from: 4, to: 12 }] })
  numbers?.holes.splice(0)
  expect((await after.continuity.numbers(device))?.holes).toHaveLength(1)
  expect(await after.continuity.numbers(deviceId('rtu-0018'))).toBeNull()
})

test('a full book lets the gap go that ended first; where none has ended, the new one is left out', () => {
  const ids = Array.from({ length: mostGaps + 2 }, (_, i) => `s-${i}`)
  const stations = ids.map((id) => ({ id, kind: 'river', sensors: [{ parameter: 'water_level', every: '5m' }] }))
  const book = new GapBook(createFleet([readNetwork({ ...network, stations, devices: [] }, { file: null, run: runId('r') })]))
  const take = (places: readonly string[], at: number): void =>
    book.take({
      rows: places.map((id) => storedRow({ series: seriesOf(id, 'water_level'), observedAt: start + at * minute, run: runId('r') })),
      watermarks: [],
    } as never)
  take(ids, 0)
  take(ids, 60)
  expect([book.gaps.size, book.counts.dropped]).toEqual([mostGaps, 2])
  const [first, second] = [...book.gaps.values()]
  for (let at = 5; at < 60; at += 5) take(['s-1'], at)
  expect(second?.state).toBe('closed')
  take(['s-0'], 180)
  expect([book.gaps.size, book.gaps.has(first?.id ?? ''), book.gaps.has(second?.id ?? '')]).toEqual([mostGaps, true, false])
})
