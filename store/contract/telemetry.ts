import { describe, expect, test } from '@jest/globals'
import type { StoredRow } from '../ports/ledger.ts'
import type { TelemetryCapabilities, TelemetryStore } from '../ports/telemetry.ts'
import { deviceId, runId, type SensorId } from '../../domain/ids.ts'
import { day, hour, minute, observed, rowsOf, seriesOf, start, storedRow } from '../testing/rows.ts'
import { opener } from './opened.ts'
import { describeAgainstMemory } from './telemetry-model.ts'
import { describeRollups } from './rollups.ts'
import { describeVersions } from './versions.ts'
import { describeWindows } from './windows.ts'

/** A telemetry store with a way to write: rows arrive as the pipeline commits them, classified rightly. */
export interface WritableTelemetry {
  telemetry: TelemetryStore
  write(rows: readonly StoredRow[]): Promise<void>
  close(): Promise<void>
}

/** Everything that is read back. `open` gives a new, empty one. */
export function describeTelemetry(name: string, open: () => Promise<WritableTelemetry>, capabilities: TelemetryCapabilities): void {
  describe(`${name}: telemetry`, () => {
    describeFields(opener(open), capabilities)
    describeReads(opener(open))
    describeExisting(opener(open))
    describePruning(opener(open))
  })
  describe(`${name}: windows`, () => describeWindows(opener(open)))
  describe(`${name}: roll-ups`, () => describeRollups(opener(open)))
  if (capabilities.versions) describe(`${name}: versions`, () => describeVersions(opener(open)))
  describe(`${name}: any rows`, () => describeAgainstMemory(opener(open), capabilities))
}

const whole = { from: 0, to: start + 1_000 * day }

function describeFields(open: () => Promise<WritableTelemetry>, capabilities: TelemetryCapabilities): void {
  test('abilities are declared', async () => {
    const { telemetry } = await open()
    expect(telemetry.capabilities).toEqual(capabilities)
  })

  test('an empty store answers everything with nothing', async () => {
    const { telemetry } = await open()
    const series = [seriesOf('nowhere')]
    expect(await telemetry.range({ series, ...whole })).toEqual([])
    expect(await telemetry.latest()).toEqual(new Map())
    expect(await telemetry.latest(series)).toEqual(new Map())
    expect(await telemetry.windows({ series, ...whole, everyMs: hour, aggregates: ['mean'] })).toEqual([])
    expect(await telemetry.existing([{ series: seriesOf('nowhere'), observedAt: start }])).toEqual([])
    expect(await telemetry.existing([])).toEqual([])
    expect((await telemetry.size()).rows).toBe(0)
  })

  test('every field comes back as it was written', async () => {
    const { telemetry, write } = await open()
    const rows = [
      storedRow({ value: 0.1 + 0.2, seq: 42, tests: 5, flag: 3, delivery: 9_007_199_254_740 }),
      storedRow({ observedAt: start + 1, receivedAt: start + 1, value: null, flag: 9 }),
      storedRow({ observedAt: start + 2, value: -1e-9, flag: 4, receivedAt: start + 400 * day, run: runId('flood-60x') }),
      storedRow({ observedAt: start + 3, value: 1e300, flag: 2, position: [121.4200001, -28.66], receivedAt: start - 9 * minute }),
    ]
    await write(rows)
    const [series] = rows.map((row) => row.series)
    expect(await telemetry.range({ series: series ? [series] : [], ...whole })).toEqual(rows.map(observed))
  })

  test('names of any letters come back as they are', async () => {
    const { telemetry, write } = await open()
    const stations = ['清溪站', "o'brien", 'a b', 'say "no"', 'a,b=c', 'back\\slash', '__proto__', '🌊', 'constructor']
    const rows = stations.map((station, i) => storedRow({ series: seriesOf(station), device: deviceId(`rtu ${station}`), value: i }))
    await write(rows)
    const series = stations.map((station) => seriesOf(station))
    expect(await telemetry.range({ series, ...whole })).toEqual(rows.map(observed))
    expect(await telemetry.latest()).toEqual(new Map(rows.map((row) => [row.series, observed(row)])))
  })
}

