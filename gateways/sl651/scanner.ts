import { control, incomplete, longestBody, readFrame, type Frame, type FrameFault } from './frame.ts'

/** A good frame and its bytes, or bytes that are none. */
export type Scanned = { frame: Frame; bytes: Buffer; fault?: undefined } | { fault: FrameFault; bytes: Buffer }

/** Cuts a stream into frames, wherever its chunks are cut. Keeps at most one frame and a chunk. */
export interface Scanner {
  /** What the chunk completes, in order. */
  push(chunk: Buffer): Scanned[]
  /** Nothing more comes: gives up a frame that has begun. */
  flush(): Scanned[]
  /** Bytes kept. */
  pending(): number
}

const empty = Buffer.alloc(0)
/** A frame in ASCII is the longest. */
const longest = 24 + longestBody + 5

/**
 * Frames stand where they begin, are as long as they say, end as they must and have the right CRC; whatever fails is searched again from its
 * second byte, so that no good frame is lost behind a bad one. A frame that has begun gives way to a whole one inside it.
 */
export function createScanner(): Scanner {
  let kept: Buffer = empty

  function scan(bytes: Buffer, isLast: boolean): Scanned[] {
    const found: Scanned[] = []
    let [at, good, told] = [0, 0, 0]
    const skipTo = (to: number, fault: FrameFault): void => {
      if (to > Math.max(good, told)) found.push({ fault, bytes: bytes.subarray(Math.max(good, told), to) })
      told = Math.max(told, to)
    }
    for (at = nextStart(bytes, at); at < bytes.length; at = nextStart(bytes, at)) {
      const read = readFrame(bytes, at)
      if (read === incomplete) {
        const inner = isLast ? -1 : wholeFrameBehind(bytes, at)
        if (!isLast && inner === -1) break
        skipTo(at, 'junk')
        skipTo(isLast ? bytes.length : inner, 'truncated')
        at = isLast ? at + 1 : inner
      } else if ('frame' in read) {
        skipTo(at, 'junk')
        good = at + read.length
        found.push({ frame: read.frame, bytes: bytes.subarray(at, good) })
        at = good
      } else {
        if (read.fault !== 'junk') {
          skipTo(at, 'junk')
          skipTo(Math.min(bytes.length, at + read.length), read.fault)
        }
        at += 1
      }
    }
    skipTo(at, 'junk')
    kept = isLast || at >= bytes.length ? empty : Buffer.from(bytes.subarray(at))
    return found
  }

  return {
    push: (chunk) => scan(kept.length === 0 ? chunk : Buffer.concat([kept, chunk]), false),
    flush: () => scan(kept, true),
    pending: () => kept.length,
  }
}

/** Where the next frame may begin: 7E7E (or 7E as the last byte), or SOH. */
function nextStart(bytes: Buffer, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === control.SOH || (byte === 0x7e && (i + 1 === bytes.length || bytes[i + 1] === 0x7e))) return i
  }
  return bytes.length
}

/** The first whole frame that begins behind `at`, within the longest that the one at `at` can be; -1 = none. */
function wholeFrameBehind(bytes: Buffer, at: number): number {
  const limit = Math.min(bytes.length, at + longest)
  for (let i = nextStart(bytes, at + 1); i < limit; i = nextStart(bytes, i + 1)) {
    const read = readFrame(bytes, i)
    if (read !== incomplete && 'frame' in read) return i
  }
  return -1
}
