import type { Device } from '../../domain/network.ts'
import { LineSession } from '../line-session.ts'
import type { ConnectedStation, LineParts, Link, PeerSession } from '../line.ts'
import { topicOf } from './codec.ts'
import { functions, links } from './fields.ts'
import { createScanner, hexByte, writeFrame, type Frame, type Scanned } from './frame.ts'
import type { Szy206Refusal } from './refusals.ts'

export type SessionParts = LineParts<Szy206Refusal, ConnectedStation>

/**
 * One line: frames in, deliveries to the journal. Frames carry an address and no password, so each must come from an address of its device. What a
 * confirmation looks like is not described: none goes out, unless the device's entry says `confirm: bare`; then it does after `accept` has
 * resolved. Link checks are not kept.
 */
export const openSzy206Session = (link: Link, parts: SessionParts): PeerSession => new Szy206Session(link, parts).line

class Szy206Session {
  readonly line: LineSession<Scanned, ConnectedStation>
  readonly #link: Link
  readonly #parts: SessionParts

  constructor(link: Link, parts: SessionParts) {
    this.#link = link
    this.#parts = parts
    this.line = new LineSession<Scanned, ConnectedStation>({
      ...{ ...parts, link, scanner: createScanner() },
      take: (found) => this.#take(found),
      ended: () => undefined,
    })
  }

  async #take(found: Scanned): Promise<void> {
    const { deviceOf, mayComeFrom, refuse } = this.#parts
    if (found.fault !== undefined) return refuse(found.fault, `${found.bytes.length} bytes`, null)
    const { frame, bytes } = found
    const { station: sender } = frame
    const code = `AFN ${hexByte(frame.code)}`
    if (frame.direction === 'down') return refuse('wrong-direction', code, sender)
    const device = deviceOf(sender)
    if (device === null) return refuse('unknown-station', code, sender)
    if (!mayComeFrom(device, this.#link.address)) return refuse('foreign-address', device.id, sender)
    const station = await this.line.logins.enter(device, { sender, password: '' }, () => ({ device, requests: { end: () => undefined } }))
    if (station === null || this.line.intake.isOver()) return
    if (frame.kind === 0) return refuse('unexpected-answer', code, sender)
    if (!isKnown(frame)) return refuse('unknown-function', code, sender)
    if (functions.get(frame.code)?.meaning === 'link') return this.#confirm(device, frame)
    const delivery = { device: device.id, source: 'szy206' as const, topic: topicOf(frame.code), payload: bytes }
    void this.line.intake.keep(delivery, sender, () => this.#confirm(device, frame))
  }

  #confirm({ szy206 }: Device, { station, code, count }: Frame): void {
    if (szy206?.confirm !== 'bare' || this.line.intake.isOver()) return
    this.#link.send(writeFrame({ direction: 'down', count, kind: 0, split: null, station, code, data: Buffer.alloc(0) }))
  }
}

function isKnown({ code, data }: Frame): boolean {
  const known = functions.get(code)
  return known !== undefined && (known.meaning !== 'link' || links.has(data[0] ?? 0))
}
