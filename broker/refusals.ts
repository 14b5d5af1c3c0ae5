/** Why a connection, a message or a subscription was refused. Refused messages are neither journalled nor acknowledged. */
export const refusals = {
  'too-many-connections': 'the broker has as many connections as it may have',
  'too-many-strangers': 'the address has too many connections that have not logged in',
  'packet-too-large': 'a packet is larger than allowed',
  'malformed-packet': 'the bytes are not MQTT',
  'unsupported-protocol': 'the protocol is not MQTT 3.1 or 3.1.1',
  'connect-late': 'no CONNECT came in time',
  'client-id-too-long': 'the client id is longer than allowed',
  'login-missing': 'there is no user name',
  'login-refused': 'name and secret do not fit, or the secret was revoked',
  'login-unavailable': 'the login could not be checked',
  'will-forbidden': 'a will may only go to the own status topic, with QoS 0, 1 or 2',
  'publish-reserved-topic': 'topics that begin with $ are reserved',
  'publish-wildcard': 'a topic to publish to holds a wildcard',
  'publish-foreign-topic': 'the topic is not one of the own ones',
  'publish-not-allowed': 'a service account publishes nothing',
  'publish-unknown-client': 'a will of a client that is no longer known',
  'subscribe-reserved-topic': 'filters that begin with $ are reserved',
  'subscribe-foreign-topic': 'the filter reaches beyond the own topics',
  'subscribe-too-many': 'the client holds as many filters as it may have',
  'forward-foreign-topic': 'a message was on its way to a client that may not see it',
  'journal-refused': 'the journal took nothing in for too long',
  'keep-alive': 'the client was silent for one and a half times its keep-alive time',
  'not-draining': 'the client took nothing of what was sent to it',
  'offline-queue-full': 'as many messages as may be kept wait for a client that is away',
  'outgoing-full': 'as many messages as may be on their way wait for subscribers',
} as const satisfies Record<string, string>

export type Refusal = keyof typeof refusals

/** One refusal, for the audit log. */
export interface Refused {
  reason: Refusal
  /** The login, where there was one. */
  device: string | null
  /** Peer address, where there is a peer. */
  address: string | null
  /** The topic, size or name it was about; cut to 200 characters. */
  detail: string
}

export class RefusedError extends Error {
  constructor(readonly reason: Refusal) {
    super(refusals[reason])
  }
}

/** Counts refusals by reason and hands each to a listener. */
export interface RefusalCounter {
  /** `times` for as many of the same kind at once. */
  count(refused: Refused, times?: number): void
  counts(): ReadonlyMap<Refusal, number>
}

export function createRefusalCounter(listener: (refused: Refused) => void): RefusalCounter {
  const counts = new Map<Refusal, number>()
  return {
    count(refused, times = 1) {
      counts.set(refused.reason, (counts.get(refused.reason) ?? 0) + times)
      listener({ ...refused, detail: refused.detail.slice(0, 200) })
    },
    counts: () => counts,
  }
}
