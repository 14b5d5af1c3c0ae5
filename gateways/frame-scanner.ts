import type { Scanner } from './intake.ts'

/** A frame begins but is not all there. */
export const incomplete = Symbol('incomplete')

/** What stands at a place: a frame, bytes that are none, or the beginning of what is not all there. `length`: in bytes. */
export type Read<Frame, Fault extends string> = { frame: Frame; length: number } | { fault: Fault; length: number } | typeof incomplete

/** A good frame and its bytes, or bytes that are none. */
export type Scanned<Frame, Fault extends string> = { frame: Frame; bytes: Buffer; fault?: undefined } | { fault: Fault; bytes: Buffer }

/** How a binary protocol frames: each frame tells its length and is checked. */
export interface Framing<Frame, Fault extends string> {
  read: (bytes: Buffer, at: number) => Read<Frame, Fault | 'junk' | 'truncated'>
  /** Where the next frame may begin, at or behind `from`; the length of `bytes` when nowhere. */
  nextStart: (bytes: Buffer, from: number) => number
  /** Bytes of the longest frame. */
  longest: number
}

const empty = Buffer.alloc(0)

/**
 * Cuts a stream into frames, wherever its chunks are cut. Keeps at most one frame and a chunk. Whatever fails is searched again from its second byte, so
 * that no good frame is lost behind a bad one. A frame that has begun gives way to a whole one inside it.
 */
export function createFrameScanner<Frame, Fault extends string>(
  framing: Framing<Frame, Fault>,
): Scanner<Scanned<Frame, Fault | 'junk' | 'truncated'>> {
  type Found = Scanned<Frame, Fault | 'junk' | 'truncated'>
  const { read: readAt, nextStart } = framing
  let kept: Buffer = empty

  function scan(bytes: Buffer, isLast: boolean): Found[] {
    const found: Found[] = []
    let [at, good, told] = [0, 0, 0]
    const skipTo = (to: number, fault: Fault | 'junk' | 'truncated'): void => {
      if (to > Math.max(good, told)) found.push({ fault, bytes: bytes.subarray(Math.max(good, told), to) })
      told = Math.max(told, to)
    }
    for (at = nextStart(bytes, at); at < bytes.length; at = nextStart(bytes, at)) {
      const read = readAt(bytes, at)
      if (read === incomplete) {
        const inner = isLast ? -1 : wholeFrameBehind(framing, bytes, at)
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

/** The first whole frame that begins behind `at`, within the longest that the one at `at` can be; -1 = none. */
function wholeFrameBehind<Frame, Fault extends string>(
  { read: readAt, nextStart, longest }: Framing<Frame, Fault>,
  bytes: Buffer,
  at: number,
): number {
  const limit = Math.min(bytes.length, at + longest)
  for (let i = nextStart(bytes, at + 1); i < limit; i = nextStart(bytes, i + 1)) {
    const read = readAt(bytes, i)
    if (read !== incomplete && 'frame' in read) return i
  }
  return -1
}
