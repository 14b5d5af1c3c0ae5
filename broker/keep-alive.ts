/** Ends a connection of which no packet comes for one and a half times what it promised (MQTT 3.1.1, 3.1.2.10). */
export interface KeepAlive {
  /** From now on; 0 s = it may be silent for ever. */
  begin(seconds: number): void
  /** Something whole came. */
  heard(): void
  /** The connection has gone; nothing begins after it. */
  end(): void
}

/** @param isHeld true while the connection is not read: what it says then is not heard */
export function createKeepAlive(isHeld: () => boolean, onSilent: () => void): KeepAlive {
  let timer: NodeJS.Timeout | null = null
  let hasEnded = false
  return {
    begin(seconds) {
      // a wrong login may wait for its answer longer than its connection lasts
      if (seconds > 0 && !hasEnded) timer = setTimeout(() => (isHeld() ? timer?.refresh() : onSilent()), seconds * 1_500)
    },
    heard: () => void timer?.refresh(),
    end() {
      hasEnded = true
      if (timer) clearTimeout(timer)
      timer = null
    },
  }
}
