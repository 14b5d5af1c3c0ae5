import { addressKey, createAttempts, type Attempt } from '../domain/attempts.ts'
import { guessing } from '../domain/guessing.ts'
import { ApiProblem } from './errors.ts'

interface PasswordTurnParts {
  now: () => number
  /** Wrong passwords of an address that are looked at at once in a minute. */
  wrongPasswords: number
}

const { windowMs, everyMs, mostWaiting } = guessing

/**
 * When the password of a person is looked at: at once, or one every 100 ms once its address has guessed. Passwords of people can be found by trying, so
 * right ones of that address wait too: but user names take turns, so that who guesses at one holds nobody else up for long.
 */
export interface PasswordTurns {
  /**
   * Resolves when it is the turn, within 2 s. Rejects with too-many when as many wait as may: of the user name that has most of them, which may be
   * this one. `onWait` is told when it is not at once.
   */
  turn(address: string, user: string, onWait: () => void): Promise<Pick<Attempt, 'forgive'>>
}

export function createPasswordTurns({ now, wrongPasswords }: PasswordTurnParts): PasswordTurns {
  const attempts = createAttempts({ now, allowed: wrongPasswords, windowMs })
  const lines = new Map<string, Line>()
  return {
    async turn(address, user, onWait) {
      const key = addressKey(address)
      const attempt = attempts.begin(key)
      if (attempt.waitMs === 0) return attempt
      onWait()
      const line = lines.get(key) ?? new Line(() => lines.delete(key))
      lines.set(key, line)
      await line.wait(user)
      return attempt
    },
  }
}

interface Waiting {
  start: () => void
  refuse: (problem: ApiProblem) => void
}

/** Those of one address that wait. */
class Line {
  /** By user name, whose turn is next first. */
  readonly #names = new Map<string, Waiting[]>()
  readonly #onEmpty: () => void
  #size = 0
  #runs = false

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  wait(user: string): Promise<void> {
    return new Promise((start, refuse) => {
      const own = this.#names.get(user) ?? []
      if (this.#size >= mostWaiting && !this.#makeRoom(own.length)) return refuse(tooMany())
      own.push({ start, refuse })
      this.#names.set(user, own)
      this.#size += 1
      if (!this.#runs) this.#tick()
    })
  }

  /** The last of the name that has most of them goes, if that is more than a name with `own` would have. */
  #makeRoom(own: number): boolean {
    const longest = [...this.#names.values()].reduce((most, list) => (list.length > most.length ? list : most), [])
    if (longest.length <= own + 1) return false
    longest.pop()?.refuse(tooMany())
    this.#size -= 1
    return true
  }

  #tick(): void {
    this.#runs = true
    setTimeout(() => {
      const [next] = this.#names
      if (next === undefined) {
        this.#runs = false
        return this.#onEmpty()
      }
      const [user, list] = next
      list.shift()?.start()
      this.#size -= 1
      this.#names.delete(user)
      if (list.length > 0) this.#names.set(user, list)
      this.#tick()
    }, everyMs)
  }
}

const tooMany = (): ApiProblem =>
  new ApiProblem('too-many', 'Wrong passwords of this address come faster than they are looked at; try again in two seconds.', {
    headers: { 'retry-after': '2', connection: 'close' },
  })
