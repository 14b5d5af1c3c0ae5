import type { Commit, Ledger } from '../ports/ledger.ts'

/** Places in the feed from `first` to `last`, both inclusive. Live batches count up from zero, deferred ones down. */
export interface Places {
  first: number
  last: number
}

export const allPlaces: Places = { first: -Infinity, last: Infinity }

export const isWithin = ({ first, last }: Places, place: number): boolean => place >= first && place <= last

/**
 * The place of a batch: where its lane ends with it, counted from `base`. The lanes go forward by themselves, so each has a side of its
 * own: a deferred batch that died half-way is not taken for committed because live ones have gone on meanwhile.
 */
export function placeOf({ cursor, deferredCursor }: Commit, base: number, before: Pick<Ledger, 'cursor'>): number {
  return cursor > before.cursor() ? base + cursor : -(base + deferredCursor)
}

/** What a ledger has committed. */
export function committedPlaces(base: number, ledger: Pick<Ledger, 'cursor' | 'deferred'>): Places {
  return { first: -(base + ledger.deferred().cursor), last: base + ledger.cursor() }
}
