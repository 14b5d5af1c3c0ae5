export interface WorkerParts {
  hasWork: () => boolean
  /** Does some of it; resolves with how long to wait before the next piece, ms. Does not reject. */
  piece: () => Promise<number> | number
  /** Lets others have their turn. */
  breathe: () => Promise<void>
  /** Resolves after so many ms, or at once when the signal aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Does work piece by piece, never in the turn of who brought it. */
export interface Worker {
  /** There is work; returns at once. */
  wake(): void
  /** Resolves when the piece at hand is done; there is no other. */
  close(): Promise<void>
}

export function createWorker({ hasWork, piece, breathe, wait }: WorkerParts): Worker {
  const end = new AbortController()
  let working: Promise<void> | null = null

  const work = async (): Promise<void> => {
    await breathe()
    while (!end.signal.aborted && hasWork()) {
      const ms = await piece()
      await (ms > 0 ? wait(ms, end.signal) : breathe())
    }
    working = null
  }
  return {
    wake: () => void (working ??= work()),
    async close() {
      end.abort()
      await working
    },
  }
}
