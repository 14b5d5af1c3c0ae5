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

const lookEveryMs = 2_000
/** It is collected when it has grown by a quarter and this many bytes since it was collected last. */
const [growth, leastBytes] = [1.25, 16_000_000]

/**
 * Keeps what nobody needs any more from piling up. Left to itself, V8 lets the old space of a program of 80 MB grow to 350 MB before it
 * collects it, and each reading of a backlog leaves up to a kilobyte there. The processor time of a reading does not show it
 * (docs/measurements.md). Returns the function that ends it.
 */
export function keepHeapSmall({ timers }: Pick<World, 'timers'>, heap: Heap = ownHeap): () => Promise<void> {
  let after = heap.used()
  let stopped = false
  let timer = timers.setTimeout(look, lookEveryMs)

  function look(): void {
    void tidied().finally(() => {
      if (!stopped) timer = timers.setTimeout(look, lookEveryMs)
    })
  }

  async function tidied(): Promise<void> {
    if (heap.used() < after * growth + leastBytes) return
    await heap.collect()
    after = heap.used()
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
  collect: () => unwarned(() => vm.measureMemory({ mode: 'summary', execution: 'eager' })),
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
