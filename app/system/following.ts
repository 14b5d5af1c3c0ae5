import type { Committed } from '../../store/ports/ledger.ts'
import type { Foundation } from './foundation.ts'

/** What follows the commits of the pipeline with a cursor of its own; what it misses it reads from the ledger. */
export interface Follower {
  /** Brings back what was kept and catches up. Once, before the first `consume`. */
  start(): Promise<void>
  consume(committed: Committed): Promise<void>
  /** Goes on after a fault, and takes what has been committed since. */
  catchUp(): Promise<void>
  /** Keeps where it is; ends catching up. */
  stop(): Promise<void>
}

export interface Following<Kind extends Follower> {
  /** The one that follows; while it is not up, the one that reads back. */
  current: () => Kind
  isUp: () => boolean
  /** Resolves when it is up, or when something keeps it from that for now. */
  settled: Promise<void>
  /** What keeps it from following; null while all is well, also while it reads back. */
  trouble: () => string | null
  /** Takes a commit, or leaves it to be read later; returns at once. */
  consume: (committed: Committed) => void
}

const retryMs = 5_000

/**
 * Starts a follower beside everything else: devices are acknowledged and readings stored while it reads back, for minutes when it was far
 * behind. Until it is up it takes no commits: it reads them from the store. After a fault it tries again every 5 s, from where it stopped.
 */
export function followCommits<Kind extends Follower>(
  name: string,
  make: () => Kind,
  { world, log, life }: Pick<Foundation, 'world' | 'log' | 'life'>,
): Following<Kind> {
  let [current, isUp, isStopped] = [make(), false, false]
  let trouble: string | null = null
  let retry: unknown = null

  const catchUp = async (): Promise<void> => {
    await current.catchUp()
    trouble = null
  }
  const bringUp = async (): Promise<void> => {
    await current.start()
    isUp = true
    await catchUp()
  }
  const later = (error: unknown): void => {
    trouble = error instanceof Error ? error.message : String(error)
    log.warn({ err: error }, `${name}; goes on from where it stopped`)
    if (isStopped) return
    retry ??= world.timers.setTimeout(() => {
      retry = null
      if (isUp) return void catchUp().catch(later)
      current = make()
      bringUp().catch(later)
    }, retryMs)
  }

  const settled = bringUp().catch(later)
  life.onStop(name, async () => {
    isStopped = true
    if (retry !== null) world.timers.clearTimeout(retry)
    await current.stop()
  })
  return {
    current: () => current,
    isUp: () => isUp,
    settled,
    trouble: () => trouble,
    consume: (committed) => {
      if (isUp) current.consume(committed).catch(later)
    },
  }
}
