/** MQTT 3.1.1, 3.4 and 3.13: what a server sends to a client that subscribes to nothing. */
const puback = 0x40
const pingresp = 0xd0
const nothing = Buffer.alloc(0)

/** Reads the acknowledgements out of chunks that are cut anywhere. */
export class AcknowledgementReader {
  readonly #onAck: (packetId: number) => void
  readonly #onOther: (first: number) => void
  #rest: Buffer = nothing

  /** @param onOther is told the first byte of any packet that is neither PUBACK nor PINGRESP */
  constructor(onAck: (packetId: number) => void, onOther: (first: number) => void) {
    this.#onAck = onAck
    this.#onOther = onOther
  }

  read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (at + 2 <= bytes.length) {
      const first = bytes[at] ?? 0
      const size = bytes[at + 1] ?? 0
      if (at + 2 + size > bytes.length) break
      if (first === puback && size === 2) this.#onAck(((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0))
      else if (first !== pingresp) this.#onOther(first)
      at += 2 + size
    }
    this.#rest = at === bytes.length ? nothing : Buffer.from(bytes.subarray(at))
  }
}
