import { expect, test } from '@jest/globals'
import { knownSince } from '../../domain/observation.ts'
import type { StoredRow } from '../ports/ledger.ts'
import { day, hour, minute, observed, rowsOf, seriesOf, start, storedRow } from '../testing/rows.ts'
import type { WritableTelemetry } from './telemetry.ts'

const series = seriesOf('qingxi')
const key = { series, observedAt: start }
const whole = { series: [series], from: 0, to: start + day }

const known = [
  storedRow({ value: 3, receivedAt: start + minute }),
  storedRow({ value: 3, flag: 3, tests: 2, receivedAt: start + minute, judged: { at: start + hour, delivery: 7 }, arrival: 'judged' }),
  storedRow({ value: 3.5, receivedAt: start + 2 * hour, delivery: 9, arrival: 'revised' }),
]

export function describeVersions(open: () => Promise<WritableTelemetry>): void {
  describeStates(open)
  describeAsOf(open)
  describeJudged(open)
}

function describeStates(open: () => Promise<WritableTelemetry>): void {
  test('a new value or flag supersedes; every state stays with its version and the time it was known', async () => {
    const { telemetry, write } = await open()
    for (const row of known) await write([row])
    expect(await telemetry.versions(key)).toEqual(known.map((row, i) => ({ ...observed(row), version: i + 1, knownAt: knownSince(row) })))
    expect(await telemetry.range(whole)).toEqual(known.slice(2).map(observed))
    expect(await telemetry.existing([key])).toEqual(known.slice(2).map(observed))
    expect((await telemetry.size()).rows).toBe(1)
  })

  test('one batch may hold several states of a key', async () => {
    const { telemetry, write } = await open()
    await write(known)
    await write([storedRow({ value: 4, receivedAt: start + 3 * hour, arrival: 'revised' })])
    const versions = await telemetry.versions(key)
    expect(versions.map(({ version, value, flag }) => [version, value, flag])).toEqual([
      [1, 3, 1],
      [2, 3, 3],
      [3, 3.5, 1],
      [4, 4, 1],
    ])
    expect((await telemetry.range(whole)).map((row) => row.value)).toEqual([4])
  })
}

function describeAsOf(open: () => Promise<WritableTelemetry>): void {
  test('what was known at a moment can be read back', async () => {
    const { telemetry, write } = await open()
    for (const row of known) await write([row])
    const valueAt = async (asOf: number): Promise<unknown> =>
      (await telemetry.range({ ...whole, asOf })).map((row) => [row.value, row.flag])
    expect(await valueAt(start + minute - 1)).toEqual([])
    expect(await valueAt(start + minute)).toEqual([[3, 1]])
    expect(await valueAt(start + hour)).toEqual([[3, 3]])
    expect(await valueAt(start + 2 * hour - 1)).toEqual([[3, 3]])
    expect(await valueAt(start + 9 * hour)).toEqual([[3.5, 1]])
  })

  test('as of a moment, rows of other keys and limits keep their order', async () => {
    const { telemetry, write } = await open()
    const rows = rowsOf(series, 20).map((row) => ({ ...row, receivedAt: start + day }))
    await write(rows)
    await write(rows.slice(5, 15).map((row) => ({ ...row, value: -1, receivedAt: start + 2 * day, arrival: 'revised' as const })))
    const values = async (asOf: number, limit?: number): Promise<unknown> =>
      (await telemetry.range({ ...whole, asOf, ...(limit ? { limit } : {}) })).map((row) => row.value)
    expect(await values(start + day)).toEqual(rows.map((row) => row.value))
    expect(await values(start + 2 * day, 7)).toEqual([0, 1, 2, 3, 4, -1, -1])
    expect(await values(start)).toEqual([])
  })

  test('many keys change in one batch', async () => {
    const { telemetry, write } = await open()
    const rows = rowsOf(series, 250, minute)
    await write(rows)
    await write(
      rows.map((row) => ({ ...row, flag: 4 as const, judged: { at: row.receivedAt + day, delivery: 2 }, arrival: 'judged' as const })),
    )
    const read = await telemetry.range(whole)
    expect(read).toHaveLength(250)
    expect(read.every((row) => row.flag === 4)).toBe(true)
    expect(await telemetry.versions({ series, observedAt: start + minute })).toHaveLength(2)
    expect(await telemetry.versions({ series, observedAt: start + 1 })).toEqual([])
  })

  test('history goes with its rows', async () => {
    const { telemetry, write } = await open()
    await write(known)
    await telemetry.dropBefore(start + 1)
    expect(await telemetry.versions(key)).toEqual([])
    expect(await telemetry.range({ ...whole, asOf: start + hour })).toEqual([])
  })
}

function describeJudged(open: () => Promise<WritableTelemetry>): void {
  test('a flag that a neighbour changed is the one of then before it came, and a later state of the key is not taken for it', async () => {
    const { telemetry, write } = await open()
    const judgedAt = (minutes: number, flag: 1 | 3 | 4, delivery: number, part: Partial<StoredRow> = {}): StoredRow =>
      storedRow({ flag, tests: flag, judged: { at: start + minutes * minute, delivery }, arrival: 'judged', ...part })
    const next = storedRow({ observedAt: start + 5 * minute, flag: 2 })
    await write([storedRow({ flag: 2 }), storedRow({ series: seriesOf('other'), flag: 2 })])
    await write([next, judgedAt(5, 3, 2)])
    await write([storedRow({ observedAt: start + 6 * minute }), judgedAt(6, 1, 3, { observedAt: next.observedAt })])
    await write([judgedAt(40, 1, 4)])
    await write([judgedAt(50, 4, 5)])
    const flagsAt = async (minutes: number): Promise<unknown> =>
      (await telemetry.range({ ...whole, asOf: start + minutes * minute })).map((row) => [row.flag, row.tests, row.judged?.delivery])
    const [six, judgedSix] = [[1, 0, undefined] as const, [1, 1, 3] as const]
    expect(await flagsAt(1)).toEqual([[2, 0, undefined]])
    expect(await flagsAt(5)).toEqual([[3, 3, 2]])
    expect(await flagsAt(5.5)).toEqual([
      [3, 3, 2],
      [2, 0, undefined],
    ])
    expect(await flagsAt(39)).toEqual([[3, 3, 2], judgedSix, six])
    expect(await flagsAt(49)).toEqual([[1, 1, 4], judgedSix, six])
    expect(await flagsAt(50)).toEqual([[4, 4, 5], judgedSix, six])
    expect((await telemetry.latest([series])).get(series)).toEqual(observed(storedRow({ observedAt: start + 6 * minute })))
    expect((await telemetry.existing([next])).map(({ judged }) => judged)).toEqual([{ at: start + 6 * minute, delivery: 3 }])
    expect((await telemetry.versions(key)).map(({ version, flag, knownAt }) => [version, flag, (knownAt - start) / minute])).toEqual([
      [1, 2, 2 / 60],
      [2, 3, 5],
      [3, 1, 40],
      [4, 4, 50],
    ])
  })
}
