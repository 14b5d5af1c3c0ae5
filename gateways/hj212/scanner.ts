/** A frame cut out of the stream; whether its length and CRC are right is not known yet. */
export interface RawFrame {
  fault?: undefined
  /** From `##` up to and with the CRC. */
  bytes: Buffer
  /** Between length and CRC. */
  segment: Buffer
  /** The length as it stands in the frame. */
  declared: number
  crc: number
}

/** Bytes that are no frame. */
export interface Misframed {
  /** `junk`: no frame head; `bad-length`: four digits do not follow it; `truncated`: the next frame begins first; `endless`: no end in sight. */
  fault: 'junk' | 'bad-length' | 'truncated' | 'endless'
  bytes: number
}

/** Cuts a stream into frames (HJ 212-2017 table 2), wherever its chunks are cut. Keeps at most 64 KiB. */
export interface Scanner {
  /** What the chunk completes, in order. */
  push(chunk: Buffer): (RawFrame | Misframed)[]
  /** Nothing more comes for now: takes a frame without its CR LF for ended, and gives up a half one. */
  flush(): (RawFrame | Misframed)[]
  /** Bytes of a frame that has begun. */
  pending(): number
}

/** `##`, length. */
const headBytes = 6
const crcBytes = 4
/** Longest segment by its length, and the six-fold of it when encrypted bytes are written as `0xE4,`. */
const mostKept = 65_536
const [hash, ampersand, cr, lf] = [0x23, 0x26, 0x0d, 0x0a]
const empty = Buffer.alloc(0)

export function createScanner(): Scanner {
  let kept: Buffer = empty

  function scan(bytes: Buffer, isLast: boolean): (RawFrame | Misframed)[] {
    const found: (RawFrame | Misframed)[] = []
    let at = 0
    for (;;) {
      const head = nextHead(bytes, at)
      addJunk(bytes, at, head, found)
      at = head
      if (bytes.length - at < headBytes) break
      const taken = takeFrame(bytes, at, isLast)
      if (taken === null) break
      found.push(taken.what)
      at = taken.next
    }
    kept = isLast || at === bytes.length ? empty : Buffer.from(bytes.subarray(at))
    if (isLast && at < bytes.length) addJunk(bytes, at, bytes.length, found)
    return found
  }

  return {
    push: (chunk) => scan(kept.length === 0 ? chunk : Buffer.concat([kept, chunk]), false),
    flush: () => (kept.length === 0 ? [] : scan(kept, true)),
    pending: () => kept.length,
  }
}

/** Place of the next `##`, or of a `#` at the very end, or the end. `###` begins at its second. */
function nextHead(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(hash, from); at >= 0; at = bytes.indexOf(hash, at + 1)) {
    if (at + 1 >= bytes.length) return at
    if (bytes[at + 1] === hash && bytes[at + 2] !== hash) return at
  }
  return bytes.length
}

/** CR, LF and spaces between frames are none. */
function addJunk(bytes: Buffer, from: number, to: number, found: (RawFrame | Misframed)[]): void {
  let count = 0
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) > 0x20) count += 1
  if (count > 0) found.push({ fault: 'junk', bytes: count })
}

interface Taken {
  what: RawFrame | Misframed
  next: number
}

/** The frame or fault that begins at a head; null when more bytes are needed to tell. */
function takeFrame(bytes: Buffer, at: number, isLast: boolean): Taken | null {
  const declared = digits(bytes, at + 2)
  if (declared < 0) return { what: { fault: 'bad-length', bytes: 2 }, next: at + 2 }
  const byLength = frameTo(bytes, at, at + headBytes + declared, declared)
  if (byLength !== null) return byLength
  const next = headAfter(bytes, at + headBytes)
  const tail = tailAfter(bytes, at + headBytes, next < 0 ? bytes.length : next, next >= 0 || isLast)
  if (tail >= 0) return frameTo(bytes, at, tail, declared)
  if (next >= 0) return { what: { fault: 'truncated', bytes: next - at }, next }
  if (bytes.length - at > mostKept) return { what: { fault: 'endless', bytes: headBytes }, next: at + headBytes }
  return isLast ? { what: { fault: 'truncated', bytes: bytes.length - at }, next: bytes.length } : null
}

/** The frame whose segment ends (with `&&`) at `end`, when it does and its CRC is there. */
function frameTo(bytes: Buffer, at: number, end: number, declared: number): Taken | null {
  if (bytes.length < end + crcBytes || end - at < headBytes + 2) return null
  if (bytes[end - 1] !== ampersand || bytes[end - 2] !== ampersand) return null
  const crc = hexDigits(bytes, end)
  if (crc < 0) return null
  const next = end + crcBytes
  const what = { bytes: bytes.subarray(at, next), segment: bytes.subarray(at + headBytes, end), declared, crc }
  return { what, next }
}

/** A `##` with four digits behind it: a frame that begins while another one has not ended. */
function headAfter(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf('##', from); at >= 0; at = bytes.indexOf('##', at + 1)) if (digits(bytes, at + 2) >= 0) return at
  return -1
}

/** The end of a segment: `&&`, a CRC, and CR LF or (`isClosed`) the end of what there is. */
function tailAfter(bytes: Buffer, from: number, to: number, isClosed: boolean): number {
  for (let at = bytes.indexOf('&&', from); at >= 0 && at + 2 + crcBytes <= to; at = bytes.indexOf('&&', at + 1)) {
    const behind = at + 2 + crcBytes
    const ends = (bytes[behind] === cr && bytes[behind + 1] === lf && behind < to) || (isClosed && onlySpace(bytes, behind, to))
    if (ends && hexDigits(bytes, at + 2) >= 0) return at + 2
  }
  return -1
}

function onlySpace(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if ((bytes[at] ?? 0) > 0x20) return false
  return true
}

/** Four decimal digits, or -1. */
function digits(bytes: Buffer, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) {
    const digit = (bytes[i] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** Four hexadecimal digits of either case, or -1. */
function hexDigits(bytes: Buffer, at: number): number {
  let value = 0
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] ?? 0
    const letter = (byte | 0x20) - 0x57
    const digit = byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : letter >= 10 && letter <= 15 ? letter : -1
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}
