import type { Device } from '../../domain/network.ts'
import { LineSession } from '../line-session.ts'
import type { LineParts, Link, PeerSession } from '../line.ts'
import { answerText } from './answers.ts'
import { topicOf } from './codec.ts'
import { functions } from './fields.ts'
import { control, digits, writeFrame, type Frame } from './frame.ts'
import type { Sl651Refusal } from './refusals.ts'
import { createRequests, downBody, orderBody, type Order, type RequestParts, type Requests } from './requests.ts'
import { createScanner, type Scanned } from './scanner.ts'
import { createUploads, type Packet, type UploadParts, type Uploads } from './uploads.ts'

export interface SessionParts
  extends LineParts<Sl651Refusal, ConnectedStation>, Pick<UploadParts, 'packetWithinMs' | 'budget'>, Pick<RequestParts, 'answerWithinMs'> {
  maxUploadBytes: number
}

/** A station that has logged in. */
export interface ConnectedStation {
  readonly device: Device
  readonly requests: Requests
}

interface Station extends ConnectedStation {
  /** Its newest frame: requests are written as it is. */
  last: Frame
}

/** Frames of one upload, with their bytes. */
type Packets = readonly { frame: Frame; bytes: Buffer }[]

/**
 * One line: frames in, deliveries to the journal, confirmations and requests out. Every frame carries address and password. An upload is
 * confirmed when `accept` has resolved: EOT, or ESC to stay connected, ACK where more follows (ETB). What is not taken gets no answer at
 * all (6.3), and the station sends again. Keep-alive (2FH) is never answered.
 */
export const openSl651Session = (link: Link, parts: SessionParts): PeerSession => new Sl651Session(link, parts).line

class Sl651Session {
  readonly line: LineSession<Scanned, Station>
  readonly #link: Link
  readonly #parts: SessionParts
  readonly #uploads: Uploads

  constructor(link: Link, parts: SessionParts) {
    this.#link = link
    this.#parts = parts
    this.line = new LineSession<Scanned, Station>({
      ...{ ...parts, link, scanner: createScanner() },
      take: (found) => this.#take(found),
      ended: () => this.#uploads.end(),
    })
    this.#uploads = createUploads({
      ...{ ...parts, maxBytes: parts.maxUploadBytes },
      ask: (packet, number) => this.#askAgain(packet, number),
    })
  }

  async #take(found: Scanned): Promise<void> {
    const { deviceOf, mayComeFrom, refuse } = this.#parts
    if (found.fault !== undefined) return refuse(found.fault, `${found.bytes.length} bytes`, null)
    const { frame, bytes } = found
    const code = `${digits(frame.code, 2)}H`
    if (frame.direction === 'down') return refuse('wrong-direction', code, frame.station)
    const device = deviceOf(frame.station)
    if (device === null) return refuse('unknown-station', code, frame.station)
    if (!mayComeFrom(device, this.#link.address)) return refuse('foreign-address', device.id, frame.station)
    const login = { sender: frame.station, password: digits(frame.password, 4) }
    const station = await this.line.logins.enter(device, login, () => this.#stationOf(device, frame))
    if (station === null || this.line.intake.isOver()) return
    station.last = frame
    const meaning = functions.get(frame.code)
    if (meaning === undefined) return refuse('unknown-function', code, frame.station)
    if (meaning === 'keep-alive') return
    if (frame.packet === null) return this.#receive(station, [{ frame, bytes }])
    const whole = this.#uploads.take({ frame: { ...frame, packet: frame.packet }, bytes })
    if (whole !== null) this.#receive(station, whole)
  }

  #stationOf(device: Device, frame: Frame): Station {
    const send = (order: Order): void => this.#sendOrder(station, order)
    const station: Station = { device, requests: createRequests({ ...this.#parts, send }), last: frame }
    return station
  }

  #receive(station: Station, packets: Packets): void {
    const { refuse } = this.#parts
    const [first] = packets
    const serial = first === undefined ? null : serialOf(first.frame)
    if (first === undefined || serial === null) return refuse('bad-head', `${packets.length} packets`, station.last.station)
    const { code } = first.frame
    const isAnswer = station.requests.awaits(code)
    if (functions.get(code) === 'answer') {
      if (isAnswer) station.requests.answered(answerText(first.frame, this.#parts.now()))
      else refuse('unexpected-answer', `${digits(code, 2)}H`, first.frame.station)
      return
    }
    const last = packets.at(-1)?.frame ?? first.frame
    const payload = Buffer.concat(packets.map(({ bytes }) => bytes))
    const delivery = { device: station.device.id, source: 'sl651' as const, topic: topicOf(last.code), payload }
    void this.line.intake.keep(delivery, last.station, () => {
      if (isAnswer || station.device.sl651?.mode !== 'M1') this.#confirm(station, last, serial)
      if (isAnswer) station.requests.answered()
    })
  }

  /** In M3 the packet total is the upload's, and the packet number the last one. */
  #confirm({ device }: Station, up: Frame, serial: number): void {
    const ending = device.sl651?.stayOnline === true ? control.ESC : control.EOT
    const end = up.end === control.ETB ? control.ACK : ending
    const packet = up.packet === null ? null : { total: up.packet.total, number: up.packet.total }
    this.#send({ ...up, direction: 'down', packet, end, body: downBody(up.encoding, serial, this.#parts.now()) })
  }

  #askAgain({ frame }: Packet, number: number): void {
    const body = downBody(frame.encoding, serialOf(frame) ?? 0, this.#parts.now())
    this.#send({ ...frame, direction: 'down', packet: { total: frame.packet.total, number }, end: control.NAK, body })
  }

  #sendOrder({ last }: Station, order: Order): void {
    const body = orderBody(last.encoding, order, this.#parts.now())
    this.#send({ ...last, direction: 'down', code: order.code, packet: null, end: control.ENQ, body })
  }

  #send(frame: Frame): void {
    if (!this.line.intake.isOver()) this.#link.send(writeFrame(frame))
  }
}

/** Of a frame, or of the first packet of an upload; null when its body does not begin as it must. */
function serialOf({ encoding, body, packet }: Frame): number | null {
  if (packet !== null && packet.number !== 1) return null
  if (encoding === 'hex') return body.length < 8 ? null : ((body[0] ?? 0) << 8) | (body[1] ?? 0)
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 16)).toString('latin1')
  return /^[0-9A-Fa-f]{4}\d{12}$/.test(text) ? parseInt(text.slice(0, 4), 16) : null
}
