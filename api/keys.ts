import { createHash } from 'node:crypto'
import type { DocumentStore } from '../store/ports/documents.ts'
import { ApiProblem } from './errors.ts'
import type { Permission } from './permissions.ts'

/** A key of a program. Times in epoch ms. */
export interface ApiKey {
  /** `keyIdOf` its token. */
  id: string
  name: string
  scopes: readonly Permission[]
  madeBy: string
  madeAt: number
  /** Null = it does not end by itself. */
  expiresAt: number | null
  /** To the minute; null = never. */
  lastUsedAt: number | null
}

interface KeyParts {
  documents: DocumentStore
  randomBytes: (size: number) => Uint8Array
  now: () => number
}

/**
 * Keys of programs: 256 random bits after `gk_`, shown once; what is kept is their SHA-256. At most 500, all in memory from the first
 * question on: a guess asks no store.
 */
export interface Keys {
  make(asked: {
    name: string
    scopes: readonly Permission[]
    expiresAt: number | null
    by: string
  }): Promise<{ key: ApiKey; token: string }>
  /** The key of a token that is good now; null = none. Looked up by hash: time tells nothing of a key. */
  holder(token: string): Promise<ApiKey | null>
  list(): Promise<ApiKey[]>
  /** False when there is none. */
  revoke(id: string): Promise<boolean>
  /** Calls back for each key that ended: whoever holds a live connection of it ends it within a second. */
  onEnded(end: (key: ApiKey) => void): void
  /** To be called every few seconds: ends the connections of what has run out. */
  sweep(): Promise<void>
}

export const keyPrefix = 'gk_'
/** The first characters of a key, by which it is told from others. */
export const keyIdOf = (token: string): string => token.slice(0, 11)
const mostKeys = 500
const usedEveryMs = 60_000

/** The name under which a key acts, for what is kept of it. No other login has it. */
export const actorOf = ({ name, id }: Pick<ApiKey, 'name' | 'id'>): string => `key ${name} (${id})`

export function createKeys(parts: KeyParts): Keys {
  return new KeptKeys(parts)
}

class KeptKeys implements Keys {
  readonly #parts: KeyParts
  readonly #listeners: ((key: ApiKey) => void)[] = []
  /** By hash. */
  #held: Promise<Map<string, ApiKey>> | null = null
  #sweptAt: number

  constructor(parts: KeyParts) {
    this.#parts = parts
    this.#sweptAt = parts.now()
  }

  async make({ name, scopes, expiresAt, by }: Parameters<Keys['make']>[0]): ReturnType<Keys['make']> {
    const { documents, randomBytes, now } = this.#parts
    const held = await this.#all()
    if (held.size >= mostKeys)
      throw new ApiProblem('conflict', `There are ${mostKeys} keys, the most there may be; revoke those that are not used.`)
    const token = keyPrefix + Buffer.from(randomBytes(32)).toString('base64url')
    const key: ApiKey = { id: keyIdOf(token), name, scopes, madeBy: by, madeAt: now(), expiresAt, lastUsedAt: null }
    await documents.put('key', hashOf(token), key, now())
    held.set(hashOf(token), key)
    return { key, token }
  }

  async holder(token: string): Promise<ApiKey | null> {
    const { documents, now } = this.#parts
    const hash = hashOf(token)
    const held = await this.#all()
    const key = held.get(hash)
    if (!key || (key.expiresAt !== null && key.expiresAt <= now())) return null
    if (now() - (key.lastUsedAt ?? 0) < usedEveryMs) return key
    const used = { ...key, lastUsedAt: now() }
    held.set(hash, used)
    await documents.put('key', hash, used, now())
    return held.has(hash) ? used : null
  }

  async list(): Promise<ApiKey[]> {
    return [...(await this.#all()).values()].sort((a, b) => a.madeAt - b.madeAt)
  }

  async revoke(id: string): Promise<boolean> {
    const held = await this.#all()
    const found = [...held].filter(([, key]) => key.id === id)
    for (const [hash, key] of found) {
      // first here, so that no use of it brings it back while the store works
      held.delete(hash)
      this.#end(key)
      try {
        await this.#parts.documents.remove('key', hash)
      } catch (error) {
        held.set(hash, key)
        throw error
      }
    }
    return found.length > 0
  }

  onEnded(end: (key: ApiKey) => void): void {
    this.#listeners.push(end)
  }

  async sweep(): Promise<void> {
    const [before, now] = [this.#sweptAt, this.#parts.now()]
    this.#sweptAt = now
    if (this.#held === null) return
    for (const key of (await this.#held).values())
      if (key.expiresAt !== null && key.expiresAt > before && key.expiresAt <= now) this.#end(key)
  }

  #all(): Promise<Map<string, ApiKey>> {
    return (this.#held ??= this.#read().catch((error: unknown) => {
      this.#held = null
      throw error
    }))
  }

  async #read(): Promise<Map<string, ApiKey>> {
    return new Map((await this.#parts.documents.list<ApiKey>('key')).map(({ key, body }) => [key, body]))
  }

  #end(key: ApiKey): void {
    for (const listener of this.#listeners) listener(key)
  }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
