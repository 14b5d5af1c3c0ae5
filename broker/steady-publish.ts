import type { Duplex } from 'node:stream'
import type { Divert } from './guard/frame-guard.ts'
import { types } from './guard/packets.ts'
import { deliver, type DeliverParts } from './hooks.ts'
import type { Session } from './session.ts'

const [qos1, qos2, retain] = [2, 4, 1] as const

/**
 * A station publishes on one topic for years. Once that topic was allowed, its further messages (QoS 0 or 1, not retained) go from the
 * frame guard straight to the journal, and their PUBACK comes from here: the way through a parser and handlers that are made for any packet
 * costs more than the rest of a reading's way to the store. Whatever is new, rare or blocked goes the usual way.
 */
export function createSteadyPublish(parts: DeliverParts, session: Session, wire: Duplex): Divert {
  /** Told once a message is kept, or that it is not: then the connection ends, as one that Aedes serves does. */
  function settle(error: Error | null | undefined): void {
    if (error) wire.destroy()
    session.wire.paid()
  }

  function acknowledge(high: number, low: number): void {
    puback[2] = high
    puback[3] = low
    wire.write(puback)
  }

  return (first, bytes, from, to) => {
    if (first >> 4 !== types.publish || (first & (qos2 | retain)) !== 0) return false
    const at = behindTopic(session.topic, bytes, from)
    if (at < 0 || session.wire.blocked()) return false
    session.wire.owe()
    if ((first & qos1) === 0) deliver(parts, session, bytes.subarray(at, to), settle)
    else
      deliver(parts, session, bytes.subarray(at + 2, to), (error) => {
        if (!error) acknowledge(bytes[at] ?? 0, bytes[at + 1] ?? 0)
        settle(error)
      })
    return true
  }
}

/** MQTT 3.1.1, 3.4; the wire copies what is as small. */
const puback = Uint8Array.of(0x40, 2, 0, 0)

/** Where a PUBLISH goes on behind its topic, when that is `topic`, of ASCII; else -1. */
function behindTopic(topic: string, bytes: Uint8Array, from: number): number {
  const { length } = topic
  if (length === 0 || length !== (bytes[from] ?? 0) * 256 + (bytes[from + 1] ?? 0)) return -1
  for (let i = 0; i < length; i++) if (topic.charCodeAt(i) !== bytes[from + 2 + i]) return -1
  return from + 2 + length
}
