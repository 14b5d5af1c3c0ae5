import { refresh } from './refresh.ts'

const everyMs = 1_500

/** Looks again every second and a half while a part of the page says that something goes on (`data-poll`). */
export function watchProgress(): void {
  const isGoingOn = (): boolean => document.querySelector('[data-poll]') !== null
  const look = async (): Promise<void> => {
    // an answer that does not come is asked for again at the next turn
    if (!document.hidden) await refresh().catch(() => undefined)
    if (isGoingOn()) setTimeout(() => void look(), everyMs)
  }
  if (isGoingOn()) setTimeout(() => void look(), everyMs)
}
