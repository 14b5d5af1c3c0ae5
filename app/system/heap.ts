import v8 from 'node:v8'
import vm from 'node:vm'
import type { World } from '../clock.ts'

/** The heap as far as it is known, and a way to have it collected. */
export interface Heap {
  /** Bytes of what has outlived two young collections, and of the buffers that it holds. */
  used(): number
  /** Collects beside the work, marking in small steps. Resolves when it is done. */
  collect(): Promise<unknown>
}

/**
 * When it is collected: how often one looks, and by what share and how many bytes it has grown since it was collected last. What was freed
 * outside of it goes back with each collection, and after so many looks without one.
 */
interface Patience {
  lookEveryMs: number
  growth: number
  leastBytes: number
  releaseAfterLooks: number
}

/** A steady load has its garbage collected by V8 itself and reads a page of the file now and then: once a minute what nobody needs goes. */
const usual: Patience = { lookEveryMs: 2_000, growth: 1.25, leastBytes: 16_000_000, releaseAfterLooks: 30 }
/**
 * A backlog that is carried leaves 10 MB of garbage a second. Collecting it at once costs speed, of which there is plenty. What waits for a
 * store that is away leaves little of it, but 20 MB in the C library.
 */
const short: Patience = { lookEveryMs: 100, growth: 1.05, leastBytes: 4_000_000, releaseAfterLooks: 50 }

export interface HeapKeeping {
  timers: World['timers']
  /** Whether the store is away, or what piled up meanwhile is being carried. */
  isCatchingUp: () => boolean
  /** Gives what was freed outside of the heap back to the system. */
  release: () => Promise<void>
}

/**
 * Keeps what nobody needs any more from piling up. Left to itself, V8 lets the old space of a program of 80 MB grow to 350 MB before it
 * collects it, and each reading of a backlog leaves up to a kilobyte there; the C library keeps what the buffers were made of. The processor
 * time of a reading does not show it (docs/measurements.md). Returns the function that ends it.
 */
export function keepHeapSmall({ timers, isCatchingUp, release }: HeapKeeping, heap: Heap = ownHeap): () => Promise<void> {
  const patience = (): Patience => (isCatchingUp() ? short : usual)
  let after = heap.used()
  let looks = 0
  let stopped = false
  let timer = timers.setTimeout(look, patience().lookEveryMs)

  function look(): void {
    // a process that has no file descriptor left cannot be measured: it is at the next look
    const done = tidied().catch(() => undefined)
    void done.finally(() => {
      if (!stopped) timer = timers.setTimeout(look, patience().lookEveryMs)
    })
  }

  async function tidied(): Promise<void> {
    const { growth, leastBytes, releaseAfterLooks } = patience()
    looks += 1
    const hasGrown = heap.used() >= after * growth + leastBytes
    if (!hasGrown && looks < releaseAfterLooks) return
    looks = 0
    if (hasGrown) {
      await heap.collect()
      after = heap.used()
    }
    // a store that cannot do so now is told of elsewhere
    await release().catch(() => undefined)
  }

  return async () => {
    stopped = true
    timers.clearTimeout(timer)
  }
}

/** The heap of this process. */
export const ownHeap: Heap = {
  used: () => {
    const old = v8.getHeapSpaceStatistics().filter(({ space_name: name }) => !name.startsWith('new_'))
    return old.reduce((sum, space) => sum + space.space_used_size, process.memoryUsage().arrayBuffers)
  },
  collect: () => compacting(() => unwarned(() => vm.measureMemory({ mode: 'summary', execution: 'eager' }))),
}

/** V8 gives pages back that are a fifth empty, not only those that are mostly so: half of what a backlog had filled stayed otherwise. */
async function compacting<Result>(work: () => Promise<Result>): Promise<Result> {
  v8.setFlagsFromString('--optimize-for-size')
  try {
    return await work()
  } finally {
    v8.setFlagsFromString('--no-optimize-for-size')
  }
}

/** Node says that measuring memory is experimental. What it measures does not matter here; that it begins to collect has held since 13.10. */
function unwarned<Result>(work: () => Result): Result {
  const { emitWarning } = process
  process.emitWarning = () => undefined
  try {
    return work()
  } finally {
    process.emitWarning = emitWarning
  }
}
