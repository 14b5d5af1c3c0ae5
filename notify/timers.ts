/** Waiting, passed in so that tests need not wait. */
export interface Timers {
  /** Calls back once; returns the function that prevents it. */
  after(ms: number, call: () => void): () => void
}

/** Those of Node; a wait does not keep the process alive. */
export const nodeTimers: Timers = {
  after(ms, call) {
    // longer ones would fire at once; whoever waits asks again
    const timer = setTimeout(call, Math.min(ms, 2 ** 31 - 1))
    timer.unref()
    return () => clearTimeout(timer)
  },
}
