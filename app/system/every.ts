import type { World } from '../clock.ts'

/** Does something again so many ms after the last time ended; returns the function that stops it, after a last time. `work` does not reject. */
export function every(ms: number, work: () => Promise<unknown>, { timers }: Pick<World, 'timers'>): () => Promise<unknown> {
  let stopped = false
  let timer = timers.setTimeout(again, ms)
  function again(): void {
    void work().then(() => stopped || (timer = timers.setTimeout(again, ms)))
  }
  return () => {
    stopped = true
    timers.clearTimeout(timer)
    return work()
  }
}
