import { randomBytes } from 'node:crypto'
import { uptime } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

/** The outside world as the boxes may know it: they get it from here, so that a test or a replay can give another. */
export interface World {
  /** Epoch ms, UTC. */
  now: () => number
  /** A clock that never goes back, ms. */
  monotonic: () => number
  /** The same, ms, with the time in which the machine slept; costs a system call. */
  uptime: () => number
  /** Uniform in [0, 1). */
  random: () => number
  randomBytes: (size: number) => Uint8Array
  /** Resolves after so many ms, or at once when the signal aborts. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>
  timers: { setTimeout: (run: () => void, ms: number) => unknown; clearTimeout: (handle: unknown) => void }
}

export const realWorld: World = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  uptime: () => uptime() * 1000,
  random: () => Math.random(),
  randomBytes: (size) => randomBytes(size),
  wait: (ms, signal) => wait(ms, undefined, { signal }).catch(() => undefined),
  timers: {
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
  },
}
