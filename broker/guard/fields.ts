/** A part of some bytes, from `from` up to `to`. */
export interface Span {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/** Reads the fields of one packet in order (MQTT 3.1.1, 1.5). Made once and pointed at each packet, so that reading allocates nothing. */
export class Fields implements Span {
  bytes: Uint8Array = new Uint8Array(0)
  /** The field read last. */
  from = 0
  to = 0
  /** Where the next field begins, and where the packet ends. */
  at = 0
  end = 0

  /** Begins with what follows the fixed header of a packet. */
  open(bytes: Uint8Array, at: number, end: number): this {
    this.bytes = bytes
    this.at = at
    this.end = end
    return this
  }

  left(): number {
    return this.end - this.at
  }

  /** One byte; -1 when the packet has ended. */
  byte(): number {
    return this.at < this.end ? (this.bytes[this.at++] ?? 0) : -1
  }

  /** Two bytes; -1 when the packet has ended. */
  number(): number {
    const high = this.byte()
    const low = this.byte()
    return low < 0 ? -1 : high * 256 + low
  }

  /** Moves over a text or data field, two bytes of length before it; false when it does not fit. */
  next(): boolean {
    const length = this.number()
    if (length < 0 || length > this.left()) return false
    this.from = this.at
    this.to = this.at += length
    return true
  }
}
