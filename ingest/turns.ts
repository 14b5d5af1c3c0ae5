import type { Accept, Delivery } from '../domain/delivery.ts'
import { GaugekeeperError } from '../domain/errors.ts'
import type { InTurn } from '../domain/in-turn.ts'
import { AmendmentRefused } from './errors.ts'

/** Where people who change stored data take turns: each finds what was changed before him carried, so that what he is told holds. */
export interface Turns {
  /**
   * Does the work when nothing that was changed before waits to be carried, a work of others at a time. Rejects with AmendmentRefused when
   * it goes on waiting, as it does while the store is away; what was journalled before the start counts as well.
   */
  take<Result>(doing: string, work: () => Promise<Result>): Promise<Result>
  /** Journals what a turn changes, and resolves when it is carried or that takes too long: the ledger tells. Only within a turn. */
  keep(deliveries: Iterable<Delivery>): Promise<void>
  /** Number of the last delivery that is carried: what came later nobody has seen. */
  carried(): number
}

export interface TurnsParts {
  accept: Accept
  inTurn: InTurn
  newest: () => number
  /** Everything up to here is carried, except for back-fill, which nothing that a person does waits in. */
  cursor: () => number
  /** Resolves when the cursor has got there, or it takes too long. */
  passed: (delivery: number) => Promise<void>
}

export function createTurns({ accept, inTurn, newest, cursor, passed }: TurnsParts): Turns {
  // what a server before this one journalled may be a change
  let last = newest()
  let waitedFor = 0

  /** Nobody waits for the same once more: a store that is away would make a queue of them. */
  async function settle(): Promise<void> {
    if (cursor() >= last || waitedFor >= last) return
    const upTo = last
    await passed(upTo)
    waitedFor = upTo
  }

  return {
    carried: cursor,
    take: (doing, work) =>
      inTurn(async () => {
        await settle()
        if (cursor() < last) throw new AmendmentRefused(doing, notCarried)
        return work()
      }),
    async keep(deliveries) {
      try {
        for (const delivery of deliveries) await accept(delivery)
      } finally {
        last = newest()
      }
      await settle()
    },
  }
}

const notCarried =
  'a change that was accepted before is on disk and waits for the store; ask again when it is carried (GET /readyz says what holds it up)'

/** What the ledger says of what was journalled. While it is away nothing is known of it, and it is on disk all the same. */
export async function askedAfter<Answer>(asked: Promise<Answer>, unknown: Answer): Promise<Answer> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof GaugekeeperError && error.code.startsWith('store-')) return unknown
    throw error
  }
}
