import { addressKey } from '../domain/attempts.ts'
import type { Timers } from './line.ts'

export interface LoginTurnsParts {
  /** Epoch ms; may jump. */
  now: () => number
  timers: Timers
  /** Wrong passwords of an address that are judged at once in a minute. */
  wrongLogins: number
}

/** Ms between two passwords of an address that guesses. */
const everyMs = 100
const windowMs = 60_000
/** Addresses remembered at most; the one that was quiet longest is forgotten first. */
const mostAddresses = 10_000

interface Place {
  /** Resolves when the last of the address has been judged. */
  last: Promise<unknown>
  /** When the latest wrong ones came. */
  wrongAt: number[]
}

/**
 * When the password of a station is judged: one of an address at a time, and ten a second once it has guessed. Passwords of field protocols
 * are short enough to be found by trying, so unlike at the doors of MQTT and HTTP right ones of that address wait too: they are not told
 * from guesses before they are judged. Stations that are logged in, and other addresses, do not wait.
 */
export class LoginTurns {
  readonly #parts: LoginTurnsParts
  readonly #places = new Map<string, Place>()

  constructor(parts: LoginTurnsParts) {
    this.#parts = parts
  }

  /** Judges when it is the turn of the address; null when the line is over by then. `judge` tells whether the password was right. */
  judge(address: string, isOver: () => boolean, judge: () => Promise<boolean>): Promise<boolean | null> {
    const place = this.#placeOf(addressKey(address))
    const judged = place.last.then(async () => {
      if (isOver()) return null
      if (this.#guesses(place)) await this.#pause()
      const isRight = isOver() ? null : await judge()
      if (isRight === false) place.wrongAt = [...place.wrongAt, this.#parts.now()].slice(-this.#parts.wrongLogins)
      return isRight
    })
    place.last = judged.catch(() => undefined)
    return judged
  }

  #guesses({ wrongAt }: Place): boolean {
    const at = this.#parts.now()
    return wrongAt.filter((time) => time > at - windowMs && time <= at).length >= this.#parts.wrongLogins
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#parts.timers.setTimeout(resolve, everyMs))
  }

  #placeOf(key: string): Place {
    const place = this.#places.get(key) ?? { last: Promise.resolve(), wrongAt: [] }
    this.#places.delete(key)
    this.#places.set(key, place)
    if (this.#places.size > mostAddresses) for (const oldest of this.#places.keys()) if (this.#places.delete(oldest)) break
    return place
  }
}
