/** What has been started, to be stopped in the opposite order. */
export interface Life {
  /** To be done at the end; the last one added is done first. */
  onStop(name: string, stop: () => unknown): void
  /** Stops everything, once; a part that does not stop cleanly is told and does not keep the others from stopping. */
  stop(): Promise<void>
}

export function createLife(onTrouble: (name: string, error: unknown) => void): Life {
  const parts: { name: string; stop: () => unknown }[] = []
  let stopping: Promise<void> | null = null
  const stopAll = async (): Promise<void> => {
    for (const { name, stop } of parts.reverse())
      try {
        await stop()
      } catch (error) {
        onTrouble(name, error)
      }
  }
  return {
    onStop: (name, stop) => void parts.push({ name, stop }),
    stop: () => (stopping ??= stopAll()),
  }
}
