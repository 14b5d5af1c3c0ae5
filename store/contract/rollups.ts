import { expect, test } from '@jest/globals'
import type { Rollup } from '../ports/telemetry.ts'
import { runId } from '../../domain/ids.ts'
import { day, hour, rowsOf, seriesOf, start } from '../testing/rows.ts'
import type { WritableTelemetry } from './telemetry.ts'

const series = seriesOf('a')

const rollup = (part: Partial<Rollup> = {}): Rollup => ({
  series,
  size: '1h',
  start,
  end: start + hour,
  n: 12,
  min: 1.25,
  mean: 2,
  max: 3.5,
  sum: 24,
  completeness: 1,
  ...part,
})
const empty = rollup({
  start: start + hour,
  end: start + 2 * hour,
  n: 0,
  min: null,
  mean: null,
  max: null,
  sum: null,
  completeness: null,
})
const daily = rollup({ size: '1d', start: start - 16 * hour, end: start + 8 * hour, completeness: 0.5 })

export function describeRollups(open: () => Promise<WritableTelemetry>): void {
  test('roll-ups come back by series and start, their size apart', async () => {
    const { telemetry, write } = await open()
    await write([...rowsOf(series, 1), ...rowsOf(seriesOf('b'), 1)])
    const other = rollup({ series: seriesOf('b') })
    await telemetry.putRollups([empty, daily, other, rollup()])
    const read = (size: Rollup['size'], from: number, to: number): Promise<Rollup[]> =>
      telemetry.rollups({ series: [seriesOf('b'), seriesOf('none'), series], size, from, to })
    expect(await read('1h', start, start + day)).toEqual([other, rollup(), empty])
    expect(await read('1h', start, start + hour)).toEqual([other, rollup()])
    expect(await read('1d', 0, start + day)).toEqual([daily])
    expect(await read('1d', start, start + day)).toEqual([])
  })

  test('a roll-up of the same window takes the place of the earlier one', async () => {
    const { telemetry, write } = await open()
    await write(rowsOf(series, 1))
    await telemetry.putRollups([rollup(), empty])
    await telemetry.putRollups([rollup({ n: 11, mean: 2.5, completeness: 11 / 12 })])
    await telemetry.putRollups([])
    expect(await telemetry.rollups({ series: [series], size: '1h', from: 0, to: start + day })).toEqual([
      rollup({ n: 11, mean: 2.5, completeness: 11 / 12 }),
      empty,
    ])
  })

  test('roll-ups outlive the rows they were made of, but not their run', async () => {
    const { telemetry, write } = await open()
    const run = runId('flood')
    const simulated = seriesOf('b')
    await write([...rowsOf(series, 3), ...rowsOf(simulated, 3).map((row) => ({ ...row, run }))])
    await telemetry.putRollups([rollup(), rollup({ series: simulated })])
    const left = (): Promise<Rollup[]> => telemetry.rollups({ series: [series, simulated], size: '1h', from: 0, to: start + day })
    await telemetry.dropRun(run)
    expect(await left()).toEqual([rollup()])
    await telemetry.dropBefore(start + day)
    expect(await left()).toEqual([rollup()])
  })
}
