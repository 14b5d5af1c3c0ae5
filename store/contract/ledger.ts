import { describe, expect, test } from '@jest/globals'
import type { Ledger, QuarantineState } from '../ports/ledger.ts'
import type { CarriedAmendment } from '../../domain/amendment.ts'
import { deviceId, runId } from '../../domain/ids.ts'
import { commitOf, countOf, day, hour, quarantinedOf, rowsOf, seriesOf, start, storedRow } from '../testing/rows.ts'
import { opener } from './opened.ts'

export interface WithLedger {
  ledger: Ledger
  close(): Promise<void>
}

/** Commits, their readers, counters and quarantine. `open` gives a new, empty one. */
export function describeLedger(name: string, open: () => Promise<WithLedger>): void {
  describe(`${name}: ledger`, () => {
    describeCommits(opener(open))
    describeDeferred(opener(open))
    describeReaders(opener(open))
    describePages(opener(open))
    describeCounts(opener(open))
    describeQuarantine(opener(open))
    describeAmendments(opener(open))
    describeKeptAmendments(opener(open))
  })
}

function describeCommits(open: () => Promise<WithLedger>): void {
  test('commits are numbered from one and carry the cursor', async () => {
    const { ledger } = await open()
    expect([ledger.cursor(), ledger.newest()]).toEqual([0, 0])
    expect(await ledger.commit(commitOf(rowsOf(seriesOf('a'), 3), { cursor: 7 }))).toBe(1)
    expect(await ledger.commit(commitOf([], { cursor: 9 }))).toBe(2)
    expect([ledger.cursor(), ledger.newest()]).toEqual([9, 2])
  })

  test('commits asked for at once are made one after the other, in order', async () => {
    const { ledger } = await open()
    const batches = Array.from({ length: 20 }, (_, i) =>
      commitOf([storedRow({ observedAt: start + i * hour, value: i })], { cursor: i + 1 }),
    )
    const numbers = await Promise.all(batches.map((batch) => ledger.commit(batch)))
    expect(numbers).toEqual(batches.map((_, i) => i + 1))
    const committed = await ledger.committedSince(0, 1_000)
    expect(committed.map(({ rows }) => rows.map((row) => row.value))).toEqual(batches.map((_, i) => [i]))
    expect(ledger.cursor()).toBe(20)
  })

  test('watermarks stand where the last batch put them, each run by itself', async () => {
    const { ledger } = await open()
    const run = runId('flood')
    await ledger.commit(commitOf([], { watermarks: [{ run: null, at: start }] }))
    await ledger.commit(
      commitOf([], {
        watermarks: [
          { run, at: start - day },
          { run: null, at: start + hour },
        ],
      }),
    )
    await ledger.commit(commitOf([], { watermarks: [{ run, at: start, steps: [[3, start - hour], [7, start]] }] })) // prettier-ignore
    const stand = await ledger.watermarks()
    expect(new Map(stand.map((mark) => [mark.run, mark.at]))).toEqual(
      new Map([
        [null, start + hour],
        [run, start],
      ]),
    )
    expect((await ledger.committedSince(0, 10)).map((commit) => commit.watermarks)).toEqual([
      [{ run: null, at: start }],
      [
        { run, at: start - day },
        { run: null, at: start + hour },
      ],
      [{ run, at: start, steps: [[3, start - hour], [7, start]] }], // prettier-ignore
    ])
  })
}

function describeDeferred(open: () => Promise<WithLedger>): void {
  test('what the live lane passes over waits in order until the deferred lane has carried it', async () => {
    const { ledger } = await open()
    const place = (): unknown => ({ live: ledger.cursor(), ...ledger.deferred() })
    expect(place()).toEqual({ live: 0, cursor: 0, waiting: 0 })
    await ledger.commit(commitOf([], { cursor: 4 }))
    expect(place()).toEqual({ live: 4, cursor: 4, waiting: 0 })
    await ledger.commit(commitOf(rowsOf(seriesOf('a'), 2), { cursor: 9, deferredCursor: 5, deferred: [6, 8, 9] }))
    await ledger.commit(commitOf([], { cursor: 20, deferredCursor: 5, deferred: [15] }))
    expect(place()).toEqual({ live: 20, cursor: 5, waiting: 4 })
    expect([await ledger.nextDeferred(3), await ledger.nextDeferred(99)]).toEqual([
      [6, 8, 9],
      [6, 8, 9, 15],
    ])
    await ledger.commit(commitOf(rowsOf(seriesOf('b'), 2), { cursor: 20, deferredCursor: 8 }))
    expect(place()).toEqual({ live: 20, cursor: 8, waiting: 2 })
    expect(await ledger.nextDeferred(99)).toEqual([9, 15])
    await ledger.moveReader('analytics', ledger.newest())
    await ledger.commit(commitOf([], { cursor: 20, deferredCursor: 20 }))
    expect(place()).toEqual({ live: 20, cursor: 20, waiting: 0 })
    expect(await ledger.nextDeferred(99)).toEqual([])
  })
}

