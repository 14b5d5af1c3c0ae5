import { createHash } from 'node:crypto'
import type { DocumentStore } from '../store/ports/documents.ts'
import { ApiProblem } from './errors.ts'
import type { Permission } from './permissions.ts'

/** A key of a program. Times in epoch ms. */
export interface ApiKey {
  /** The first characters of the key, by which it is told from others. */
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

/** Keys of programs: 256 random bits after `gk_`, shown once; what is kept is their SHA-256. At most 500. */
export interface Keys {
  make(asked: {
    name: string
    scopes: readonly Permission[]
    expiresAt: number | null
    by: string
  }): Promise<{ key: ApiKey; token: string }>
  /** The key of a token that is good now; null = none. Compared by hash: time tells nothing of a key. */
  holder(token: string): Promise<ApiKey | null>
  list(): Promise<ApiKey[]>
  /** False when there is none. */
  revoke(id: string): Promise<boolean>
}

export const keyPrefix = 'gk_'
const mostKeys = 500
const usedEveryMs = 60_000

export function createKeys({ documents, randomBytes, now }: KeyParts): Keys {
  const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
  const all = () => documents.list<ApiKey>('key')
  return {
    async make({ name, scopes, expiresAt, by }) {
      if ((await all()).length >= mostKeys)
        throw new ApiProblem('conflict', `There are ${mostKeys} keys, the most there may be; revoke those that are not used.`)
      const token = keyPrefix + Buffer.from(randomBytes(32)).toString('base64url')
      const key: ApiKey = { id: token.slice(0, 11), name, scopes, madeBy: by, madeAt: now(), expiresAt, lastUsedAt: null }
      await documents.put('key', hashOf(token), key, now())
      return { key, token }
    },
    async holder(token) {
      const hash = hashOf(token)
      const key = (await documents.get<ApiKey>('key', hash))?.body
      if (!key || (key.expiresAt !== null && key.expiresAt <= now())) return null
      if (now() - (key.lastUsedAt ?? 0) >= usedEveryMs) await documents.put('key', hash, { ...key, lastUsedAt: now() }, now())
      return key
    },
    list: async () => (await all()).map(({ body }) => body).sort((a, b) => a.madeAt - b.madeAt),
    async revoke(id) {
      const found = (await all()).filter(({ body }) => body.id === id)
      for (const { key } of found) await documents.remove('key', key)
      return found.length > 0
    },
  }
}
