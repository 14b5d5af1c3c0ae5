/** What has been started, to be stopped in the opposite order. */
export interface Life {
  /** To be done at the end; the last one added is done first, but doors before all others: what they let in is carried, not left. */
  onStop(name: string, stop: () => unknown, kind?: 'door'): void
  /** Stops everything, once; a part that does not stop cleanly is told and does not keep the others from stopping. */
  stop(): Promise<void>
}

export function createLife(onTrouble: (name: string, error: unknown) => void): Life {
  const parts: { name: string; stop: () => unknown; isDoor: boolean }[] = []
  let stopping: Promise<void> | null = null
  const stopAll = async (): Promise<void> => {
    const last = parts.reverse()
    for (const { name, stop } of [...last.filter(({ isDoor }) => isDoor), ...last.filter(({ isDoor }) => !isDoor)])
      try {
        await stop()
      } catch (error) {
        onTrouble(name, error)
      }
  }
  return {
    onStop: (name, stop, kind) => void parts.push({ name, stop, isDoor: kind === 'door' }),
    stop: () => (stopping ??= stopAll()),
  }
}
