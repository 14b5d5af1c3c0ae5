import type { Timers } from './device-client.ts'
import { SendingStopped } from './errors.ts'

/** When it is to stop and nothing has been acknowledged for so long, or a step takes so long all the same, what is on its way is given up. */
const [stillMs, mostLooks] = [2_000, 5]

interface Sending {
  timers: Timers
  /** Messages or values that are acknowledged so far. */
  acknowledged: () => number
  giveUp: (reason: Error) => void
}

/** From the stop on, gives up when nothing is acknowledged any more, and after 10 s in any case. `end` ends the watch. */
export function watchStillness(stop: AbortSignal, { timers, acknowledged, giveUp }: Sending): { end(): void } {
  let timer: unknown = null
  const look = (left: number): void => {
    const before = acknowledged()
    timer = timers.setTimeout(() => {
      if (left <= 1 || acknowledged() === before) giveUp(new SendingStopped())
      else look(left - 1)
    }, stillMs)
  }
  const begin = (): void => look(mostLooks)
  stop.addEventListener('abort', begin)
  if (stop.aborted) begin()
  return {
    end() {
      stop.removeEventListener('abort', begin)
      timers.clearTimeout(timer)
    },
  }
}
