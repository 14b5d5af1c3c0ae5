import { expect, test } from '@jest/globals'
import type { Observation } from '../domain/observation.ts'
import type { RangeQuery, TelemetryStore } from '../store/ports/telemetry.ts'
import { observed, rowsOf, seriesOf, start } from '../store/testing/rows.ts'
import { pagesOf } from './observation-pages.ts'

/** A store of so many series with so many values each that counts its questions. */
async function read(counts: readonly number[], size: number): Promise<{ same: boolean; questions: number }> {
  const series = counts.map((_, i) => seriesOf(`s-${i}`))
  const kept = new Map(series.map((id, i) => [id, rowsOf(id, counts[i] ?? 0).map(observed)]))
  let questions = 0
  const range = async ({ series: asked, from, limit = Infinity }: RangeQuery): Promise<Observation[]> => {
    questions += 1
    const found = asked.flatMap((id) => (kept.get(id) ?? []).filter(({ observedAt }) => observedAt >= from))
    const oldest = [...found].sort((a, b) => a.observedAt - b.observedAt).slice(0, limit)
    return found.filter((row) => oldest.includes(row))
  }
  const pages: Observation[][] = []
  const query = { series, from: start, to: start + 1e12 }
  for await (const page of pagesOf({ range } as unknown as TelemetryStore, query, size)) pages.push(page)
  expect(pages.every((page, i) => page.length === size || i === pages.length - 1)).toBe(true)
  return { same: JSON.stringify(pages.flat()) === JSON.stringify([...kept.values()].flat()), questions }
}

test('many series with few values each are one question to the store', async () => {
  expect(
    await read(
      Array.from({ length: 50 }, () => 6),
      5_000,
    ),
  ).toEqual({ same: true, questions: 1 })
})

test('whatever the values and the pages, each value comes once and in order', async () => {
  for (const [counts, size] of [
    [[7, 0, 3, 12, 1, 1, 1, 9], 4],
    [[7, 0, 3, 12, 1, 1, 1, 9], 7],
    [[0, 0, 0], 5],
    [[20, 20, 20, 20, 20], 33],
    [[5], 5],
  ] as const)
    expect((await read(counts, size)).same).toBe(true)
})