function describeReaders(open: () => Promise<WithLedger>): void {
  test('a reader gets every commit as it was made, also what later ones superseded', async () => {
    const { ledger } = await open()
    const first = [
      storedRow({ value: 1, seq: 5, position: [1, 2, 80.5] }),
      storedRow({ observedAt: start + hour, value: null, flag: 9, run: runId('r') }),
    ]
    const second = [storedRow({ value: 2, arrival: 'revised', receivedAt: start + hour, delivery: 2 })]
    const third = [storedRow({ value: 2, flag: 3, tests: 2, arrival: 'judged', judged: { at: start + 2 * hour, delivery: 3 } })]
    for (const rows of [first, second, third]) await ledger.commit(commitOf(rows))
    expect((await ledger.committedSince(0, 100)).map(({ commit, rows }) => [commit, rows])).toEqual([
      [1, first],
      [2, second],
      [3, third],
    ])
    expect((await ledger.committedSince(2, 100)).map(({ rows }) => rows)).toEqual([third])
    expect(await ledger.committedSince(3, 100)).toEqual([])
    expect(await ledger.committedSince(99, 100)).toEqual([])
  })

  test('rows of a commit come in time order within a series, states of one key as they were made', async () => {
    const { ledger } = await open()
    const at = (hours: number, value: number): object => ({ observedAt: start + hours * hour, value })
    await ledger.commit(
      commitOf([
        storedRow({ ...at(2, 20), arrival: 'next' }),
        storedRow({ ...at(1, 10), arrival: 'inserted' }),
        storedRow({ ...at(1, 11), arrival: 'revised', receivedAt: start + day }),
        storedRow({ ...at(0, 0), arrival: 'late' }),
        storedRow({ ...at(3, 30), arrival: 'next' }),
        storedRow({ ...at(1, 11), arrival: 'judged', flag: 4, judged: { at: start + 2 * day, delivery: 4 } }),
      ]),
    )
    const [commit] = await ledger.committedSince(0, 100)
    expect(commit?.rows.map((row) => [row.value, row.flag, row.arrival])).toEqual([
      [0, 1, 'late'],
      [10, 1, 'inserted'],
      [11, 1, 'revised'],
      [11, 4, 'judged'],
      [20, 1, 'next'],
      [30, 1, 'next'],
    ])
  })
}

function describePages(open: () => Promise<WithLedger>): void {
  test('a reader gets whole commits, as many as fit, and always at least one', async () => {
    const { ledger } = await open()
    for (let i = 0; i < 5; i += 1) await ledger.commit(commitOf(rowsOf(seriesOf(`s${i}`), 10)))
    await ledger.commit(commitOf([], { watermarks: [{ run: null, at: start }] }))
    const numbers = async (after: number, limit: number): Promise<number[]> =>
      (await ledger.committedSince(after, limit)).map(({ commit }) => commit)
    expect(await numbers(0, 25)).toEqual([1, 2])
    expect(await numbers(0, 1)).toEqual([1])
    expect(await numbers(3, 20)).toEqual([4, 5, 6])
    expect(await numbers(5, 20)).toEqual([6])
  })

  test('each reader has its own place, and the rest stays readable behind it', async () => {
    const { ledger } = await open()
    expect([await ledger.readerCursor('analytics'), await ledger.readerCursor('influx')]).toEqual([0, 0])
    for (let i = 0; i < 4; i += 1) await ledger.commit(commitOf(rowsOf(seriesOf(`s${i}`), 2)))
    await ledger.moveReader('analytics', 4)
    await ledger.moveReader('influx', 2)
    expect([await ledger.readerCursor('analytics'), await ledger.readerCursor('influx')]).toEqual([4, 2])
    expect((await ledger.committedSince(2, 100)).map(({ commit, rows }) => [commit, rows.length])).toEqual([
      [3, 2],
      [4, 2],
    ])
    await ledger.moveReader('influx', 4)
    expect(await ledger.commit(commitOf(rowsOf(seriesOf('s9'), 1)))).toBe(5)
    expect((await ledger.committedSince(4, 100)).map(({ rows }) => rows)).toEqual([rowsOf(seriesOf('s9'), 1)])
  })
}

