import type { Warning } from './warning.ts'
import type { Observation } from './observation.ts'

/** What the boxes tell each other after it is stored. A hint, never the truth: whoever misses one reads the store. */
export interface LiveEvents {
  /** Observations that a commit made current, in commit order. */
  observed: { commit: number; observations: readonly Observation[] }
  /** New versions of warnings, after they are kept. */
  warnings: { versions: readonly Warning[] }
}

export type LiveEvent = { [Name in keyof LiveEvents]: { name: Name } & LiveEvents[Name] }[keyof LiveEvents]
export type LiveListener = (event: LiveEvent) => void

/** Tells all listeners, in order of their coming. A listener must return at once and not throw. */
export interface LiveHub {
  emit(event: LiveEvent): void
  /** Returns the function that ends the listening. */
  on(listener: LiveListener): () => void
}

export function createLiveHub(): LiveHub {
  const listeners = new Set<LiveListener>()
  return {
    emit: (event) => {
      for (const listener of listeners) listener(event)
    },
    on: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
