/** Ends a connection of which no packet comes for one and a half times what it promised (MQTT 3.1.1, 3.1.2.10). */
export interface KeepAlive {
  /** From now on; 0 s = it may be silent for ever. */
  begin(seconds: number): void
  /** Something whole came. */
  heard(): void
  end(): void
}

export function createKeepAlive(onSilent: () => void): KeepAlive {
  let timer: NodeJS.Timeout | null = null
  const end = (): void => {
    if (timer) clearTimeout(timer)
    timer = null
  }
  return {
    begin(seconds) {
      end()
      if (seconds > 0) timer = setTimeout(onSilent, seconds * 1_500)
    },
    heard: () => void timer?.refresh(),
    end,
  }
}
