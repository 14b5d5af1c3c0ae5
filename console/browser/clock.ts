import { ageText } from '../say.ts'
import { voice } from './voice.ts'

/** Server minus browser, ms: ages are told by the server's clock. */
const skew = Number(document.documentElement.dataset.now) - Date.now()

/** The server's clock. */
export const serverNow = (): number => Date.now() + skew

/** Counts the ages of a page on: every second while the youngest is under a minute, else it makes no difference. */
export function tickAges(): void {
  setInterval(() => {
    if (document.hidden) return
    const now = serverNow()
    for (const time of document.querySelectorAll<HTMLElement>('[data-age]')) {
      const text = ageText(Math.max(0, now - Number(time.dataset.age)), voice)
      if (time.textContent !== text) time.textContent = text
    }
  }, 1000)
}
