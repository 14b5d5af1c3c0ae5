import { createHash } from 'node:crypto'
import type { DocumentStore } from '../store/ports/documents.ts'

/** Who logged in, with which of their passwords. */
export interface SessionHolder {
  user: string
  passwordVersion: number
}

interface SessionBody extends SessionHolder {
  createdAt: number
  expiresAt: number
}

interface SessionParts {
  documents: DocumentStore
  randomBytes: (size: number) => Uint8Array
  now: () => number
  ttlMs: number
}

/** Logins that last. The token is known to the browser only; what is kept is its SHA-256. */
export interface Sessions {
  /** A new session; the oldest of the user end when there are more than 20. */
  open(holder: SessionHolder): Promise<string>
  /** The holder of a token; null when it is unknown or over. */
  holder(token: string): Promise<SessionHolder | null>
  close(token: string): Promise<void>
}

const perUser = 20

export function createSessions({ documents, randomBytes, now, ttlMs }: SessionParts): Sessions {
  const keyOf = (token: string): string => createHash('sha256').update(token).digest('hex')

  /** Takes away what is over, and the oldest of `user` beyond the bound. */
  const sweep = async (user: string): Promise<void> => {
    const all = await documents.list<SessionBody>('session')
    const over = all.filter(({ body }) => body.expiresAt <= now())
    const own = all.filter(({ body }) => body.user === user && body.expiresAt > now()).sort((a, b) => b.body.createdAt - a.body.createdAt)
    for (const { key } of [...over, ...own.slice(perUser - 1)]) await documents.remove('session', key)
  }

  return {
    async open({ user, passwordVersion }) {
      await sweep(user)
      const token = Buffer.from(randomBytes(32)).toString('base64url')
      const body: SessionBody = { user, passwordVersion, createdAt: now(), expiresAt: now() + ttlMs }
      await documents.put('session', keyOf(token), body, now())
      return token
    },
    async holder(token) {
      if (token.length !== 43) return null
      const body = (await documents.get<SessionBody>('session', keyOf(token)))?.body
      return body && body.expiresAt > now() ? { user: body.user, passwordVersion: body.passwordVersion } : null
    },
    async close(token) {
      await documents.remove('session', keyOf(token))
    },
  }
}
