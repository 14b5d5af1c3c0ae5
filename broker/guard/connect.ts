import type { Refusal } from '../refusals.ts'
import type { Fields } from './fields.ts'
import type { PacketLimits } from './packets.ts'
import { isText, topicFault } from './text.ts'

/** Protocol names and their level: MQTT 3.1.1 and its forerunner 3.1, which older loggers speak. */
const levels = new Map([
  ['MQTT', 4],
  ['MQIsdp', 3],
])

const longestName = 6

/** Bits of the connect flags (MQTT 3.1.1, 3.1.2.3). */
const bits = { reserved: 1, cleanSession: 2, will: 4, willQos: 24, willRetain: 32, password: 64, username: 128 } as const

/** What is wrong with a CONNECT (MQTT 3.1.1, 3.1). */
export function connectFault(fields: Fields, limits: PacketLimits): Refusal | null {
  const protocol = protocolFault(fields)
  if (protocol !== null) return protocol
  const flags = fields.byte()
  const keepAlive = fields.number()
  if (keepAlive < 0) return 'length-mismatch'
  return flagsFault(flags) ?? payloadFault(fields, flags, limits)
}

function protocolFault(fields: Fields): Refusal | null {
  if (!fields.next()) return 'length-mismatch'
  const { bytes, from, to } = fields
  const name = to - from > longestName ? '' : String.fromCharCode(...bytes.subarray(from, to))
  const level = levels.get(name)
  if (level === undefined) return 'protocol-name'
  const asked = fields.byte()
  if (asked < 0) return 'length-mismatch'
  return asked === level ? null : 'unsupported-protocol'
}

function flagsFault(flags: number): Refusal | null {
  const has = (bit: number): boolean => (flags & bit) !== 0
  if (has(bits.reserved) || (has(bits.password) && !has(bits.username))) return 'connect-flags'
  if (has(bits.will) ? (flags & bits.willQos) === bits.willQos : has(bits.willQos | bits.willRetain)) return 'will-malformed'
  return null
}

/** Client id, will topic, will message, user name, password, in this order and no more (MQTT 3.1.1, 3.1.3). */
function payloadFault(fields: Fields, flags: number, { maxTopicLevels }: PacketLimits): Refusal | null {
  if (!fields.next()) return 'length-mismatch'
  if (!isText(fields)) return 'text-malformed'
  if (fields.from === fields.to && (flags & bits.cleanSession) === 0) return 'client-id-missing'
  if ((flags & bits.will) !== 0) {
    if (!fields.next()) return 'length-mismatch'
    const fault = topicFault(fields, maxTopicLevels)
    if (fault !== null) return fault === 'publish-wildcard' || fault === 'topic-empty' ? 'will-malformed' : fault
    if (!fields.next()) return 'length-mismatch'
  }
  if ((flags & bits.username) !== 0) {
    if (!fields.next()) return 'length-mismatch'
    if (!isText(fields)) return 'text-malformed'
  }
  if ((flags & bits.password) !== 0 && !fields.next()) return 'length-mismatch'
  return fields.left() === 0 ? null : 'length-mismatch'
}
