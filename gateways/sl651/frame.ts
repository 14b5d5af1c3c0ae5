import { incomplete, type Read } from '../frame-scanner.ts'
import { crc16 } from './crc.ts'

/** Control characters (SL 651-2014, table 10). */
export const control = {
  SOH: 0x01,
  STX: 0x02,
  ETX: 0x03,
  EOT: 0x04,
  ENQ: 0x05,
  ACK: 0x06,
  NAK: 0x15,
  SYN: 0x16,
  ETB: 0x17,
  ESC: 0x1b,
} as const

/** One frame (tables 16 to 23). The two encodings carry the same fields; the body is bytes in HEX and text in ASCII. */
export interface Frame {
  encoding: 'hex' | 'ascii'
  /** `up`: from the station; in `down` the station address stands before the centre's. */
  direction: 'up' | 'down'
  /** 0 to 255. */
  centre: number
  /** Ten HEX digits in capitals; hydrology stations: 00 and eight digits of SL 502. */
  station: string
  /** 0 to 65535. */
  password: number
  /** Function code. */
  code: number
  /** Of a transfer in several packets (SYN): 1 to 4095. */
  packet: { total: number; number: number } | null
  /** Without the packet field. */
  body: Uint8Array
  /** ETX or ETB upwards; ENQ, ACK, NAK, EOT or ESC downwards. */
  end: number
}

/**
 * Why bytes are no frame. `junk`: no head; `bad-end`: no end character where the length says; `bad-crc`; `truncated`: the next frame, or
 * the end, comes first.
 */
export type FrameFault = 'junk' | 'bad-end' | 'bad-crc' | 'truncated'

/** Most bytes between the start and the end character: twelve bits. */
export const longestBody = 0xfff
/** Of both directions: the standard's own example of 50H ends an uplink with ENQ. */
const ends = new Set<number>([control.ETX, control.ETB, control.ENQ, control.ACK, control.NAK, control.EOT, control.ESC])
/** Bytes up to the one behind STX or SYN, of the packet field, and of the CRC. */
const sizes = { hex: { head: 14, packet: 3, crc: 2 }, ascii: { head: 24, packet: 6, crc: 4 } }

/** Reads the frame that begins at `at`, and how long it is. */
export function readFrame(bytes: Uint8Array, at: number): Read<Frame, FrameFault> {
  const encoding = bytes[at] === control.SOH ? 'ascii' : 'hex'
  const size = sizes[encoding]
  const head = encoding === 'hex' ? readHexHead(bytes, at) : readAsciiHead(bytes, at)
  if (head === incomplete) return incomplete
  if (head === null) return { fault: 'junk', length: 1 }
  const end = at + size.head + head.length
  const length = end + 1 + size.crc - at
  if (bytes.length < at + length) return incomplete
  const last = bytes[end] ?? 0
  if (!ends.has(last)) return { fault: 'bad-end', length }
  const crc = encoding === 'hex' ? word(bytes, end + 1) : hexNumber(bytes, end + 1, 4)
  if (crc !== crc16(bytes, at, end + 1)) return { fault: 'bad-crc', length }
  const { length: _, hasPacket, ...fields } = head
  const from = at + size.head + (hasPacket ? size.packet : 0)
  const packet = hasPacket ? readPacket(encoding, bytes, at + size.head) : null
  if (from > end || (hasPacket && packet === null)) return { fault: 'bad-end', length }
  return { frame: { encoding, ...fields, packet, body: bytes.subarray(from, end), end: last }, length }
}

interface Head extends Pick<Frame, 'direction' | 'centre' | 'station' | 'password' | 'code'> {
  length: number
  hasPacket: boolean
}

/** Null when it is no head. Only the nibbles 0 and 8 stand before the length (table 20). */
function readHexHead(bytes: Uint8Array, at: number): Head | null | typeof incomplete {
  if (bytes[at] !== 0x7e || (bytes.length > at + 1 && bytes[at + 1] !== 0x7e)) return null
  if (bytes.length < at + sizes.hex.head) return incomplete
  const flag = word(bytes, at + 11)
  const start = bytes[at + 13]
  if ((flag & 0x7000) !== 0 || (start !== control.STX && start !== control.SYN)) return null
  const isDown = flag >= 0x8000
  return {
    direction: isDown ? 'down' : 'up',
    centre: bytes[at + (isDown ? 7 : 2)] ?? 0,
    station: hexText(bytes, at + (isDown ? 2 : 3), 5),
    password: word(bytes, at + 8),
    code: bytes[at + 10] ?? 0,
    length: flag & longestBody,
    hasPacket: start === control.SYN,
  }
}

