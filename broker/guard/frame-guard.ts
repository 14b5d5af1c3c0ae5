import type { Refusal } from '../refusals.ts'
import { Fields } from './fields.ts'
import { firstByteFault, packetFault, packetNames, types, type PacketLimits } from './packets.ts'

/** What is wrong with the bytes of a connection; the connection is then closed. */
export interface FrameFault {
  reason: Refusal
  /** The packet it is in. */
  detail: string
}

export interface FrameLimits extends PacketLimits {
  maxPacketBytes: number
  /** Largest packet before the login. */
  maxFirstPacketBytes: number
}

/**
 * Takes a whole and right packet off the stream: its first byte, the bytes it is in, where its variable header begins and where it ends.
 * False = it goes to the parser, and with it all that came in the same piece behind it, so that packets keep their order.
 */
export type Divert = (first: number, bytes: Buffer, from: number, to: number) => boolean

/** Packets that may come before the login is answered: the CONNECT and what a client sends without waiting. */
const packetsBeforeLogin = 32
/** Bytes of the longest fixed header: the type and four of remaining length (MQTT 3.1.1, 2.2.3). */
const longestHeader = 5

/**
 * Stands before the parser of one connection: lets whole and right packets through and nothing else, whatever pieces they come in. What is
 * wrong with the type or the length of a packet is seen before its content comes; of an unfinished packet only what has come is kept, at
 * most the limit.
 */
export class FrameGuard {
  /** Why nothing more is let through. */
  fault: FrameFault | null = null
  /** Whole and right packets that came. */
  packets = 0
  /** Who may take packets off the stream once the login was right; null = nobody. */
  divert: Divert | null = null
  readonly #limits: FrameLimits
  readonly #fields = new Fields()
  #limit: number
  #loggedIn = false
  /** Beginning of the unfinished packet, the bytes of it that have come, and its whole length; 0 = not known yet. */
  #kept: Buffer = Buffer.alloc(0)
  #filled = 0
  #whole = 0
  /** Where the packets that were taken off the last piece end. */
  #diverted = 0

  constructor(limits: FrameLimits) {
    this.#limits = limits
    this.#limit = limits.maxFirstPacketBytes
  }

  /** The login was right: packets may be larger from the next one on. */
  loggedIn(): void {
    this.#loggedIn = true
    this.#limit = this.#limits.maxPacketBytes
  }

  /** Takes the next bytes; returns the packets that are whole now, joined, or null. After a fault nothing comes back any more. */
  pass(chunk: Buffer): Buffer | null {
    if (this.fault !== null) return null
    if (this.#filled > 0 && this.#filled + chunk.length < this.#whole) {
      this.#keep(chunk)
      return null
    }
    const bytes = this.#filled > 0 ? Buffer.concat([this.#kept.subarray(0, this.#filled), chunk]) : chunk
    const end = this.#wholePackets(bytes)
    if (this.fault !== null) return null
    const from = this.#diverted
    this.#filled = 0
    if (end < bytes.length) this.#keep(bytes.subarray(end))
    return end === from ? null : from === 0 && end === bytes.length ? bytes : bytes.subarray(from, end)
  }

  /** Where the last whole packet ends. */
  #wholePackets(bytes: Buffer): number {
    let at = 0
    this.#diverted = 0
    while (at < bytes.length) {
      const first = bytes[at] ?? 0
      const from = this.#headerEnd(bytes, at, first)
      if (from < 0) return at
      const to = at + this.#whole
      if (to > bytes.length) return at
      const reason = packetFault(first, this.#fields.open(bytes, from, to), this.#limits)
      if (reason !== null) return this.#refuse(reason, first)
      this.packets++
      if (!this.#loggedIn && this.packets > packetsBeforeLogin) return this.#refuse('too-early', first)
      if (this.#loggedIn && at === this.#diverted && this.divert?.(first, bytes, from, to)) this.#diverted = to
      at = to
    }
    return at
  }

  /** Reads a fixed header: where it ends, with the length of the packet in `#whole`; -1 when it is not whole, or wrong. */
  #headerEnd(bytes: Buffer, at: number, first: number): number {
    this.#whole = 0
    const reason = firstByteFault(first) ?? this.#turnFault(first >> 4)
    if (reason !== null) return this.#refuse(reason, first)
    let length = 0
    for (let digit = 1; digit < longestHeader; digit++) {
      if (at + digit >= bytes.length) return -1
      const byte = bytes[at + digit] ?? 0
      length += (byte & 127) * 128 ** (digit - 1)
      if (byte >= 128) continue
      // Table 2.4 gives each length one form.
      if (byte === 0 && digit > 1) return this.#refuse('length-malformed', first)
      if (length > this.#limit) return this.#refuse('packet-too-large', first)
      this.#whole = 1 + digit + length
      return at + 1 + digit
    }
    return this.#refuse('length-malformed', first)
  }

  /** CONNECT comes first and once (MQTT 3.1.1, 3.1). */
  #turnFault(type: number): Refusal | null {
    if (this.packets === 0 && type !== types.connect) return 'connect-missing'
    return this.packets > 0 && type === types.connect ? 'connect-again' : null
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#filled + bytes.length
    if (length > this.#kept.length || this.#filled === 0) {
      // A slab of its own: a few bytes of a shared one would keep all of it.
      const larger = Buffer.allocUnsafeSlow(Math.max(length, Math.min(this.#whole, 2 * this.#filled)))
      this.#kept.copy(larger, 0, 0, this.#filled)
      this.#kept = larger
    }
    this.#kept.set(bytes, this.#filled)
    this.#filled = length
  }

  #refuse(reason: Refusal, first: number): -1 {
    this.fault = { reason, detail: packetNames[first >> 4] ?? '' }
    this.#kept = Buffer.alloc(0)
    return -1
  }
}
