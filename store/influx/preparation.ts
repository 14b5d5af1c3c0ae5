import type { DocumentStore } from '../ports/documents.ts'
import type { InfluxConnection } from './connection.ts'

/** What must be true before InfluxDB is used as the only store. */
export interface Preparation {
  /**
   * Makes the database, and finds where the places of our feed begin. Done once; again after every failure, for the server may be away
   * when we start, and its database be dropped later. Rejects with StoreUnavailable.
   */
  done(): Promise<void>
  failed(): void
  /** Added to our delivery numbers; null while it is not known. */
  base(): number | null
}

const key = 'influx-base'

/**
 * Delivery numbers of a new data folder begin at 1, the points of an earlier one may stand in the database with higher numbers: ours are
 * counted from the highest that was there when the folder first met the database, so that all older points read as committed.
 */
export function createPreparation({ prepare, ql }: InfluxConnection, documents: DocumentStore): Preparation {
  let prepared = false
  let base: number | null = null

  async function findBase(): Promise<number> {
    const kept = await documents.get<number>('setting', key)
    if (kept) return kept.body
    const [found = []] = await ql.ask(['SELECT MAX("batch") FROM "observation"'])
    const highest = Number(found[0]?.rows[0]?.[1] ?? 0)
    await documents.put('setting', key, highest, 0)
    return highest
  }

  return {
    base: () => base,
    failed: () => void (prepared = false),
    done: async () => {
      if (!prepared) await prepare()
      prepared = true
      base ??= await findBase()
    },
  }
}
