import type { Counts } from './histogram.ts'
import { messagesOf } from './pace.ts'

/** One connection of a load. */
export interface LoadDevice {
  client: string
  login: { user: string; password: string } | null
  topic: string
  station: string
}

/** A stretch of an open load: so many messages a second of all devices, whether or not they are acknowledged. */
export interface Phase {
  perSecond: number
  ms: number
}

/**
 * closed: each device has `window` messages unacknowledged at a time, until it has sent `messages` or `ms` are over, what comes first.
 * open: phase after phase.
 */
export type Pace =
  { kind: 'closed'; window: number; messages: number | null; ms: number | null } | { kind: 'open'; phases: readonly Phase[] }

/** How the lines of a load know the server. */
export interface LoadTls {
  /** The name that its certificate has to bear. */
  serverName: string
  /** PEM of a CA that is believed beside the public ones; null = those alone. */
  authority: string | null
}

/** What a load is: plain data, for it is sent to the processes that make it. */
export interface LoadOrder {
  host: string
  port: number
  /** Left out: without TLS. */
  tls?: LoadTls
  devices: readonly LoadDevice[]
  pace: Pace
  keepAliveSeconds: number
  /** So many connections a minute say goodbye and come back, in turn; 0 = none. */
  comingsPerMinute: number
  /** How long acknowledgements may be waited for at the end, from the last one on. */
  drainMs: number
  /** Time of each device's first reading, epoch ms; each next one is `stepMs` later. */
  startAt: number
  stepMs: number
  /** Readings are due from the first login on: whoever is not in yet sends its own when it is, late by that. Left out: when all are in. */
  early?: boolean
}

/** What one process did in one second. */
export interface LoadTick {
  /** From 0, the first after the load began. */
  second: number
  /** Messages that were due, acknowledgements that came, messages sent again because their connection had ended. */
  offered: number
  acknowledged: number
  resent: number
  /** Connections that are open now, and those that ended though nobody asked for it. */
  connected: number
  broken: number
  /** Acknowledgements of nothing that waits for one, and packets of another kind. */
  strange: number
  /** How far the generator was behind its own clock at most, ms: above a few, it measures itself. */
  behindMs: number
  /** Time from when a message was due to its acknowledgement. */
  latency: Counts
}

/** The share of each of `processes` in a load: every n-th device and its part of the rates. Together they are the whole. */
export function sharesOf(order: LoadOrder, processes: number): LoadOrder[] {
  const count = Math.max(1, Math.min(processes, order.devices.length))
  return Array.from({ length: count }, (_, n) => {
    const devices = order.devices.filter((_, i) => i % count === n)
    const share = devices.length / order.devices.length
    return { ...order, devices, comingsPerMinute: order.comingsPerMinute * share, pace: shareOf(order.pace, share) }
  })
}

/** Whether an open load is so short or so slow that not even the process with most devices has a message to send; a closed one sends what it can. */
export function isEmpty(pace: Pace, devices: number, processes: number): boolean {
  const most = shareOf(pace, Math.ceil(devices / Math.min(processes, devices)) / devices)
  return most.kind === 'open' && most.phases.every((phase) => messagesOf(phase) === 0)
}

function shareOf(pace: Pace, share: number): Pace {
  if (pace.kind === 'closed') return pace
  return { kind: 'open', phases: pace.phases.map(({ perSecond, ms }) => ({ perSecond: perSecond * share, ms })) }
}
