import { createFrameScanner, incomplete, type Read, type Scanned as ScannedFrame } from '../frame-scanner.ts'
import type { Scanner as AnyScanner } from '../intake.ts'

/** One frame of SZY 206-2016: `68 L 68 | C | (DIVS) | A | AFN | data | CS | 16`. */
export interface Frame {
  /** DIR of C: `up` comes from the station. */
  direction: 'up' | 'down'
  /** FCB of C, 0 to 3. */
  count: number
  /** Data type of C, 0 to 15 (`kinds`). */
  kind: number
  /** DIVS of a split message: packets to come, this one counted; 1 = the last. Null = not split. */
  split: number | null
  /** A: ten HEX digits in capitals, as its five bytes come. */
  station: string
  /** AFN. */
  code: number
  data: Uint8Array
}

/** Why bytes are no frame. `picture`: its length says 1, and where it ends nobody tells; `bad-end`: 16H does not stand where the length says. */
export type FrameFault = 'junk' | 'truncated' | 'picture' | 'bad-length' | 'bad-end' | 'bad-crc'

const [start, end] = [0x68, 0x16]
/** Before C, and behind the data. */
const [headBytes, tailBytes] = [3, 2]
/** C, A and AFN: the least that a length may say. DIVS is one more. */
const fixedBytes = 7
const longestData = 255 - fixedBytes

const table = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0xe5 : crc << 1
  return crc
})

/**
 * The check byte: CRC-8, polynomial E5 (x7 + x6 + x5 + x2 + 1), start 0, not reflected, of the bytes from `from` (inclusive) to `to` (exclusive).
 * @example crc8(Buffer.from('B34406070001C0AAAAAAAAAA004040000000000101', 'hex')) // 0xe5
 */
export function crc8(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let crc = 0
  for (let i = from; i < to; i++) crc = table[crc ^ (bytes[i] ?? 0)] ?? 0
  return crc
}

/** Reads the frame that begins at `at`, and how long it is. */
export function readFrame(bytes: Buffer, at: number): Read<Frame, FrameFault> {
  if (nextStart(bytes, at) !== at) return { fault: 'junk', length: 1 }
  if (bytes.length < at + headBytes) return incomplete
  const size = bytes[at + 1] ?? 0
  if (size < fixedBytes) return { fault: size === 1 ? 'picture' : 'bad-length', length: headBytes }
  const length = headBytes + size + tailBytes
  if (bytes.length < at + length) return incomplete
  const [from, behind] = [at + headBytes, at + headBytes + size]
  if (bytes[behind + 1] !== end) return { fault: 'bad-end', length }
  if (bytes[behind] !== crc8(bytes, from, behind)) return { fault: 'bad-crc', length }
  const control = bytes[from] ?? 0
  const isSplit = (control & 0x40) !== 0
  if (isSplit && size === fixedBytes) return { fault: 'bad-length', length }
  const address = from + (isSplit ? 2 : 1)
  const frame: Frame = {
    direction: control & 0x80 ? 'up' : 'down',
    count: (control >> 4) & 3,
    kind: control & 15,
    split: isSplit ? (bytes[from + 1] ?? 0) : null,
    station: bytes.toString('hex', address, address + 5).toUpperCase(),
    code: bytes[address + 5] ?? 0,
    data: bytes.subarray(address + 6, behind),
  }
  return { frame, length }
}

/** Where the next frame may begin: 68, and 68 two bytes on where that is there already. */
function nextStart(bytes: Buffer, from: number): number {
  for (let i = bytes.indexOf(start, from); i >= 0; i = bytes.indexOf(start, i + 1))
    if (i + 2 >= bytes.length || bytes[i + 2] === start) return i
  return bytes.length
}

export type Scanned = ScannedFrame<Frame, FrameFault>
/** Cuts a stream into frames, wherever its chunks are cut. Keeps at most one frame and a chunk. */
export const createScanner = (): AnyScanner<Scanned> =>
  createFrameScanner<Frame, FrameFault>({ read: readFrame, nextStart, longest: headBytes + 255 + tailBytes })

/** Writes a frame with its length and check byte. Throws RangeError for more data than a length of one byte can say. */
export function writeFrame({ direction, count, kind, split, station, code, data }: Frame): Buffer {
  const most = split === null ? longestData : longestData - 1
  if (data.length > most) throw new RangeError(`a frame of SZY 206 holds ${most} bytes of data, not ${data.length}`)
  const control = (direction === 'up' ? 0x80 : 0) | (split === null ? 0 : 0x40) | (count << 4) | kind
  const counted = split === null ? Buffer.of(control) : Buffer.of(control, split)
  const content = Buffer.concat([counted, Buffer.from(station, 'hex'), Buffer.of(code), data])
  return Buffer.concat([Buffer.of(start, content.length, start), content, Buffer.of(crc8(content), end)])
}

/** A number as two HEX digits in capitals. */
export const hexByte = (value: number): string => value.toString(16).toUpperCase().padStart(2, '0')
