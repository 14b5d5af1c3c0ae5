import { afterEach } from '@jest/globals'

/** Opens what a test asks for and closes it after the test, passed or failed. Call once in a `describe`. */
export function opener<Opened extends { close(): Promise<void> }>(open: () => Promise<Opened>): () => Promise<Opened> {
  const opened: Opened[] = []
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })
  return async () => {
    const one = await open()
    opened.push(one)
    return one
  }
}
