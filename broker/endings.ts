import type { Client } from 'aedes'
import { refuse } from './hooks.ts'
import { RefusedError, type Refusal, type RefusalCounter } from './refusals.ts'
import { heldBack, type Router } from './router.ts'
import type { Session } from './session.ts'

interface EndingParts {
  sessions: Pick<WeakMap<object, Session>, 'get'>
  refusals: RefusalCounter
  router: Pick<Router, 'wasReplaced'>
  /** QoS 2 messages of a client that may wait for their release. */
  maxInFlight: number
}

/** Tells why connections end: each is counted once, under its reason. */
export interface Endings {
  end(client: Client, reason: Refusal, detail?: string): void
  /** Aedes gave a client up. */
  failed(client: Client, error: Error): void
}

/** What Aedes says when its timer for the CONNECT runs out. */
const connectLate = 'connect did not arrive in time'

export function createEndings({ sessions, refusals, router, maxInFlight }: EndingParts): Endings {
  const end = (client: Client, reason: Refusal, detail = ''): void => {
    const session = sessions.get(client)
    if (session) refuse({ refusals }, session, reason, detail)
  }
  return {
    end,
    /** Aedes' errors carry no code: what is no refusal of ours and no fault of the line is told by words and the state of the connection. */
    failed(client, error) {
      const session = sessions.get(client)
      if (!session || error instanceof RefusedError || 'code' in error) return
      if (session.identity === null && error.message === connectLate) end(client, 'connect-late')
      else if (session.wire.blocked()) end(client, 'not-draining')
      else if (heldBack(client) >= maxInFlight) end(client, 'in-flight-full')
      else if (router.wasReplaced(client)) end(client, 'replaced')
      // what was closed already sent nothing wrong: its device was put out, or broke off, before it was answered
      else if (!client.closed) end(client, 'malformed-packet', error.message)
    },
  }
}
