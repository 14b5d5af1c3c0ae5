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
  holder(token: string): Promise<(SessionHolder & { expiresAt: number }) | null>
  close(token: string): Promise<void>
  /** Calls back after sessions ended, but for those whose time is over. */
  onEnded(ended: () => void): void
}

const perUser = 20

export function createSessions({ documents, randomBytes, now, ttlMs }: SessionParts): Sessions {
  const listeners: (() => void)[] = []
  const remove = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) await documents.remove('session', key)
    if (keys.length > 0) for (const listener of listeners) listener()
  }
  const keyOf = (token: string): string => createHash('sha256').update(token).digest('hex')

  /** Takes away what is over, and the oldest of `user` beyond the bound. */
  const sweep = async (user: string): Promise<void> => {
    const all = await documents.list<SessionBody>('session')
    const over = all.filter(({ body }) => body.expiresAt <= now())
    const own = all.filter(({ body }) => body.user === user && body.expiresAt > now()).sort((a, b) => b.body.createdAt - a.body.createdAt)
    await remove([...over, ...own.slice(perUser - 1)].map(({ key }) => key))
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
      if (!body || body.expiresAt <= now()) return null
      return { user: body.user, passwordVersion: body.passwordVersion, expiresAt: body.expiresAt }
    },
    close: (token) => remove([keyOf(token)]),
    onEnded: (ended) => void listeners.push(ended),
  }
}
