import type { Identity } from '../domain/identity.ts'
import { openRules, topicRules, type TopicRules } from './topics.ts'

/** Shortest and longest keep-alive time, seconds. */
export interface KeepAliveLimits {
  keepAliveAtLeastS: number
  keepAliveAtMostS: number
}

/** What a broker holds its clients to, beside the limits that are numbers. */
export interface Profile {
  rules(identity: Identity): TopicRules
  /** What it subscribed to, and what waits for it, may outlive its connection. */
  keepsSession(identity: Identity): boolean
  /** A connection goes by the client id that it asks for, not by its login. */
  keepsClientIds: boolean
  /** Seconds; 0 = none. */
  keepAliveS(asked: number, limits: KeepAliveLimits): number
  /** What a client publishes is passed on to those who subscribed, not only journalled. */
  passesOn: boolean
  /** It may listen on loopback only. */
  loopbackOnly: boolean
}

export const profiles = {
  /** Devices among themselves: own topics, the login as client id, keep-alive times within limits. */
  strict: {
    rules: topicRules,
    keepsSession: ({ role }) => role === 'device',
    keepsClientIds: false,
    keepAliveS: (asked, { keepAliveAtLeastS, keepAliveAtMostS }) =>
      Math.min(Math.max(asked || keepAliveAtMostS, keepAliveAtLeastS), keepAliveAtMostS),
    passesOn: false,
    loopbackOnly: false,
  },
  /** An MQTT 3.1.1 broker like others, for interoperability tests. Logins, limits and the frame guard stay. */
  interop: {
    rules: () => openRules,
    keepsSession: () => true,
    keepsClientIds: true,
    keepAliveS: (asked) => asked,
    passesOn: true,
    loopbackOnly: true,
  },
} as const satisfies Record<string, Profile>

export type ProfileName = keyof typeof profiles