function describeCounts(open: () => Promise<WithLedger>): void {
  test('counts add up by device', async () => {
    const { ledger } = await open()
    expect(await ledger.counts()).toEqual([])
    const a = countOf('a', { received: 10, stored: 6, versions: 1, duplicate: 2, quarantined: 1, late: 1, lastReceivedAt: start + hour })
    await ledger.commit(commitOf([], { counts: [a, countOf('__proto__', { received: 1, duplicate: 1 })] }))
    await ledger.commit(commitOf([], { counts: [{ ...a, lastReceivedAt: start }] }))
    const totals = new Map((await ledger.counts()).map((total) => [total.device, total]))
    expect(totals.get(a.device)).toEqual({
      device: 'a',
      received: 20,
      stored: 12,
      versions: 2,
      duplicate: 4,
      quarantined: 2,
      late: 2,
      lastReceivedAt: start + hour,
    })
    expect(totals.get(deviceId('__proto__'))?.duplicate).toBe(1)
    expect(totals.size).toBe(2)
  })
}

function describeQuarantine(open: () => Promise<WithLedger>): void {
  test('quarantined deliveries keep bytes and reason and are listed newest first', async () => {
    const { ledger } = await open()
    const device = deviceId('b "quoted" 设备')
    await ledger.commit(commitOf([], { quarantined: [quarantinedOf(), quarantinedOf({ device, item: 3, values: 2, delivery: 2 })] }))
    const last = quarantinedOf({ reason: 'bad-time', delivery: 3, payload: new Uint8Array(), detail: '时间无法识别。', topic: '' })
    await ledger.commit(commitOf([], { quarantined: [last] }))
    const all = await ledger.quarantine({ limit: 10 })
    expect(all.map(({ id, delivery }) => [id, delivery])).toEqual([
      [3, 3],
      [2, 2],
      [1, 1],
    ])
    expect(all[0]).toEqual({ id: 3, ...last, payloadBytes: 0, repaired: null })
    expect(all[2]).toEqual({ id: 1, ...quarantinedOf(), payloadBytes: quarantinedOf().payload.length, repaired: null })
    const ids = async (query: object): Promise<number[]> => (await ledger.quarantine({ limit: 10, ...query })).map(({ id }) => id)
    expect(await ids({ device })).toEqual([2])
    expect(await ids({ reason: 'not-json' })).toEqual([2, 1])
    expect(await ids({ before: 3, limit: 1 })).toEqual([2])
    expect(await ids({ device: deviceId('nobody') })).toEqual([])
    expect(await ledger.quarantineEntry(2)).toEqual({
      id: 2,
      ...quarantinedOf({ device, item: 3, values: 2, delivery: 2 }),
      payloadBytes: quarantinedOf().payload.length,
      repaired: null,
    })
    expect(await ledger.quarantineEntry(99)).toBeNull()
  })

  test('of large payloads as much is read as is asked for', async () => {
    const { ledger } = await open()
    const payloads = [10, 2_000, 300, 4_000].map((length) => new Uint8Array(length).fill(length % 251))
    await ledger.commit(commitOf([], { quarantined: payloads.map((payload, i) => quarantinedOf({ payload, delivery: i + 1 })) }))
    const read = async (query: object): Promise<number[][]> =>
      (await ledger.quarantine({ limit: 10, ...query })).map(({ id, payload, payloadBytes }) => [id, payload.length, payloadBytes])
    expect(await read({ peek: 16 })).toEqual([
      [4, 16, 4_000],
      [3, 16, 300],
      [2, 16, 2_000],
      [1, 10, 10],
    ])
    expect(await read({ peek: 0, limit: 1 })).toEqual([[4, 0, 4_000]])
    // the first in any case, those behind it while they have room
    expect(await read({ mostBytes: 100 })).toEqual([[4, 4_000, 4_000]])
    expect(await read({ mostBytes: 2_300, before: 4 })).toEqual([
      [3, 300, 300],
      [2, 2_000, 2_000],
    ])
  })
}

