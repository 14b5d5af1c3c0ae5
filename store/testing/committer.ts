import { openDuckdbStore } from '../duckdb/store.ts'
import type { DuckdbConfig } from '../config.ts'
import { commitOf, countOf, quarantinedOf, rowsOf, seriesOf, start, storedRow } from './rows.ts'

/** Rows of each batch of the program below. */
export const batchRows = 3_000

/**
 * A program: opens the store of a folder and commits batch after batch, each with rows, a version, a count, a rejection and a watermark,
 * until it is killed or has made `batches`. Writes `opened`, then the number of each commit, or `refused` and the code of the error.
 * Arguments: folder, configuration as JSON, number of batches, and `maintain` for upkeep all the while.
 */
async function main([folder = '', config = '{}', batches = '0', upkeep]: string[]): Promise<void> {
  const store = await openDuckdbStore({ folder, config: JSON.parse(config) as DuckdbConfig })
  process.stdout.write('opened\n')
  if (upkeep === 'maintain') void maintainForever(() => store.maintain(start + 1_000 * 86_400_000))
  for (let made = store.ledger.newest(); made < Number(batches); made = store.ledger.newest()) {
    try {
      process.stdout.write(`${await store.ledger.commit(batch(made + 1))}\n`)
    } catch (error) {
      process.stdout.write(`refused ${(error as { code?: string }).code ?? String(error)}\n`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  await store.close()
}

async function maintainForever(maintain: () => Promise<void>): Promise<void> {
  for (;;) await maintain()
}

/** What commit `n` holds. */
export function batch(n: number): ReturnType<typeof commitOf> {
  const version = storedRow({ value: n, arrival: n === 1 ? 'next' : 'revised', receivedAt: start + n })
  return commitOf([...rowsOf(seriesOf(`s${n}`), batchRows - 1), version], {
    cursor: n,
    counts: [countOf('rtu-0017', { received: batchRows, stored: batchRows })],
    quarantined: [quarantinedOf({ delivery: n })],
    watermarks: [{ run: null, at: n }],
  })
}

if (process.argv[1]?.endsWith('child.mjs')) await main(process.argv.slice(2))
