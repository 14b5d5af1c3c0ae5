import { createFrameScanner, type Scanned as ScannedFrame } from '../frame-scanner.ts'
import type { Scanner as AnyScanner } from '../intake.ts'
import { control, longestBody, readFrame, type Frame, type FrameFault } from './frame.ts'

/** A good frame and its bytes, or bytes that are none. */
export type Scanned = ScannedFrame<Frame, FrameFault>
/** Cuts a stream into frames, wherever its chunks are cut. Keeps at most one frame and a chunk. */
export type Scanner = AnyScanner<Scanned>

/** Frames stand where they begin, are as long as they say, end as they must and have the right CRC. A frame in ASCII is the longest. */
export const createScanner = (): Scanner =>
  createFrameScanner<Frame, FrameFault>({ read: readFrame, nextStart, longest: 24 + longestBody + 5 })

/** Where the next frame may begin: 7E7E (or 7E as the last byte), or SOH. */
function nextStart(bytes: Buffer, from: number): number {
  for (let i = from; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === control.SOH || (byte === 0x7e && (i + 1 === bytes.length || bytes[i + 1] === 0x7e))) return i
  }
  return bytes.length
}
