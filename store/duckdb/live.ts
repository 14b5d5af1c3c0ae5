import type { GaugekeeperError } from '../../domain/errors.ts'
import type { Engine } from './engine.ts'
import { asDamage } from './failures.ts'
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
  /** What was said when damage of the file was first met, also by an engine that has been closed since; null while none was. */
  damage(): GaugekeeperError | null
  close(): Promise<void>
}

export async function createLive(open: () => Promise<Opened>): Promise<Live> {
  let current = await open()
  let opening: Promise<Opened> | null = null
  let closed = false
  let damage: GaugekeeperError | null = null

  async function reopen(): Promise<Opened> {
    damage ??= current.engine.damage()
    await current.engine.close()
    try {
      current = await open()
    } catch (error) {
      damage ??= asDamage(error)
      throw error
    }
    return current
  }

  return {
    opened: () => {
      if (closed || !current.engine.broken()) return Promise.resolve(current)
      opening ??= reopen().finally(() => (opening = null))
      return opening
    },
    last: () => current,
    damage: () => damage ?? current.engine.damage(),
    close: async () => {
      closed = true
      await opening?.catch(() => undefined)
      await current.engine.close()
    },
  }
}
