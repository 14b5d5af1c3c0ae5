import type { Connection } from '../domain/connections.ts'
import type { Identity } from '../domain/identity.ts'
import type { FrameGuard } from './guard/frame-guard.ts'
import type { KeepAlive } from './keep-alive.ts'
import type { Proof } from './login.ts'
import type { PublishRate } from './publish-rate.ts'
import type { Refusal } from './refusals.ts'
import type { TopicRules } from './topics.ts'
import type { Wire } from './wire.ts'

/** What the broker knows of one connection. */
export interface Session {
  readonly connection: Connection
  readonly guard: FrameGuard
  readonly wire: Wire
  readonly keepAlive: KeepAlive
  readonly openedAt: number
  /** Null = it came without TLS. */
  readonly proof: Proof | null
  /** Why the login was refused, until it is answered. */
  refusal: Refusal | null
  /** User name that was tried; empty where it may hold the secret. */
  name: string
  identity: Identity | null
  rules: TopicRules | null
  /** How fast its device may publish. */
  rate: PublishRate | null
  /** The topic published to last: allowed, and the same string for all its deliveries. */
  topic: string
  /** The command that this topic replies to; null = it is no reply. */
  command: string | null
  /** The filters that it holds, with the QoS asked for. */
  readonly filters: Map<string, number>
  /** Its end was counted under a reason already. */
  ended: boolean
}

export function createSession(known: Pick<Session, 'connection' | 'guard' | 'wire' | 'keepAlive' | 'openedAt' | 'proof'>): Session {
  const unknown = { refusal: null, identity: null, rules: null, rate: null }
  return { ...known, ...unknown, name: '', topic: '', command: null, filters: new Map(), ended: false }
}
