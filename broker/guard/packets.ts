import type { Refusal } from '../refusals.ts'
import { connectFault } from './connect.ts'
import type { Fields } from './fields.ts'
import { filterFault, topicFault } from './text.ts'

export interface PacketLimits {
  /** Most levels of a topic or filter. */
  maxTopicLevels: number
  /** Most filters of one SUBSCRIBE or UNSUBSCRIBE. */
  maxFilters: number
}

/** Control packets by type (MQTT 3.1.1, table 2.1). */
export const packetNames = [
  ...['type 0', 'CONNECT', 'CONNACK', 'PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'],
  ...['SUBSCRIBE', 'SUBACK', 'UNSUBSCRIBE', 'UNSUBACK', 'PINGREQ', 'PINGRESP', 'DISCONNECT', 'type 15'],
] as const

export const types = { connect: 1, publish: 3, subscribe: 8, unsubscribe: 10, pingreq: 12, disconnect: 14 } as const

/** The flags of a packet by its type (MQTT 3.1.1, table 2.2); null = a client sends no such packet. */
const flagsOf = [null, 0, null, null, 0, 0, 2, 0, 2, null, 2, null, 0, null, 0, null] as const

/** What is wrong with the first byte of a client's packet. */
export function firstByteFault(first: number): Refusal | null {
  const flags = first & 15
  if (first >> 4 === types.publish) {
    if ((flags & 6) === 6) return 'qos-3'
    return flags >= 8 && (flags & 6) === 0 ? 'dup-qos-0' : null
  }
  const required = flagsOf[first >> 4] ?? null
  if (required === null) return 'packet-type'
  return flags === required ? null : 'packet-flags'
}

/** What is wrong with what follows the fixed header of a client's packet. Its first byte was right. */
export function packetFault(first: number, fields: Fields, limits: PacketLimits): Refusal | null {
  switch (first >> 4) {
    case types.publish:
      return publishFault(first, fields, limits)
    case types.connect:
      return connectFault(fields, limits)
    case types.subscribe:
      return filtersFault(fields, limits, true)
    case types.unsubscribe:
      return filtersFault(fields, limits, false)
    case types.pingreq:
    case types.disconnect:
      return fields.left() === 0 ? null : 'length-mismatch'
    default:
      return fields.left() === 2 ? idFault(fields) : 'length-mismatch'
  }
}

function publishFault(first: number, fields: Fields, { maxTopicLevels }: PacketLimits): Refusal | null {
  if (!fields.next()) return 'length-mismatch'
  const fault = topicFault(fields, maxTopicLevels)
  return fault === null && (first & 6) !== 0 ? idFault(fields) : fault
}

/** A packet identifier is never 0 (MQTT 3.1.1, 2.3.1). */
function idFault(fields: Fields): Refusal | null {
  const id = fields.number()
  if (id < 0) return 'length-mismatch'
  return id === 0 ? 'packet-id-zero' : null
}

/** MQTT 3.1.1, 3.8.3 and 3.10.3: one filter or more, each of a SUBSCRIBE with a byte of QoS whose upper six bits are 0. */
function filtersFault(fields: Fields, { maxTopicLevels, maxFilters }: PacketLimits, withQos: boolean): Refusal | null {
  const fault = idFault(fields)
  if (fault !== null) return fault
  if (fields.left() === 0) return 'filters-missing'
  for (let count = 1; fields.left() > 0; count++) {
    if (count > maxFilters) return 'filters-too-many'
    if (!fields.next()) return 'length-mismatch'
    const malformed = filterFault(fields, maxTopicLevels)
    if (malformed !== null) return malformed
    if (!withQos) continue
    const qos = fields.byte()
    if (qos < 0) return 'length-mismatch'
    if (qos > 2) return qos === 3 ? 'qos-3' : 'packet-flags'
  }
  return null
}
