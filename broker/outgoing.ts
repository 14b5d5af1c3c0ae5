import type { Broker, BrokerLog } from './port.ts'
import type { RefusalCounter } from './refusals.ts'
import type { Router } from './router.ts'
import type { Subscribers } from './subscribers.ts'
import { isJudged } from './topics.ts'

export interface OutgoingParts {
  router: Router
  subscribers: Subscribers
  refusals: RefusalCounter
  /** Messages that may be on their way at a time. */
  most: number
  log: BrokerLog
}

/** What the server itself tells those who subscribed. */
export interface Outgoing extends Pick<Broker, 'publish' | 'listens' | 'listensBelow' | 'room'> {
  /** Messages sent out since start. */
  published(): number
  /** Nothing goes out any more. */
  close(): void
}

export function createOutgoing({ router, subscribers, refusals, most, log }: OutgoingParts): Outgoing {
  let [closed, onTheirWay, published] = [false, 0, 0]
  return {
    publish(topic, payload, { retain = false, qos = 0 } = {}) {
      // no session of a service lasts: what it is told waits for nobody
      const passing = !retain && (qos === 0 || isJudged(topic))
      if (closed || (passing && !subscribers.listen(topic))) return
      if (passing && onTheirWay >= most) {
        refusals.count({ reason: 'outgoing-full', device: null, address: null, detail: topic })
        return
      }
      onTheirWay++
      published++
      router.publish({ cmd: 'publish', topic, payload: bytesOf(payload), qos, retain, dup: false }, (err) => {
        onTheirWay--
        if (err && !closed) log.warn({ err, topic }, 'publishing to subscribers')
      })
    },
    listens: (topic) => !closed && subscribers.listen(topic),
    listensBelow: (root) => !closed && subscribers.listenBelow(root),
    room: () => Math.max(0, most - onTheirWay),
    published: () => published,
    close: () => void (closed = true),
  }
}

const bytesOf = (payload: string | Uint8Array): Buffer =>
  typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