function describeAmendments(open: () => Promise<WithLedger>): void {
  test('an entry that was run again says so, and its group is smaller', async () => {
    const { ledger } = await open()
    const more = quarantinedOf({ item: 0, items: [0, 7, 8], values: 5, receivedAt: start + hour })
    await ledger.commit(commitOf([], { quarantined: [quarantinedOf(), more, quarantinedOf({ reason: 'bad-time' })] }))
    const { device } = more
    const group = (reason: string, entries: number, values: number, newest: number) => ({ device, reason, entries, values, newest })
    expect(await ledger.quarantineGroups()).toEqual(
      expect.arrayContaining([group('not-json', 2, 6, start + hour), group('bad-time', 1, 1, start)]),
    )
    expect(await ledger.putAside()).toBe(7)
    const outcome = { stored: 4, versions: 0, duplicate: 1, quarantined: 0 }
    const repaired = { id: 'r-1', by: 'lin', reason: '通道', entry: 2, delivery: 9, at: start + day, outcome }
    await ledger.commit(commitOf([], { repaired: [repaired] }))
    expect(await ledger.quarantineEntry(2)).toEqual({ id: 2, ...more, payloadBytes: more.payload.length, repaired })
    expect(await ledger.putAside()).toBe(7)
    const ids = async (state: 'open' | 'repaired') => (await ledger.quarantine({ state, limit: 9 })).map(({ id }) => id)
    expect([await ids('open'), await ids('repaired')]).toEqual([[3, 1], [2]])
    expect(await ledger.quarantineGroups()).toEqual(
      expect.arrayContaining([group('not-json', 1, 1, start), group('bad-time', 1, 1, start)]),
    )
    const repairs = await ledger.repairsOf([1, 2, 99])
    expect([...repairs].sort(([a], [b]) => a - b)).toEqual([
      [1, null],
      [2, repaired],
    ])
    expect((await ledger.repairsOf([])).size).toBe(0)
  })

  test('an entry that was closed is none that was run again, whatever its reason says', async () => {
    const { ledger } = await open()
    await ledger.commit(commitOf([], { quarantined: [quarantinedOf(), quarantinedOf(), quarantinedOf({ reason: 'bad-time' })] }))
    const outcome = { stored: 0, versions: 0, duplicate: 0, quarantined: 1 }
    const closed = { kind: 'given-up', id: 'r-1', by: 'lin', reason: 'bench', entry: 1, delivery: 9, at: start, outcome } as const
    const { kind: _, ...run } = { ...closed, id: 'r-2', reason: 'not "kind":"given-up"', entry: 3 }
    await ledger.commit(commitOf([], { repaired: [closed, run] }))
    const ids = async (state: QuarantineState) => (await ledger.quarantine({ state, limit: 9 })).map(({ id }) => id)
    expect([await ids('open'), await ids('repaired'), await ids('given-up')]).toEqual([[2], [3], [1]])
    expect((await ledger.quarantineEntry(1))?.repaired).toEqual(closed)
    expect([...(await ledger.repairsOf([1, 2]))].sort(([a], [b]) => a - b)).toEqual([
      [1, closed],
      [2, null],
    ])
    expect(await ledger.quarantineGroups()).toMatchObject([{ entries: 1, values: 1 }])
  })
}

function describeKeptAmendments(open: () => Promise<WithLedger>): void {
  test('amendments are kept with their commit and found by what they concern', async () => {
    const { ledger } = await open()
    const head = { by: 'lin', reason: 'gauge board read' }
    const outcome = { stored: 0, versions: 3, duplicate: 0, quarantined: 0 }
    const series = seriesOf('a')
    const values: CarriedAmendment = {
      amendment: {
        ...head,
        id: 'c-1',
        kind: 'values',
        series,
        from: start,
        to: start + hour,
        at: null,
        change: { factor: 1, offset: 0.2 },
      },
      ...{ delivery: 4, at: start + day, outcome },
    }
    const device = deviceId('rtu-1')
    const clock: CarriedAmendment = {
      amendment: { ...head, id: 'c-2', kind: 'clock', device, from: start, to: null, offsetMs: 60_000, driftMsPerDay: -10 },
      ...{ delivery: 5, at: start + day, outcome },
    }
    await ledger.commit(commitOf([], { cursor: 4, amendments: [values] }))
    await ledger.commit(commitOf([], { cursor: 5, amendments: [clock] }))
    expect(await ledger.amendments({})).toEqual([clock, values])
    expect(await ledger.amendments({ limit: 1 })).toEqual([clock])
    expect(await ledger.amendments({ kind: 'values' })).toEqual([values])
    expect(await ledger.amendments({ series })).toEqual([values])
    expect(await ledger.amendments({ device })).toEqual([clock])
    expect(await ledger.amendments({ device: deviceId('other') })).toEqual([])
    expect(await ledger.amendments({ deliveries: [4, 99] })).toEqual([values])
  })
}
