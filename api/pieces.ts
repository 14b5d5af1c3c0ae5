import { setImmediate as breath } from 'node:timers/promises'

/** Items made between two breaths: a few milliseconds of work. */
const piece = 100

/** Maps a long list and lets others work in between: devices wait for their acknowledgements on the same thread. */
export async function inPieces<From, To>(items: readonly From[], make: (item: From) => To): Promise<To[]> {
  const made: To[] = []
  for (const item of items) {
    made.push(make(item))
    if (made.length % piece === 0) await breath()
  }
  return made
}
