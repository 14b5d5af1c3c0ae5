import type { Accept, Delivery } from '../domain/delivery.ts'

export type Done = (error?: Error | null) => void

/** What is told of the deliveries that went together. */
export interface AcknowledgeEvents {
  /** So many are kept. */
  kept(count: number): void
  /** So many were refused. */
  refused(count: number, error: Error): void
  /** A callback threw; the others are called all the same. */
  thrown(error: unknown): void
}

/**
 * Hands deliveries over and calls back when they are kept. Deliveries that come to share one promise (the journal gives all of a group
 * commit the same) share one continuation: at a hundred thousand a second that is most of what waiting costs.
 */
export function createAcknowledger(accept: Accept, events: AcknowledgeEvents): (delivery: Delivery, done: Done) => void {
  let promise: Promise<void> | null = null
  let waiting: Done[] = []

  function settle(settled: Promise<void>, callbacks: Done[], error: Error | null): void {
    if (promise === settled) promise = null
    if (error === null) events.kept(callbacks.length)
    else events.refused(callbacks.length, error)
    for (const done of callbacks) {
      try {
        done(error)
      } catch (thrown) {
        events.thrown(thrown)
      }
    }
  }

  return (delivery, done) => {
    const kept = accept(delivery)
    if (kept === promise) {
      waiting.push(done)
      return
    }
    const callbacks = [done]
    promise = kept
    waiting = callbacks
    kept.then(
      () => settle(kept, callbacks, null),
      (error: unknown) => settle(kept, callbacks, error instanceof Error ? error : new Error('refused', { cause: error })),
    )
  }
}
