import type { Identity } from '../domain/identity.ts'
import { readingTopics, receiptsTopic } from '../domain/delivery.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { Refusal } from './refusals.ts'

/** What a login may do with topics. Everything not named is refused. */
export interface TopicRules {
  /** Null = allowed. */
  publish(topic: string): Refusal | null
  /** Whether a will may go there. */
  will(topic: string): boolean
  /** Whether the last message of the topic is kept for later subscribers. */
  retains(topic: string): boolean
  subscribe(filter: string): Refusal | null
  /** Whether a message may be sent to it: the second wall behind its subscriptions. */
  receives(topic: string): boolean
}

/** The rules of a login: a device has its own topics, a service account reads what was judged. */
export function topicRules(identity: Identity): TopicRules {
  return identity.role === 'device' ? deviceRules(identity.device) : serviceRules
}

/** Own status topic of a device, retained; also where its will goes. */
export const statusTopic = (device: DeviceId): string => `devices/${device}/status`

function deviceRules(device: DeviceId): TopicRules {
  const own = `devices/${device}/`
  const status = statusTopic(device)
  const receipts = receiptsTopic(device)
  const commands = `${own}commands`
  const upward = new Set<string>([`${own}readings`, `${own}senml`, status, readingTopics.telemetry])
  return {
    publish(topic) {
      if (upward.has(topic) || (topic.startsWith(own) && repliedTo(topic) !== null)) return null
      return refusedTopic(topic)
    },
    will: (topic) => topic === status,
    retains: (topic) => topic === status,
    subscribe(filter) {
      if (filter === receipts || filter === commands || filter.startsWith(`${commands}/`)) return null
      return filter.startsWith('$') ? 'subscribe-reserved-topic' : 'subscribe-foreign-topic'
    },
    receives: (topic) => topic === receipts || topic === commands || topic.startsWith(`${commands}/`),
  }
}

const serviceRules: TopicRules = {
  publish: () => 'publish-not-allowed',
  will: () => false,
  retains: () => false,
  subscribe(filter) {
    if (isJudged(filter)) return null
    return filter.startsWith('$') ? 'subscribe-reserved-topic' : 'subscribe-foreign-topic'
  },
  receives: isJudged,
}

/** Everything but what is reserved: for interoperability tests. */
export const openRules: TopicRules = {
  publish: (topic) => (reserved(topic) ? 'publish-reserved-topic' : null),
  will: (topic) => !reserved(topic),
  retains: () => true,
  subscribe: (filter) => (reserved(filter) ? 'subscribe-reserved-topic' : null),
  receives: () => true,
}

const reserved = (topic: string): boolean => /^\$(SYS|share)(\/|$)/.test(topic)

/** Whether a topic, or all that a filter takes, is what other programs are told: observations and warnings. */
export function isJudged(topic: string): boolean {
  return topic.startsWith('observations/') || topic.startsWith('warnings/')
}

/** The command that a topic replies to, `devices/{device}/commands/{id}/reply` with one level for the id; null for other topics. */
export function repliedTo(topic: string): string | null {
  return /^devices\/[^/]+\/commands\/([^/+#]+)\/reply$/.exec(topic)?.[1] ?? null
}

function refusedTopic(topic: string): Refusal {
  if (topic.startsWith('$')) return 'publish-reserved-topic'
  return /[+#]/.test(topic) ? 'publish-wildcard' : 'publish-foreign-topic'
}
