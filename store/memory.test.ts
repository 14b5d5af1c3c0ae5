import { expect, test } from '@jest/globals'
import { describeStore } from './contract.ts'
import { StoreUnavailable } from './errors.ts'
import { createMemoryStore } from './memory.ts'
import { commitOf, rowsOf, seriesOf } from './testing/rows.ts'

describeStore('memory', async () => createMemoryStore(), { versions: true, parquet: false })

test('a commit beyond the bound is refused whole', async () => {
  const { ledger, telemetry } = createMemoryStore({ maxRows: 5 })
  await ledger.commit(commitOf(rowsOf(seriesOf('a'), 4), { cursor: 4 }))
  await expect(ledger.commit(commitOf(rowsOf(seriesOf('b'), 2), { cursor: 6 }))).rejects.toThrow(StoreUnavailable)
  expect([ledger.cursor(), (await telemetry.size()).rows]).toEqual([4, 4])
})
