import type { Committed } from '../ports/ledger.ts'
import { readableWithin } from '../committed.ts'

/** The newest commits as they were made, for readers close behind: they read memory, not the disk. */
export interface RecentCommits {
  add(commit: Committed): void
  /** Null when the commits after `after` do not all lie here. */
  since(after: number, limitRows: number): Committed[] | null
  /** Every reader has passed `commit`. */
  passed(commit: number): void
  /** Rows were taken from the file: what lies here may be among them. */
  forget(): void
}

/** Holds at most about `maxRows` rows: then the oldest commits go, and whoever needs them reads the disk. */
export function createRecentCommits(maxRows: number): RecentCommits {
  const commits: Committed[] = []
  let rows = 0
  const size = (commit: Committed): number => commit.rows.length + 1
  const dropFirst = (count: number): void => {
    for (const commit of commits.splice(0, count)) rows -= size(commit)
  }
  return {
    add: (commit) => {
      commits.push(commit)
      rows += size(commit)
      let over = 0
      for (let left = rows; left > maxRows && over < commits.length; over += 1) left -= size(commits[over] ?? commit)
      if (over > 0) dropFirst(over)
    },
    since: (after, limitRows) => {
      const [first] = commits
      if (first === undefined || after < first.commit - 1) return null
      return readableWithin(commits.slice(after - first.commit + 1), limitRows)
    },
    passed: (commit) => {
      const [first] = commits
      if (first !== undefined && commit >= first.commit) dropFirst(commit - first.commit + 1)
    },
    forget: () => dropFirst(commits.length),
  }
}
