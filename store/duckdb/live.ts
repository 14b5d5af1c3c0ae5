import type { Engine } from './engine.ts'
import type { State } from './state.ts'

/** An open file and what of it is in memory. */
export interface Opened {
  engine: Engine
  state: State
}

/** The open file, opened anew when the engine has broken (disk full, input/output error). */
export interface Live {
  /** Rejects with StoreUnavailable while the file cannot be opened. */
  opened(): Promise<Opened>
  /** What was open last, for what must be told at once. */
  last(): Opened
  close(): Promise<void>
}

export async function createLive(open: () => Promise<Opened>): Promise<Live> {
  let current = await open()
  let opening: Promise<Opened> | null = null
  let closed = false

  async function reopen(): Promise<Opened> {
    await current.engine.close()
    current = await open()
    return current
  }

  return {
    opened: () => {
      if (closed || !current.engine.broken()) return Promise.resolve(current)
      opening ??= reopen().finally(() => (opening = null))
      return opening
    },
    last: () => current,
    close: async () => {
      closed = true
      await opening?.catch(() => undefined)
      await current.engine.close()
    },
  }
}