function readAsciiHead(bytes: Uint8Array, at: number): Head | null | typeof incomplete {
  const to = Math.min(bytes.length, at + sizes.ascii.head - 1)
  for (let i = at + 1; i < to; i++) if (hexDigit(bytes[i] ?? 0) < 0) return null
  if (bytes.length < at + sizes.ascii.head) return incomplete
  const flag = hexNumber(bytes, at + 19, 4)
  const start = bytes[at + 23]
  if ((flag & 0x7000) !== 0 || (start !== control.STX && start !== control.SYN)) return null
  const isDown = flag >= 0x8000
  const station = Buffer.from(bytes.buffer, bytes.byteOffset + at + (isDown ? 1 : 3), 10).toString('latin1')
  return {
    direction: isDown ? 'down' : 'up',
    centre: hexNumber(bytes, at + (isDown ? 11 : 1), 2),
    station: station.toUpperCase(),
    password: hexNumber(bytes, at + 13, 4),
    code: hexNumber(bytes, at + 17, 2),
    length: flag & longestBody,
    hasPacket: start === control.SYN,
  }
}

/** Null for numbers that cannot be. */
function readPacket(encoding: Frame['encoding'], bytes: Uint8Array, at: number): Frame['packet'] {
  const field = encoding === 'hex' ? (word(bytes, at) << 8) | (bytes[at + 2] ?? 0) : hexNumber(bytes, at, 6)
  const [total, number] = [field >>> 12, field & 0xfff]
  return number >= 1 && number <= total ? { total, number } : null
}

const word = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte & 0xdf
  return letter >= 0x41 && letter <= 0x46 ? letter - 55 : -1
}

/** -1 when a character is no HEX digit. */
function hexNumber(bytes: Uint8Array, at: number, digits: number): number {
  let value = 0
  for (let i = at; i < at + digits; i++) {
    const digit = hexDigit(bytes[i] ?? 0)
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

const pairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0').toUpperCase())

/** Bytes as HEX digits in capitals. */
export function hexText(bytes: Uint8Array, at = 0, count = bytes.length): string {
  let text = ''
  for (let i = at; i < at + count; i++) text += pairs[bytes[i] ?? 0] ?? ''
  return text
}

/** Writes a frame with its length and CRC. The body must fit: at most 4095 bytes with the packet field. */
export function writeFrame(frame: Frame): Buffer {
  const content = frame.packet === null ? frame.body : Buffer.concat([packetField(frame.encoding, frame.packet), frame.body])
  if (content.length > longestBody) throw new RangeError(`an SL 651 frame holds ${longestBody} bytes, not ${content.length}`)
  const flag = (frame.direction === 'down' ? 0x8000 : 0) | content.length
  const centre = digits(frame.centre, 2)
  const addresses = frame.direction === 'down' ? frame.station + centre : centre + frame.station
  const fields = addresses + digits(frame.password, 4) + digits(frame.code, 2) + digits(flag, 4)
  const head = frame.encoding === 'hex' ? Buffer.from(`7E7E${fields}`, 'hex') : Buffer.from(`\x01${fields}`, 'latin1')
  const start = frame.packet === null ? control.STX : control.SYN
  const checked = Buffer.concat([head, Buffer.of(start), content, Buffer.of(frame.end)])
  const crc = digits(crc16(checked), 4)
  return Buffer.concat([checked, frame.encoding === 'hex' ? Buffer.from(crc, 'hex') : Buffer.from(crc, 'latin1')])
}

function packetField(encoding: Frame['encoding'], { total, number }: { total: number; number: number }): Buffer {
  const field = digits((total << 12) | number, 6)
  return encoding === 'hex' ? Buffer.from(field, 'hex') : Buffer.from(field, 'latin1')
}

/** A number as so many HEX digits in capitals. */
export const digits = (value: number, count: number): string => value.toString(16).toUpperCase().padStart(count, '0')
