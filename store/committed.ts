import type { Committed, StoredRow } from './ports/ledger.ts'

/**
 * The rows of one commit as readers get them: within a series in time order, the states of one key in the order they were made.
 * A batch of `next` rows only is so already and is returned as it is.
 */
export function inSeriesOrder(rows: readonly StoredRow[]): readonly StoredRow[] {
  if (rows.every((row) => row.arrival === 'next')) return rows
  return [...rows].sort((a, b) => (a.series === b.series ? a.observedAt - b.observedAt : a.series < b.series ? -1 : 1))
}

/** The first commits that hold at most `limitRows` rows together; at least one when there is one. */
export function readableWithin(commits: readonly Committed[], limitRows: number): Committed[] {
  let rows = 0
  const end = commits.findIndex((commit, i) => {
    rows += commit.rows.length
    return i > 0 && rows > limitRows
  })
  return end === -1 ? [...commits] : commits.slice(0, end)
}
