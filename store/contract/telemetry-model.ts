import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { StoredRow } from '../ports/ledger.ts'
import { aggregates, type TelemetryCapabilities, type TelemetryStore } from '../ports/telemetry.ts'
import { createMemoryTelemetry } from '../memory/telemetry.ts'
import { minute, seriesOf, start, storedRow } from '../testing/rows.ts'
import type { WritableTelemetry } from './telemetry.ts'

/** One reading as it might come: series, minute, value and the flag it gets. */
interface Sent {
  station: 'a' | 'b' | 'c'
  at: number
  value: number | null
  flag: 1 | 2 | 3 | 4
}

const sent: fc.Arbitrary<Sent> = fc.record({
  station: fc.constantFrom('a' as const, 'b' as const, 'c' as const),
  at: fc.integer({ min: 0, max: 40 }),
  // `+ 0` makes of -0 the zero that it equals: a file need not tell them apart
  value: fc.option(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => value + 0),
    { freq: 8 },
  ),
  flag: fc.constantFrom(1, 2, 3, 4),
})

const series = ['a', 'b', 'c', 'none'].map((station) => seriesOf(station))

/** Whatever is written in whatever order, the answers are those of the memory store. */
export function describeAgainstMemory(open: () => Promise<WritableTelemetry>, capabilities: TelemetryCapabilities): void {
  test('random batches are read back as the memory store reads them', async () => {
    const batches = fc.array(fc.array(sent, { maxLength: 30 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(batches, async (drawn) => {
        const model = createMemoryTelemetry()
        const store = await open()
        const classify = classifier()
        for (const [i, batch] of drawn.entries()) {
          const rows = batch.flatMap((reading) => classify(reading, start + (i + 1) * 60 * minute))
          model.write(rows)
          await store.write(rows)
        }
        expect(await answers(store.telemetry, capabilities)).toEqual(await answers(model, capabilities))
      }),
      { numRuns: 8 },
    )
  }, 120_000)
}

/** Gives each reading the arrival that the pipeline would give it; equal repeats are dropped. */
function classifier(): (reading: Sent, receivedAt: number) => StoredRow[] {
  const known = new Map<string, Sent & { receivedAt: number }>()
  const newest = new Map<string, number>()
  return (reading, receivedAt) => {
    const key = `${reading.station} ${reading.at}`
    const before = known.get(key)
    if (before && Object.is(before.value, reading.value) && before.flag === reading.flag) return []
    const isJudged = before !== undefined && Object.is(before.value, reading.value)
    known.set(key, { ...reading, receivedAt: isJudged ? before.receivedAt : receivedAt })
    const last = newest.get(reading.station) ?? -1
    newest.set(reading.station, Math.max(last, reading.at))
    const fresh = reading.at > last ? 'next' : 'inserted'
    const changed = Object.is(before?.value, reading.value) ? 'judged' : 'revised'
    const { value, flag } = reading
    const observedAt = start + reading.at * minute
    const row = storedRow({ series: seriesOf(reading.station), observedAt, receivedAt, value, flag, arrival: before ? changed : fresh })
    return [
      row.arrival === 'judged' ? { ...row, receivedAt: before?.receivedAt ?? receivedAt, judged: { at: receivedAt, delivery: 2 } } : row,
    ]
  }
}

async function answers(telemetry: TelemetryStore, { versions }: TelemetryCapabilities): Promise<unknown> {
  const [from, to] = [start + 5 * minute, start + 30 * minute]
  const latest = await telemetry.latest()
  return {
    range: await telemetry.range({ series, from, to }),
    limited: await telemetry.range({ series: series.slice(0, 1), from, to, limit: 3 }),
    asOf: versions ? await telemetry.range({ series, from, to, asOf: start + 150 * minute }) : null,
    versions: versions ? await telemetry.versions({ series: seriesOf('a'), observedAt: start + 7 * minute }) : null,
    latest: [...latest.values()].sort((a, b) => (a.series < b.series ? -1 : 1)),
    windows: (await telemetry.windows({ series, from, to, everyMs: 7 * minute, flags: [1, 3], aggregates })).map((window) => ({
      ...window,
      mean: rounded(window.mean),
      sum: rounded(window.sum),
      median: rounded(window.median),
    })),
    rows: (await telemetry.size()).rows,
  }
}

/** Sums differ in their last bits with the order of adding. */
const rounded = (value: number | undefined): number => Math.round((value ?? NaN) * 1e6) / 1e6 + 0
