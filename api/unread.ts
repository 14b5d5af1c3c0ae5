/** What the store has not told yet; asked again by and by while it is away. */
export interface Unread<Item> {
  /** Resolves after the next try, whether it worked or not. */
  add(items: readonly Item[]): Promise<void>
  close(): void
}

export function createUnread<Item>(
  read: (items: readonly Item[]) => Promise<void>,
  againMs: number,
  onFault: (items: readonly Item[], error: unknown) => void,
): Unread<Item> {
  const left = new Set<Item>()
  let [isReading, isClosed] = [false, false]
  let again: NodeJS.Timeout | undefined

  const readLeft = async (): Promise<void> => {
    if (left.size === 0 || isReading || isClosed) return
    const wanted = [...left]
    isReading = true
    try {
      await read(wanted)
      for (const item of wanted) left.delete(item)
    } catch (error) {
      onFault(wanted, error)
    }
    isReading = false
    clearTimeout(again)
    if (left.size > 0 && !isClosed) again = setTimeout(() => void readLeft(), againMs).unref()
  }
  return {
    add(items) {
      for (const item of items) left.add(item)
      return readLeft()
    },
    close() {
      isClosed = true
      clearTimeout(again)
    },
  }
}
