/** Why a connection, a message or a subscription was refused. Refused messages are neither journalled nor acknowledged. */
export const refusals = {
  'too-many-connections': 'the broker has as many connections as it may have',
  'too-many-strangers': 'the address has too many connections that have not logged in',
  'packet-too-large': 'a packet is larger than allowed',
  'length-malformed': 'the remaining length takes more than four bytes, or more than it needs',
  'length-mismatch': 'the fields of a packet do not fit its length',
  'packet-type': 'a packet of a type that is reserved or that only a server sends',
  'packet-flags': 'reserved bits of a packet are not as they must be',
  'qos-3': 'a QoS of 3',
  'dup-qos-0': 'a message of QoS 0 is marked as sent again',
  'packet-id-zero': 'a packet identifier of 0',
  'text-malformed': 'a text is not UTF-8, or holds NUL, a control character, a surrogate or a non-character',
  'topic-empty': 'a topic or filter is empty',
  'topic-levels': 'a topic or filter has more levels than allowed',
  'filter-malformed': '+ or # stands where it may not',
  'filters-missing': 'a SUBSCRIBE or UNSUBSCRIBE without a filter',
  'filters-too-many': 'a SUBSCRIBE or UNSUBSCRIBE with more filters than allowed',
  'connect-missing': 'the first packet is not a CONNECT',
  'connect-again': 'a second CONNECT',
  'protocol-name': 'the protocol is not called MQTT',
  'unsupported-protocol': 'the protocol is not MQTT 3.1.1, nor 3.1',
  'connect-flags': 'the reserved flag of a CONNECT is set, or it brings a password without a user name',
  'will-malformed': 'a will of QoS 3, a will to a wildcard or to no topic, or parts of a will without one',
  'client-id-missing': 'an empty client id asks for a session that lasts',
  'too-early': 'more packets came before the login was answered than are kept',
  'malformed-packet': 'the packet is wrong in a way that has no name of its own',
  'in-flight-full': 'more QoS 2 messages wait for their release than allowed',
  'text-frame': 'a WebSocket frame holds text; MQTT comes in binary ones',
  'foreign-page': 'a WebSocket upgrade asks for another host, or comes from a page of another site',
  fragments: 'a WebSocket message comes in too many parts',
  'websocket-malformed': 'a WebSocket frame is wrong',
  'connect-late': 'no CONNECT came in time',
  'client-id-too-long': 'the client id is longer than allowed',
  'login-missing': 'there is no user name',
  'login-refused': 'name and secret do not fit, or the secret was revoked',
  'login-throttled': 'wrong logins of the address come faster than they are answered',
  'login-unavailable': 'the login could not be checked',
  replaced: 'another login of the same name came before this one was answered',
  'tls-handshake': 'the TLS handshake came to no end, or in time',
  'certificate-missing': 'the listener asks for a certificate and there is none',
  'certificate-foreign': 'the certificate is none of the device CA',
  'certificate-unknown': 'the device CA made the certificate, but it or its device is not known (any more)',
  'certificate-early': 'the certificate is not good yet',
  'certificate-expired': 'the certificate is over, or was replaced',
  'certificate-revoked': 'the certificate was revoked',
  'certificate-of-another': 'the certificate is that of another device than the user name',
  'will-forbidden': 'a will may only go to the own status topic',
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

/** What a refused CONNECT is answered with (MQTT 3.1.1, table 3.1); other reasons close the connection without a word. */
export const returnCodes: Partial<Record<Refusal, number>> = {
  'unsupported-protocol': 1,
  'client-id-missing': 2,
  'client-id-too-long': 2,
  'login-unavailable': 3,
  'login-missing': 4,
  'login-refused': 4,
  'certificate-missing': 5,
  'certificate-foreign': 5,
  'certificate-unknown': 5,
  'certificate-early': 5,
  'certificate-expired': 5,
  'certificate-revoked': 5,
  'certificate-of-another': 5,
  'will-forbidden': 5,
}

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
