import type { Duplex } from 'node:stream'
import type { FrameFault, FrameGuard } from './guard/frame-guard.ts'
import { returnCodes } from './refusals.ts'

/** What is known of a prepared connection. */
export interface Wire {
  /** The peer takes nothing for now: what was written last still waits. */
  blocked(): boolean
  /** An acknowledgement is owed. With as many owed as allowed, nothing more is read. */
  owe(): void
  /** It was given. */
  paid(): void
  /** Nothing is read for now. */
  held(): boolean
}

interface WireParts {
  guard: FrameGuard
  /** Most acknowledgements owed, beside those of the read that passes it. */
  maxInFlight: number
  onFault(fault: FrameFault): void
  /** Whole packets came. */
  onHeard(): void
}

/** Packets up to this size are gathered; larger ones go out as they are. */
const smallBytes = 1_024
const gatherBytes = 16 * 1024
/** What a connection keeps for gathering while nothing is written. */
const idleBytes = 512

/**
 * Prepares a connection for the broker, in place, so that no byte passes through a second stream:
 * what is read goes by the frame guard; small packets written in one turn of the event loop leave in one write. The broker writes an
 * acknowledgement in three pieces of one or two bytes, and a group commit acknowledges many at once.
 */
export function prepareWire(wire: Duplex, parts: WireParts): Wire {
  return { ...guardReads(wire, parts), ...gatherWrites(wire) }
}

function guardReads(wire: Duplex, { guard, maxInFlight, onFault, onHeard }: WireParts): Pick<Wire, 'owe' | 'paid' | 'held'> {
  const read = wire.read.bind(wire)
  let owed = 0
  let isHeld = false
  wire.read = (size?: number): unknown => {
    isHeld = owed >= maxInFlight
    const bytes = isHeld ? null : (read(size) as Buffer | null)
    if (bytes === null || guard.fault !== null) return null
    const before = guard.packets
    const packets = guard.pass(bytes)
    if (guard.fault !== null) {
      onFault(guard.fault)
      endFor(guard.fault, wire)
    } else if (guard.packets > before) onHeard()
    return packets
  }
  return {
    owe: () => void owed++,
    held: () => isHeld,
    paid() {
      owed--
      if (isHeld && owed < maxInFlight) wire.emit('readable')
    },
  }
}

/** Ends a connection; one whose CONNECT is wrong in a way that MQTT has a code for is told so first. */
function endFor({ reason }: FrameFault, wire: Duplex): void {
  const returnCode = returnCodes[reason]
  if (returnCode === undefined) wire.destroy()
  else wire.end(Buffer.from([0x20, 2, 0, returnCode]), () => wire.destroy())
}

type Written = (error: Error | null | undefined) => void

function gatherWrites(wire: Duplex): Pick<Wire, 'blocked'> {
  const writeThrough = wire.write.bind(wire) as (chunk: Uint8Array | string, done?: Written) => boolean
  let blocked = false
  let gathered = Buffer.allocUnsafe(idleBytes)
  let length = 0
  let planned = false

  wire.on('drain', () => (blocked = false))

  function write(chunk: Uint8Array | string, done?: Written): boolean {
    blocked = !writeThrough(chunk, done)
    return !blocked
  }

  function flush(): boolean {
    planned = false
    if (length === 0 || wire.destroyed) return true
    const bytes = Buffer.from(gathered.subarray(0, length))
    length = 0
    if (gathered.length > 8 * idleBytes) gathered = Buffer.allocUnsafe(idleBytes)
    return write(bytes)
  }

  function gather(chunk: Uint8Array | string): boolean {
    const most = typeof chunk === 'string' ? chunk.length * 3 : chunk.length
    if (length + most > gathered.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * gathered.length, length + most))
      gathered.copy(larger, 0, 0, length)
      gathered = larger
    }
    if (typeof chunk === 'string') length += gathered.write(chunk, length)
    else if (chunk.length <= 4) for (let i = 0; i < chunk.length; i++) gathered[length++] = chunk[i] ?? 0
    else {
      gathered.set(chunk, length)
      length += chunk.length
    }
    if (length >= gatherBytes) return flush()
    if (!planned) {
      planned = true
      process.nextTick(flush)
    }
    return wire.writableLength + length < wire.writableHighWaterMark || flush()
  }

  /** What the broker calls: one chunk, at times with a callback. */
  function writeGathered(chunk: Uint8Array | string, encoding?: unknown, done?: Written): boolean {
    const callback = typeof encoding === 'function' ? (encoding as Written) : done
    if (callback === undefined && chunk.length <= smallBytes) return gather(chunk)
    flush()
    return write(chunk, callback)
  }
  wire.write = writeGathered as typeof wire.write
  // The broker's own way to join writes costs a tick each; ours replaces it.
  Object.defineProperty(wire, 'cork', { value: undefined, configurable: true })
  return { blocked: () => blocked }
}
