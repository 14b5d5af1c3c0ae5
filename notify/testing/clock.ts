import type { Timers } from '../timers.ts'

/** A clock that stands until it is moved; timers fire in order of their time as it passes them. */
export interface TestClock extends Timers {
  now(): number
  /** Moves to the next timer (at most `ms` ahead) again and again until `ms` have passed, letting promises settle between. */
  pass(ms: number): Promise<void>
  /** Times at which timers wait. */
  waiting(): number[]
}

export function testClock(start: number): TestClock {
  let at = start
  const timers = new Set<{ at: number; call: () => void }>()
  return {
    now: () => at,
    after(ms, call) {
      const timer = { at: at + ms, call }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    waiting: () => [...timers].map((timer) => timer.at).sort((a, b) => a - b),
    async pass(ms) {
      const end = at + ms
      for (;;) {
        await settled()
        const [next] = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)
        if (!next) break
        timers.delete(next)
        at = Math.max(at, next.at)
        next.call()
      }
      at = end
      await settled()
    },
  }
}

/** Lets everything that waits for no socket and no timer come to rest. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve))
}