function describeReads(open: () => Promise<WritableTelemetry>): void {
  test('rows come in the order of the series asked, then of time; from is inside, to is not', async () => {
    const { telemetry, write } = await open()
    const [a, b] = [rowsOf(seriesOf('a'), 10), rowsOf(seriesOf('b'), 10)]
    await write([...b].reverse())
    await write(a)
    const times = async (series: SensorId[], from: number, to: number): Promise<string[]> =>
      (await telemetry.range({ series, from, to })).map((row) => `${row.series.charAt(0)}${row.value}`)
    const at = (i: number): number => start + i * 5 * minute
    expect(await times([seriesOf('b'), seriesOf('none'), seriesOf('a')], at(8), at(10))).toEqual(['b8', 'b9', 'a8', 'a9'])
    expect(await times([seriesOf('a')], at(3), at(5))).toEqual(['a3', 'a4'])
    expect(await times([seriesOf('a')], at(3), at(3))).toEqual([])
    expect(await times([seriesOf('a')], at(3) + 1, at(4) + 1)).toEqual(['a4'])
    expect(await times([], 0, at(100))).toEqual([])
  })

  test('a limit takes the oldest rows over all series', async () => {
    const { telemetry, write } = await open()
    await write([...rowsOf(seriesOf('a'), 5), ...rowsOf(seriesOf('b'), 5)])
    const values = async (limit: number): Promise<string[]> =>
      (await telemetry.range({ series: [seriesOf('b'), seriesOf('a')], ...whole, limit })).map(
        (row) => `${row.series.charAt(0)}${row.value}`,
      )
    expect(await values(4)).toEqual(['b0', 'b1', 'a0', 'a1'])
    expect(await values(5)).toEqual(['b0', 'b1', 'b2', 'a0', 'a1'])
    expect(await values(100)).toHaveLength(10)
  })

  test('latest is the newest by its own time, however it came', async () => {
    const { telemetry, write } = await open()
    const series = seriesOf('a')
    await write([storedRow({ series, observedAt: start + hour, value: 2 }), storedRow({ series: seriesOf('b'), value: 7 })])
    await write([storedRow({ series, observedAt: start, value: 1, arrival: 'inserted', receivedAt: start + 2 * hour })])
    expect((await telemetry.latest([series])).get(series)?.value).toBe(2)
    await write([storedRow({ series, observedAt: start + hour, value: 2.5, arrival: 'revised', receivedAt: start + 3 * hour })])
    expect((await telemetry.latest([series])).get(series)?.value).toBe(2.5)
    expect([...(await telemetry.latest()).keys()].sort()).toEqual([series, seriesOf('b')].sort())
    expect([...(await telemetry.latest([seriesOf('b'), seriesOf('none')])).keys()]).toEqual([seriesOf('b')])
  })

  test('what was asked while there was nothing is answered when there is something', async () => {
    const { telemetry, write } = await open()
    const series = [seriesOf('a'), seriesOf('b')]
    const ask = async (): Promise<number[]> => [
      (await telemetry.range({ series: series.slice(0, 1), ...whole })).length,
      (await telemetry.range({ series, ...whole, limit: 100 })).length,
      (await telemetry.windows({ series, ...whole, everyMs: hour, aggregates: ['mean'] })).length,
      (await telemetry.existing([{ series: seriesOf('a'), observedAt: start }])).length,
    ]
    expect(await ask()).toEqual([0, 0, 0, 0])
    await write([...rowsOf(seriesOf('a'), 2, hour), ...rowsOf(seriesOf('b'), 1)])
    expect(await ask()).toEqual([2, 3, 3, 1])
    await write(rowsOf(seriesOf('b'), 30, hour).slice(1))
    expect(await ask()).toEqual([2, 32, 32, 1])
  })
}

function describeExisting(open: () => Promise<WritableTelemetry>): void {
  test('existing finds the keys that are there among thousands that are not', async () => {
    const { telemetry, write } = await open()
    const rows = rowsOf(seriesOf('a'), 3_000)
    await write(rows)
    const asked = rows.flatMap(({ series, observedAt }) => [
      { series, observedAt },
      { series, observedAt: observedAt + 1 },
      { series: seriesOf('none'), observedAt },
    ])
    const found = await telemetry.existing(asked)
    expect(found.sort((a, b) => a.observedAt - b.observedAt)).toEqual(rows.map(observed))
  })
}

function describePruning(open: () => Promise<WritableTelemetry>): void {
  test('dropBefore takes what is older, and tells how many', async () => {
    const { telemetry, write } = await open()
    const [a, b] = [seriesOf('a'), seriesOf('b')]
    await write([...rowsOf(a, 10, hour), ...rowsOf(b, 3, hour)])
    expect(await telemetry.dropBefore(start + 3 * hour)).toBe(6)
    const left = await telemetry.range({ series: [a, b], ...whole })
    expect(left.map((row) => row.value)).toEqual([3, 4, 5, 6, 7, 8, 9])
    expect([...(await telemetry.latest()).keys()]).toEqual([a])
    expect((await telemetry.size()).rows).toBe(7)
    expect(await telemetry.dropBefore(start)).toBe(0)
  })

  test('dropRun takes one run and leaves the rest', async () => {
    const { telemetry, write } = await open()
    const run = runId('flood-60x')
    const [real, simulated] = [rowsOf(seriesOf('a'), 4), rowsOf(seriesOf('a2'), 6).map((row) => ({ ...row, run }))]
    const other = rowsOf(seriesOf('a3'), 2).map((row) => ({ ...row, run: runId('other') }))
    await write([...real, ...simulated, ...other])
    expect(await telemetry.dropRun(run)).toBe(6)
    expect(await telemetry.dropRun(run)).toBe(0)
    expect(await telemetry.dropRun(runId('never'))).toBe(0)
    expect([...(await telemetry.latest()).keys()].sort()).toEqual([seriesOf('a'), seriesOf('a3')])
    expect((await telemetry.size()).rows).toBe(6)
  })

  test('a series that was dropped can be written again', async () => {
    const { telemetry, write } = await open()
    const rows = rowsOf(seriesOf('a'), 3)
    await write(rows)
    await telemetry.dropBefore(start + day)
    await write(rows)
    expect(await telemetry.range({ series: [seriesOf('a')], ...whole })).toEqual(rows.map(observed))
  })
}
