import { addressKey } from '../domain/attempts.ts'
import { guessing, remember } from '../domain/guessing.ts'
import type { Timers } from './line.ts'

export interface LoginTurnsParts {
  /** Epoch ms; may jump. */
  now: () => number
  timers: Timers
  /** Wrong passwords of an address that are judged at once in a minute. */
  wrongLogins: number
}

const { windowMs, everyMs } = guessing

interface Waiting {
  isOver: () => boolean
  start: () => void
}

interface Place {
  waiting: Set<Waiting>
  /** Being judged: each may turn out to be wrong. */
  judged: number
  /** The next is judged when the pause is over. */
  pauses: boolean
  /** When the latest wrong ones came. */
  wrongAt: number[]
}

/**
 * When the password of a station is judged: as many of an address at once as it may still get wrong in this minute, and ten a second once it
 * has guessed. Passwords of field protocols are short enough to be found by trying, so unlike at the doors of MQTT and HTTP right ones of that
 * address wait too: they are not told from guesses before they are judged. Stations that are logged in, and other addresses, do not wait.
 */
export class LoginTurns {
  readonly #parts: LoginTurnsParts
  readonly #places = new Map<string, Place>()

  constructor(parts: LoginTurnsParts) {
    this.#parts = parts
  }

  /** Judges when it is the turn of the address; null when the line is over by then. `judge` tells whether the password was right. */
  async judge(address: string, isOver: () => boolean, judge: () => Promise<boolean>): Promise<boolean | null> {
    const place = this.#placeOf(addressKey(address))
    await new Promise<void>((start) => {
      place.waiting.add({ isOver, start })
      this.#next(place)
    })
    try {
      const isRight = isOver() ? null : await judge()
      if (isRight === false) place.wrongAt = [...place.wrongAt, this.#parts.now()].slice(-this.#parts.wrongLogins)
      return isRight
    } finally {
      place.judged -= 1
      this.#next(place)
    }
  }

  #next(place: Place): void {
    for (const first of place.waiting) {
      if (place.pauses || (!first.isOver() && place.judged >= this.#mayBeWrong(place))) break
      this.#start(place, first)
    }
    if (place.waiting.size === 0 || place.judged > 0 || place.pauses) return
    place.pauses = true
    this.#parts.timers.setTimeout(() => {
      place.pauses = false
      for (const first of place.waiting) return this.#start(place, first)
    }, everyMs)
  }

  #start(place: Place, one: Waiting): void {
    place.waiting.delete(one)
    place.judged += 1
    one.start()
  }

  /** How many more of an address may be wrong before it counts as one that guesses. */
  #mayBeWrong({ wrongAt }: Place): number {
    const at = this.#parts.now()
    return this.#parts.wrongLogins - wrongAt.filter((time) => time > at - windowMs && time <= at).length
  }

  #placeOf(key: string): Place {
    const place = this.#places.get(key) ?? { waiting: new Set<Waiting>(), judged: 0, pauses: false, wrongAt: [] }
    remember(this.#places, key, place)
    return place
  }
}
