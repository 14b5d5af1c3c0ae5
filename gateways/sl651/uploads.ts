import type { Timers } from '../line.ts'
import { control, type Frame } from './frame.ts'
import type { Sl651Refusal } from './refusals.ts'

/** One packet with its bytes. */
export interface Packet {
  frame: Frame & { packet: { total: number; number: number } }
  bytes: Buffer
}

export interface UploadParts {
  timers: Timers
  packetWithinMs: number
  maxBytes: number
  /** Bytes that all connections together may still keep; taken from and given back. */
  budget: { bytes: number }
  /** Asks the station for one packet again (NAK). */
  ask: (packet: Packet, number: number) => void
  refuse: (reason: Sl651Refusal, detail: string, station: string) => void
}

interface Upload {
  packets: Map<number, Packet>
  first: Packet
  bytes: number
  /** How often each missing packet was asked for. */
  asked: Map<number, number>
  timer: unknown
}

/** Uploads in several packets (M3) of one connection. */
export interface Uploads {
  /** The packets of an upload in order, once all are there; null until then. */
  take(packet: Packet): Packet[] | null
  /** Gives up what is not complete. */
  end(): void
}

/** A missing packet is asked for so often, as the standard has it (6.3). */
const mostAsked = 2
const mostAtATime = 4

/**
 * Joins the packets of uploads by station, function code and total. Serial number and time stand in the first packet only, so another first packet
 * begins a new upload. Missing ones are asked for one at a time, when the last has come or nothing comes for `packetWithinMs`.
 */
export function createUploads(parts: UploadParts): Uploads {
  const { timers, packetWithinMs, maxBytes, budget, refuse } = parts
  const open = new Map<string, Upload>()

  function drop(key: string, upload: Upload, reason: Sl651Refusal | null): void {
    timers.clearTimeout(upload.timer)
    budget.bytes += upload.bytes
    open.delete(key)
    const { total } = upload.first.frame.packet
    if (reason !== null) refuse(reason, `${upload.packets.size} of ${total} packets`, upload.first.frame.station)
  }

  function askOrGiveUp(key: string, upload: Upload): void {
    const { total } = upload.first.frame.packet
    let missing = 1
    while (upload.packets.has(missing)) missing += 1
    const times = upload.asked.get(missing) ?? 0
    if (missing > total || times >= mostAsked) return drop(key, upload, 'packets-lost')
    upload.asked.set(missing, times + 1)
    wait(key, upload)
    parts.ask(upload.first, missing)
  }

  function wait(key: string, upload: Upload): void {
    timers.clearTimeout(upload.timer)
    upload.timer = timers.setTimeout(() => askOrGiveUp(key, upload), packetWithinMs)
  }

  /** The upload that a packet belongs to; null when there is no room for it. */
  function uploadOf(key: string, packet: Packet): Upload | null {
    const known = open.get(key)
    const isKnown = known !== undefined && isSame(known, packet)
    if (known !== undefined && !isKnown) drop(key, known, 'packets-lost')
    const upload: Upload = isKnown ? known : { packets: new Map(), first: packet, bytes: 0, asked: new Map(), timer: null }
    const isTooMany = !isKnown && open.size >= mostAtATime
    open.set(key, upload)
    if (!isTooMany && upload.bytes + packet.bytes.length <= maxBytes && packet.bytes.length <= budget.bytes) return upload
    drop(key, upload, 'upload-too-large')
    return null
  }

  return {
    take(packet) {
      const { station, code, packet: place, end } = packet.frame
      const key = `${station} ${code}`
      const upload = uploadOf(key, packet)
      if (upload === null) return null
      if (upload.packets.has(place.number)) refuse('packet-repeated', `packet ${place.number} of ${place.total}`, station)
      else add(upload, packet, budget)
      if (upload.packets.size === place.total) {
        drop(key, upload, null)
        return [...upload.packets.values()].sort((a, b) => a.frame.packet.number - b.frame.packet.number)
      }
      if (end === control.ETX) askOrGiveUp(key, upload)
      else wait(key, upload)
      return null
    },
    end() {
      for (const [key, upload] of open) drop(key, upload, 'packets-lost')
    },
  }
}

function add(upload: Upload, packet: Packet, budget: { bytes: number }): void {
  upload.packets.set(packet.frame.packet.number, packet)
  upload.bytes += packet.bytes.length
  budget.bytes -= packet.bytes.length
}

/** A packet that belongs to an upload: the total fits, and where it is the first packet again, it is the same one. */
function isSame({ first, packets }: Upload, { frame, bytes }: Packet): boolean {
  if (first.frame.packet.total !== frame.packet.total) return false
  const known = frame.packet.number === 1 ? packets.get(1) : undefined
  return known === undefined || known.bytes.equals(bytes)
}
