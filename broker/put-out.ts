import type { Client } from 'aedes'
import type { DeviceId } from '../domain/ids.ts'
import { insideOf, type Router } from './router.ts'
import type { Session } from './session.ts'

interface PutOutParts {
  router: Router
  sessions: Pick<WeakMap<object, Session>, 'get'>
  /** Several clients may be there with one login. */
  manyOfOne: boolean
  /** For so long a login from before may still be on its way, ms. */
  loginWithinMs: number
  now: () => number
}

/** Puts devices out: those that are in, and those whose login was answered before and that enter after. */
export interface PutOut {
  kick(device: DeviceId): void
  entered(client: Client): void
}

export function createPutOut({ router, sessions, manyOfOne, loginWithinMs, now }: PutOutParts): PutOut {
  /** When devices were put out last, the oldest first. */
  const kicked = new Map<DeviceId, number>()
  return {
    kick(device) {
      const at = now()
      for (const [old, then] of kicked) {
        if (at - then < 2 * loginWithinMs) break
        kicked.delete(old)
      }
      kicked.delete(device)
      kicked.set(device, at)
      const { clients } = insideOf(router)
      // With the login as client id the one is found at once; a fleet of thousands may be put out together.
      const held = manyOfOne ? Object.values(clients) : [clients[device]]
      for (const client of held) if (client && sessions.get(client)?.identity?.device === device) client.close()
    },
    entered(client) {
      const session = sessions.get(client)
      const kickedAt = session?.identity ? kicked.get(session.identity.device) : undefined
      if (session && kickedAt !== undefined && session.openedAt <= kickedAt) client.close()
    },
  }
}
