import { StoreUnavailable } from '../errors.ts'

/** Work takes turns: each of the `workers` does one piece at a time, the rest waits in the order it came. */
export interface Turns<Worker> {
  /** Rejects with StoreUnavailable when too many wait or the store is closing. */
  take<Result>(what: string, work: (worker: Worker) => Promise<Result>): Promise<Result>
  /** Nobody works, and nobody waits. */
  isIdle(): boolean
  /** Lets what has begun end, refuses what waits and what comes. */
  close(): Promise<readonly Worker[]>
}

interface Waiting<Worker> {
  start(worker: Worker): void
  refuse(): void
}

export function createTurns<Worker>(workers: readonly Worker[], maxWaiting: number): Turns<Worker> {
  const idle = [...workers]
  let waiting: Waiting<Worker>[] = []
  let closed: (() => void) | null = null

  const free = (worker: Worker): void => {
    const next = waiting.shift()
    if (next) return next.start(worker)
    idle.push(worker)
    if (closed && idle.length === workers.length) closed()
  }

  const worker = (what: string): Promise<Worker> => {
    if (closed) return Promise.reject(new StoreUnavailable(`${what}: the store is closing`))
    const ready = idle.pop()
    if (ready !== undefined) return Promise.resolve(ready)
    if (waiting.length >= maxWaiting)
      return Promise.reject(new StoreUnavailable(`${what}: ${waiting.length} others wait for the store; try again`))
    return new Promise((start, reject) => {
      waiting.push({ start, refuse: () => reject(new StoreUnavailable(`${what}: the store is closing`)) })
    })
  }

  return {
    take: async (what, work) => {
      const mine = await worker(what)
      try {
        return await work(mine)
      } finally {
        free(mine)
      }
    },
    isIdle: () => idle.length === workers.length,
    close: async () => {
      const refused = waiting
      waiting = []
      const ended = new Promise<void>((resolve) => (closed = resolve))
      refused.forEach((one) => one.refuse())
      if (idle.length < workers.length) await ended
      return workers
    },
  }
}
