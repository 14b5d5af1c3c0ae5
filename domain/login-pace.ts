import { addressKey, createAttempts } from './attempts.ts'
import { guessing, remember } from './guessing.ts'

export interface LoginPaceParts {
  /** Epoch ms. */
  now: () => number
  /** Wrong logins of an address, and of a user name, that are answered at once in a minute. */
  wrongLogins: number
}

const { windowMs, everyMs, mostWaiting } = guessing
const longestKey = 64

/** How fast those are answered who guess, at all doors together. Right logins never wait: secrets are too long to be found by trying. */
export interface LoginPace {
  /** A login was wrong: ms that its answer waits; null = it gets none, as many wait as may. No name (empty) counts for the address alone. */
  wrong(address: string, name: string): number | null
}

export function createLoginPace({ now, wrongLogins }: LoginPaceParts): LoginPace {
  const attempts = createAttempts({ now, allowed: wrongLogins, windowMs })
  /** When the next answer to an address may go out. */
  const turns = new Map<string, number>()
  return {
    wrong(address, name) {
      const place = addressKey(address)
      const keys = [`address ${place}`, ...(name === '' ? [] : [`name ${name.slice(0, longestKey)}`])]
      const begun = keys.map((key) => attempts.begin(key))
      if (begun.every(({ waitMs }) => waitMs === 0)) return 0
      const at = now()
      const earliest = at + everyMs
      const latest = at + everyMs * mostWaiting
      // A turn beyond the latest comes from a clock that was set back.
      const turn = Math.max(earliest, Math.min(turns.get(place) ?? 0, latest + everyMs))
      if (turn > latest) return null
      remember(turns, place, turn + everyMs)
      return turn - at
    },
  }
}
