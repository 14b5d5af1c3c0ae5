import type { Observation } from '../../domain/observation.ts'
import type { StoredRow } from '../ports/ledger.ts'
import { historyLine, observationLine, type KeptState } from './points.ts'
import type { States } from './states.ts'
import type { InfluxWriter } from './writer.ts'

/** A row that the server will never take. */
export interface RefusedRow {
  row: StoredRow
  /** The point as it was written. */
  line: string
  /** The server's words. */
  reason: string
}

/**
 * Writes rows in their order: first the states they supersede into the history, then the new current state of each key. Idempotent: the
 * same rows again, in batches cut otherwise too, leave the same points. Rejects with StoreUnavailable: write all of them again.
 * @param batch place in the feed at which these rows end
 */
export type Append = (rows: readonly StoredRow[], batch: number) => Promise<RefusedRow[]>

export function createAppend(states: States, writer: InfluxWriter): Append {
  return async (rows, batch) => {
    // Most batches bring new keys only: each row is its point.
    if (!rows.some(supersedes)) {
      const refused = await writer.write(rows.map((observation) => observationLine({ observation, version: 1, batch })))
      return refused.flatMap(({ index, line, reason }) => rows.slice(index, index + 1).map((row) => ({ row, line, reason })))
    }
    const { current, superseded } = supersede(rows, await supersededBy(rows, states), batch)
    await writer.write(superseded.map(historyLine), 'ns')
    const keys = [...current.keys()]
    const refused = await writer.write([...current.values()].map(observationLine))
    const reasons = new Map(refused.map((line) => [keys[line.index], line]))
    return rows.flatMap((row) => {
      const found = reasons.get(nameOf(row))
      return found ? { row, line: found.line, reason: found.reason } : []
    })
  }
}

const supersedes = ({ arrival }: StoredRow): boolean => arrival === 'revised' || arrival === 'judged'

/** The states in the database that these rows supersede, by key. */
async function supersededBy(rows: readonly StoredRow[], states: States): Promise<Map<string, KeptState>> {
  return new Map((await states.of(rows.filter(supersedes))).map((state) => [nameOf(state.observation), state]))
}

/** One batch may hold several states of one key: the last is current, the others are history as well. */
function supersede(
  rows: readonly StoredRow[],
  known: ReadonlyMap<string, KeptState>,
  batch: number,
): { current: Map<string, KeptState>; superseded: KeptState[] } {
  const current = new Map<string, KeptState>()
  const superseded: KeptState[] = []
  for (const row of rows) {
    const name = nameOf(row)
    const before = current.get(name) ?? known.get(name)
    if (before) superseded.push(before)
    current.set(name, { observation: row, version: (before?.version ?? 0) + 1, batch })
  }
  return { current, superseded }
}

const nameOf = ({ observedAt, series }: Pick<Observation, 'observedAt' | 'series'>): string => `${observedAt} ${series}`
