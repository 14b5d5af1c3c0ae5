import { expect, test } from '@jest/globals'
import { day, hour, minute, observed, rowsOf, seriesOf, start, storedRow } from '../testing/rows.ts'
import type { WritableTelemetry } from './telemetry.ts'

const series = seriesOf('qingxi')
const key = { series, observedAt: start }
const whole = { series: [series], from: 0, to: start + day }

const known = [
  storedRow({ value: 3, receivedAt: start + minute }),
  storedRow({ value: 3, flag: 3, tests: 2, receivedAt: start + hour, arrival: 'judged' }),
  storedRow({ value: 3.5, receivedAt: start + 2 * hour, delivery: 9, arrival: 'revised' }),
]

export function describeVersions(open: () => Promise<WritableTelemetry>): void {
  describeStates(open)
  describeAsOf(open)
}

function describeStates(open: () => Promise<WritableTelemetry>): void {
  test('a new value or flag supersedes; every state stays with its version and the time it was known', async () => {
    const { telemetry, write } = await open()
    for (const row of known) await write([row])
    expect(await telemetry.versions(key)).toEqual(known.map((row, i) => ({ ...observed(row), version: i + 1, knownAt: row.receivedAt })))
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
    await write(rows.map((row) => ({ ...row, flag: 4 as const, receivedAt: row.receivedAt + day, arrival: 'judged' as const })))
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
