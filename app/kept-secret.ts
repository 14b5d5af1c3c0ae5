import { timingSafeEqual } from 'node:crypto'
import type { KeptPassword, Passwords } from '../api/passwords.ts'

/** One of the two: hex of the secret's HMAC-SHA-256 under the installation's key, or the scrypt of that HMAC. */
export interface KeptSecretBody {
  hmac?: string
  scrypt?: KeptPassword
}

/**
 * What a secret is told by: its HMAC where it is 128 random bits, the scrypt of its HMAC where it can be found by trying. A station of a field
 * protocol shows its password again and again: from when it was made or was right once, its HMAC stays in memory, and scrypt is asked no more.
 */
export class KeptSecret {
  #hmac: Buffer | null
  #scrypt: KeptPassword | null
  /** HMACs that are being looked at, so that a station which asks again while it waits costs nothing. Bounded by the line of `passwords`. */
  readonly #looking = new Map<string, Promise<boolean>>()

  constructor({ hmac, scrypt }: KeptSecretBody) {
    this.#hmac = hmac === undefined ? null : Buffer.from(hmac, 'hex')
    this.#scrypt = scrypt ?? null
  }

  /** By which a token is found; null while nothing but its scrypt is known. */
  get hmac(): Buffer | null {
    return this.#hmac
  }

  /** It is told by its HMAC alone. */
  get isQuick(): boolean {
    return this.#scrypt === null
  }

  /** Compares with the HMAC of a secret, in constant time. Rejects with too-many when scrypt has too many to compute. */
  async fits(given: Buffer, passwords: Passwords): Promise<boolean> {
    if (this.#hmac) return timingSafeEqual(given, this.#hmac)
    const key = given.toString('hex')
    const looked = this.#looking.get(key) ?? passwords.fits(given, this.#scrypt).finally(() => this.#looking.delete(key))
    this.#looking.set(key, looked)
    if (!(await looked)) return false
    this.#hmac = given
    return true
  }

  /** Is kept as scrypt from now on. Rejects with too-many. */
  async harden(passwords: Passwords): Promise<void> {
    if (this.#hmac && this.#scrypt === null) this.#scrypt = await passwords.keep(this.#hmac)
  }

  body(): KeptSecretBody {
    return this.#scrypt ? { scrypt: this.#scrypt } : { hmac: this.#hmac?.toString('hex') ?? '' }
  }
}
