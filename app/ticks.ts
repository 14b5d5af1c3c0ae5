import type { Accept } from '../domain/delivery.ts'
import type { RunId } from '../domain/ids.ts'
import type { World } from './clock.ts'
import { tickDelivery } from './runs.ts'

interface TickParts {
  accept: Accept
  /** Runs whose clock is ours; the real fleet is always ticked. */
  wallRuns: () => readonly RunId[]
  world: Pick<World, 'now' | 'timers'>
  onError: (error: unknown) => void
}

const minuteMs = 60_000
/** A full minute that is nearer than this is the one that was just ticked, or nearly. */
const nearMs = 1_000

/**
 * At each full minute our clock goes into the journal as a delivery of its own, for the real fleet and for each run that lives at our time.
 * Rules of silence and the hourly jobs follow these ticks, so that a re-run of the journal has them too. The wait between two is the monotonic
 * clock's: no tick is left out or made up when the system clock jumps. Returns the function that stops it, after a tick on its way.
 */
export function startTicks({ accept, wallRuns, world, onError }: TickParts): () => Promise<void> {
  const { now, timers } = world
  let isStopped = false
  let ticking = Promise.resolve()
  const tick = async (): Promise<void> => {
    const at = now()
    await Promise.all([null, ...wallRuns()].map((run) => accept(tickDelivery(run, at, at))))
  }
  const beat = (): void => {
    ticking = tick()
      .catch(onError)
      .then(() => void (isStopped || (timer = wait())))
  }
  const wait = (): unknown => {
    const restMs = minuteMs - (now() % minuteMs)
    return timers.setTimeout(beat, restMs < nearMs ? restMs + minuteMs : restMs)
  }
  let timer = wait()
  return () => {
    isStopped = true
    timers.clearTimeout(timer)
    return ticking
  }
}
