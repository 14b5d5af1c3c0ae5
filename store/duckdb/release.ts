import type { DuckdbConfig } from '../config.ts'
import type { Engine } from './engine.ts'

/**
 * Gives what was freed back to the system, and, while nobody asks, pages of the file too. DuckDB keeps each page that it has seen, up to its
 * limit: with a lower one for a moment it lets them go, in a few ms. Setting the limit, also to what it is, makes it flush its allocator and
 * trim the heap of the C library.
 */
export async function releaseMemory(engine: Engine, { memoryLimit, restingMemory }: DuckdbConfig): Promise<void> {
  const isIdle = engine.isIdle()
  await engine.read('releasing memory', async (session) => {
    // more is in use than that: the limit stays as it is, and nothing goes
    if (isIdle) await session.run(limiting(restingMemory)).catch(() => undefined)
    await session.run(limiting(memoryLimit))
  })
}

const limiting = (limit: string): string => `SET GLOBAL memory_limit = '${limit}'`
