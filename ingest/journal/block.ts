import { crc32 } from 'node:zlib'
import type { Delivery, JournalledDelivery } from '../../domain/delivery.ts'
import { deviceId } from '../../domain/ids.ts'

/**
 * A block is what one group commit puts: all deliveries that waited. Big-endian.
 *
 * | at | bytes | what |
 * |---|---|---|
 * | 0 | 4 | magic `GKJB` |
 * | 4 | 4 | CRC-32 (IEEE) of all that follows |
 * | 8 | 2 | format, 1 |
 * | 10 | 2 | zero |
 * | 12 | 4 | number of deliveries, at least 1 |
 * | 16 | 8 | number of the first delivery |
 * | 24 | 8 | number of the last delivery of the block before: what is missing between two blocks is told from this |
 * | 32 | 8 | newest `receivedAt`, float64 |
 * | 40 | | records: source u8, receivedAt f64, device bytes u16, topic bytes u16, payload bytes u32, then the three (UTF-8, UTF-8, raw) |
 */
const magic = 0x474b4a42
const format = 1
export const headerBytes = 40
const recordBytes = 17

const sources = ['mqtt', 'http', 'hj212', 'sl651', 'tick', 'correction', 'szy206'] as const satisfies readonly Delivery['source'][]
const codeOf = new Map<string, number>(sources.map((source, code) => [source, code]))

/** Bytes that a delivery of ASCII names takes in a block; up to three times its names more for others. */
export function recordSize(delivery: Delivery): number {
  return recordBytes + delivery.device.length + delivery.topic.length + delivery.payload.length
}

export interface BlockHeader {
  first: number
  previous: number
  count: number
  newestReceivedAt: number
}

/** Builds blocks in one growing buffer: `append` each delivery, `finish`, put it, `reset`. */
export class BlockWriter {
  count = 0
  length = headerBytes
  #newest = -Infinity
  #buffer: Buffer
  #view: DataView

  constructor(capacity = 64 * 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity)
    this.#view = new DataView(this.#buffer.buffer)
  }

  /** Copies the delivery in. Throws RangeError when device or topic have more than 65,535 bytes; nothing is then added. */
  append(delivery: Delivery): void {
    const { device, topic, payload, receivedAt } = delivery
    const most = recordBytes + 3 * (device.length + topic.length) + payload.length
    if (this.length + most > this.#buffer.length) this.#grow(this.length + most)
    const at = this.length
    const view = this.#view
    const deviceBytes = this.#text(device, at + recordBytes)
    const topicBytes = this.#text(topic, at + recordBytes + deviceBytes)
    if (deviceBytes > 0xffff || topicBytes > 0xffff)
      throw new RangeError(`journalling a delivery: its device or topic is longer than 65535 bytes`)
    const payloadAt = at + recordBytes + deviceBytes + topicBytes
    this.#buffer.set(payload, payloadAt)
    view.setUint8(at, codeOf.get(delivery.source) ?? 0)
    view.setFloat64(at + 1, receivedAt)
    view.setUint16(at + 9, deviceBytes)
    view.setUint16(at + 11, topicBytes)
    view.setUint32(at + 13, payload.length)
    this.length = payloadAt + payload.length
    this.count++
    if (receivedAt > this.#newest) this.#newest = receivedAt
  }

  /** The block under its number, valid until the next `append` or `reset`. */
  finish(first: number, previous: number): Buffer {
    const view = this.#view
    view.setUint32(0, magic)
    view.setUint16(8, format)
    view.setUint16(10, 0)
    view.setUint32(12, this.count)
    writeNumber(view, 16, first)
    writeNumber(view, 24, previous)
    view.setFloat64(32, this.#newest)
    const block = this.#buffer.subarray(0, this.length)
    view.setUint32(4, crc32(block.subarray(8)))
    return block
  }

  get newestReceivedAt(): number {
    return this.#newest
  }

  reset(): void {
    this.count = 0
    this.length = headerBytes
    this.#newest = -Infinity
  }

  /** ASCII by a loop, which the compiler makes faster than a call into the runtime for names of this length. */
  #text(text: string, at: number): number {
    const buffer = this.#buffer
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) return buffer.write(text, at, 'utf8')
      buffer[at + i] = code
    }
    return text.length
  }

  #grow(atLeast: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(atLeast, this.#buffer.length * 2))
    this.#buffer.copy(larger, 0, 0, this.length)
    this.#buffer = larger
    this.#view = new DataView(larger.buffer)
  }
}

/** A block that a newer release wrote, or none at all. */
export type HeaderFault = 'damaged' | 'newer'

/** Reads and checks the header alone; the CRC is `intact`'s matter. */
export function readHeader(block: Buffer): BlockHeader | HeaderFault {
  if (block.length < headerBytes || block.readUInt32BE(0) !== magic) return 'damaged'
  const written = block.readUInt16BE(8)
  if (written !== format) return written > format && intact(block) ? 'newer' : 'damaged'
  return {
    count: block.readUInt32BE(12),
    first: readNumber(block, 16),
    previous: readNumber(block, 24),
    newestReceivedAt: block.readDoubleBE(32),
  }
}

/** Whether the block's bytes are those that were written. */
export function intact(block: Buffer): boolean {
  return block.length >= headerBytes && block.readUInt32BE(4) === crc32(block.subarray(8))
}

/**
 * Appends the deliveries numbered above `after` to `into`, at most `limit` of them. Payloads are views of the block.
 * The block must be intact.
 */
export function readDeliveries(block: Buffer, header: BlockHeader, after: number, limit: number, into: JournalledDelivery[]): void {
  let at = headerBytes
  const last = header.first + header.count - 1
  for (let number = header.first; number <= last && limit > 0; number++) {
    const deviceBytes = block.readUInt16BE(at + 9)
    const topicBytes = block.readUInt16BE(at + 11)
    const payloadBytes = block.readUInt32BE(at + 13)
    const deviceAt = at + recordBytes
    const payloadAt = deviceAt + deviceBytes + topicBytes
    if (number > after) {
      into.push({
        device: deviceId(block.toString('utf8', deviceAt, deviceAt + deviceBytes)),
        source: sources[block[at] ?? 0] ?? 'mqtt',
        topic: block.toString('utf8', deviceAt + deviceBytes, payloadAt),
        payload: block.subarray(payloadAt, payloadAt + payloadBytes),
        receivedAt: block.readDoubleBE(at + 1),
        number,
      })
      limit--
    }
    at = payloadAt + payloadBytes
  }
}

/** Key of the block that begins with this number: 8 bytes, so that keys sort as numbers do. */
export function blockKey(first: number): Buffer {
  const key = Buffer.allocUnsafeSlow(8)
  writeNumber(new DataView(key.buffer), 0, first)
  return key
}

/** The number behind a key made by `blockKey`. */
export function numberOf(key: Uint8Array): number {
  return readNumber(Buffer.from(key.buffer, key.byteOffset, key.byteLength), 0)
}

const high = 2 ** 32

function writeNumber(view: DataView, at: number, value: number): void {
  view.setUint32(at, Math.floor(value / high))
  view.setUint32(at + 4, value % high)
}

function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * high + bytes.readUInt32BE(at + 4)
}
