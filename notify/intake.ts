import type { LiveHub } from '../domain/events.ts'
import type { Warning } from '../domain/warning.ts'
import type { Timers } from './timers.ts'

/** A version of a warning that may have to be told. */
export type Hint = Pick<Warning, 'id' | 'version'>

interface IntakeParts {
  live: LiveHub
  timers: Timers
  /** Whether any channel is open for simulations, replays and drills. */
  anySimulated: boolean
  /** Keeps what is to be sent about one version. */
  note: (hint: Hint) => Promise<void>
  /** Finds in the store what the queue had no room for. */
  catchUp: () => Promise<void>
  onFault: (doing: string, error: unknown) => void
}

/** Takes up the events of warnings one by one; the listener itself returns at once. */
export interface Intake {
  /** Listens, and resolves when what was missed before has been taken up (or the store was away: then it is tried again by itself). */
  listen(): Promise<void>
  /** Versions that came while the queue was full. */
  overflowed(): number
  /** Resolves when the version in hand is done. */
  close(): Promise<void>
}

const queueAtMost = 10_000
const retryMs = 5_000

export function createIntake({ live, timers, anySimulated, note, catchUp, onFault }: IntakeParts): Intake {
  const queue: Hint[] = []
  let [isClosed, isBehind, overflowed] = [false, false, 0]
  let draining: Promise<void> | null = null
  let stop = (): void => undefined
  let cancelRetry = (): void => undefined

  const drain = async (): Promise<void> => {
    for (let first = queue[0]; first && !isClosed; first = queue[0]) {
      await note(first)
      queue.shift()
    }
    if (!isBehind || isClosed) return
    // set before the look: what overflows meanwhile asks for another one
    isBehind = false
    await catchUp().catch((error: unknown) => {
      isBehind = true
      throw error
    })
    if (queue.length > 0 || isBehind) await drain()
  }
  const wake = (): Promise<void> => {
    if (isClosed) return Promise.resolve()
    draining ??= drain().then(
      () => {
        draining = null
        // what came between the last look and now
        if (queue.length > 0) void wake()
      },
      (error: unknown) => {
        draining = null
        onFault('keeping what is to be sent', error)
        cancelRetry = timers.after(retryMs, () => void wake())
      },
    )
    return draining
  }

  return {
    listen() {
      stop = live.on((event) => {
        if (event.name !== 'warnings') return
        for (const { id, version, run, marks } of event.versions) {
          if (marks.retrospective || ((run !== null || marks.drill) && !anySimulated)) continue
          if (queue.length < queueAtMost) queue.push({ id, version })
          else [overflowed, isBehind] = [overflowed + 1, true]
        }
        if (queue.length > 0) void wake()
      })
      isBehind = true
      return wake()
    },
    overflowed: () => overflowed,
    async close() {
      isClosed = true
      stop()
      cancelRetry()
      await draining
    },
  }
}
