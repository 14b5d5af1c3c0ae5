import { expect, test } from '@jest/globals'
import { aggregates, type WindowQuery } from '../ports/telemetry.ts'
import { hour, minute, rowsOf, seriesOf, start, storedRow } from '../testing/rows.ts'
import type { WritableTelemetry } from './telemetry.ts'

const series = seriesOf('a')

const query = (part: Partial<WindowQuery> = {}): WindowQuery => ({
  series: [series],
  from: start,
  to: start + 6 * hour,
  everyMs: hour,
  aggregates: ['mean'],
  ...part,
})

export function describeWindows(open: () => Promise<WritableTelemetry>): void {
  describeFigures(open)
  describePlaces(open)
}

function describeFigures(open: () => Promise<WritableTelemetry>): void {
  test('each aggregate is taken over the rows of its window', async () => {
    const { telemetry, write } = await open()
    const values = [4, 1, 3, 2, 10]
    await write(values.map((value, i) => storedRow({ series, value, observedAt: start + i * 20 * minute })))
    expect(await telemetry.windows(query({ aggregates }))).toEqual([
      { series, start, n: 3, min: 1, mean: expect.closeTo(8 / 3, 12), max: 4, sum: 8, median: 3, first: 4, last: 3 },
      { series, start: start + hour, n: 2, min: 2, mean: 6, max: 10, sum: 12, median: 6, first: 2, last: 10 },
    ])
    expect(await telemetry.windows(query({ aggregates: ['n'] }))).toEqual([
      { series, start, n: 3 },
      { series, start: start + hour, n: 2 },
    ])
  })

  test('only good and not evaluated values count unless flags are named', async () => {
    const { telemetry, write } = await open()
    const row = (i: number, part: object): ReturnType<typeof storedRow> =>
      storedRow({ series, observedAt: start + i * minute, value: i, ...part })
    await write([row(1, {}), row(2, { flag: 2 }), row(3, { flag: 3 }), row(4, { flag: 4 }), row(5, { flag: 9, value: null })])
    const sums = async (flags?: number[]): Promise<unknown> =>
      (await telemetry.windows(query({ aggregates: ['sum'], ...(flags ? { flags } : {}) }))).map(({ n, sum }) => [n, sum])
    expect(await sums()).toEqual([[2, 3]])
    expect(await sums([1, 2, 3])).toEqual([[3, 6]])
    expect(await sums([1, 2, 3, 4, 9])).toEqual([[4, 10]])
    expect(await sums([9])).toEqual([])
  })
}

function describePlaces(open: () => Promise<WritableTelemetry>): void {
  test('windows begin where the offset says and count only what lies in the range', async () => {
    const { telemetry, write } = await open()
    await write(rowsOf(series, 48, 30 * minute))
    const windows = async (part: Partial<WindowQuery>): Promise<unknown> =>
      (await telemetry.windows(query({ aggregates: ['first'], ...part }))).map((window) => [
        (window.start - start) / hour,
        window.n,
        window.first,
      ])
    expect(await windows({ from: start + hour, to: start + 3 * hour })).toEqual([
      [1, 2, 2],
      [2, 2, 4],
    ])
    expect(await windows({ from: start + hour + 30 * minute, to: start + 2 * hour + 1 })).toEqual([
      [1, 1, 3],
      [2, 1, 4],
    ])
    expect(await windows({ everyMs: 24 * hour, offsetMs: 8 * hour, from: start, to: start + 24 * hour })).toEqual([
      [-16, 16, 0],
      [8, 32, 16],
    ])
    expect(await windows({ everyMs: 24 * hour, offsetMs: -16 * hour, from: start, to: start + 24 * hour })).toEqual([
      [-16, 16, 0],
      [8, 32, 16],
    ])
  })

  test('windows come in the order of the series asked, and empty ones are left out', async () => {
    const { telemetry, write } = await open()
    const [late, gap] = [seriesOf('z'), seriesOf('gap')]
    await write([...rowsOf(late, 4, hour), ...rowsOf(gap, 2, 3 * hour)])
    const asked = [late, seriesOf('none'), gap]
    const windows = await telemetry.windows(query({ series: asked, aggregates: ['max'] }))
    expect(windows.map((window) => [window.series, (window.start - start) / hour, window.max])).toEqual([
      [late, 0, 0],
      [late, 1, 1],
      [late, 2, 2],
      [late, 3, 3],
      [gap, 0, 0],
      [gap, 3, 1],
    ])
  })

  test('a revised value counts once, as it stands now', async () => {
    const { telemetry, write } = await open()
    const rows = rowsOf(series, 3)
    await write(rows)
    await write(rows.slice(1, 2).map((row) => ({ ...row, value: 11, receivedAt: row.receivedAt + hour, arrival: 'revised' as const })))
    expect(await telemetry.windows(query({ aggregates: ['sum'] }))).toEqual([{ series, start, n: 3, sum: 13 }])
  })
}
