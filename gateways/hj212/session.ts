import type { Device } from '../../domain/network.ts'
import { LineSession } from '../line-session.ts'
import type { LineParts, Link, PeerSession } from '../line.ts'
import { topicOf } from './codec.ts'
import { answers } from './fields.ts'
import { parseSegment, writeFrame, writeTime, type Frame, type Framing } from './frame.ts'
import { judge, plainChecking, type Checking } from './judge.ts'
import { odditiesOf, type Oddity } from './oddities.ts'
import type { Hj212Refusal } from './refusals.ts'
import { isPolId } from './request-forms.ts'
import { createRequests, fieldOf, type Order, type RequestParts, type Requests } from './requests.ts'
import { createScanner, type Misframed, type RawFrame } from './scanner.ts'
import { encryptSegment, type Sm4Key } from './sm4.ts'
import { createSplits, type Splits } from './splits.ts'

export interface SessionParts
  extends LineParts<Hj212Refusal, ConnectedStation>, Pick<RequestParts, 'overTimeMs' | 'resends' | 'executeWithinMs' | 'nextQn'> {
  keysOf: (device: Device) => readonly Sm4Key[]
  splitWithinMs: number
  /** A frame that is taken is odd. */
  note: (what: Oddity) => void
  answersHeartbeats: boolean
}

/** A station that has logged in. */
export interface ConnectedStation {
  readonly device: Device
  readonly requests: Requests
}

interface Station extends ConnectedStation {
  /** Its last data frame: what requests to it are written with. */
  last: Frame
}

/**
 * One connection: frames in, deliveries to the journal, answers and requests out. Every frame logs in by its MN and PW. A data frame is
 * journalled (in plain text) and, where its A bit asks for it, answered with 9014 after that; a notice always with 9013. What is not taken
 * gets no answer: the standard has none, and the station sends again.
 */
export const openHj212Session = (link: Link, parts: SessionParts): PeerSession => new Hj212Session(link, parts).line

class Hj212Session {
  readonly line: LineSession<RawFrame | Misframed, Station>
  readonly #link: Link
  readonly #parts: SessionParts
  readonly #splits: Splits

  constructor(link: Link, parts: SessionParts) {
    this.#link = link
    this.#parts = parts
    this.#splits = createSplits({ withinMs: parts.splitWithinMs, timers: parts.timers, refuse: parts.refuse })
    this.line = new LineSession<RawFrame | Misframed, Station>({
      ...{ ...parts, link, scanner: createScanner() },
      take: (found) => this.#take(found),
      ended: () => this.#splits.end(),
    })
  }

  async #take(raw: RawFrame | Misframed): Promise<void> {
    const { deviceOf, mayComeFrom, refuse } = this.#parts
    if (raw.fault !== undefined) return refuse(raw.fault, `${raw.bytes} bytes`, null)
    const mn = parseSegment(raw.segment)?.mn ?? null
    const device = mn === null ? null : deviceOf(mn)
    const judged = judge(raw, device === null ? plainChecking : this.#checkingOf(device))
    if (judged.fault !== undefined) return refuse(judged.fault, judged.detail, mn)
    if (device === null) return refuse('unknown-mn', `CN ${judged.frame.cn}`, mn)
    if (!mayComeFrom(device, this.#link.address)) return refuse('foreign-address', device.id, mn)
    const { frame, bytes } = judged
    const station = await this.line.logins.enter(device, { sender: frame.mn, password: frame.pw }, () => this.#stationOf(device, frame))
    if (station === null || this.line.intake.isOver()) return
    for (const what of odditiesOf(frame)) this.#parts.note(what)
    this.#dispatch(station, frame, bytes)
  }

  #checkingOf(device: Device): Checking {
    if (device.hj212 === null) return plainChecking
    const { crc, sm4 } = device.hj212
    return { crc, sm4: sm4 === null ? null : { keys: this.#parts.keysOf(device), wire: sm4 } }
  }

  #stationOf(device: Device, frame: Frame): Station {
    const send = (order: Order, qn: string): void => this.#request(station, order, qn)
    const station: Station = { device, requests: createRequests({ ...this.#parts, send }), last: frame }
    return station
  }

  #dispatch(station: Station, frame: Frame, bytes: Buffer): void {
    if (answers.has(frame.cn)) {
      if (!station.requests.answer(frame)) this.#parts.refuse('unexpected-answer', `CN ${frame.cn}`, frame.mn)
    } else if (frame.cn === '9015' && this.#parts.answersHeartbeats) this.#answer(station, frame, '9013')
    else {
      station.last = frame
      station.requests.data(frame) // here, not when it is kept: 9012 waits for no journal and would overtake it
      const delivery = { device: station.device.id, source: 'hj212' as const, topic: topicOf(frame.cn), payload: bytes }
      void this.line.intake.keep(delivery, frame.mn, () => this.#kept(station, frame))
    }
  }

  #kept(station: Station, frame: Frame): void {
    if (frame.part !== null) this.#splits.add(frame)
    if (frame.cn === '1013') {
      this.#answer(station, frame, '9013') // a notice is answered whatever its A bit says (2017 §6.1)
      void this.#setClock(station, fieldOf(frame.area, 'PolId'))
    } else if (frame.wantsAnswer) this.#answer(station, frame, '9014')
  }

  /** A station that asks for the time (2017 C.4) gets it, for the instrument that it named. */
  async #setClock({ requests }: Station, polId: string): Promise<void> {
    const time = `SystemTime=${writeTime(this.#parts.now())}`
    await requests.ask({ cn: '1012', area: isPolId(polId) ? `PolId=${polId};${time}` : time })
  }

  /** ST=91, the QN and MN of what it answers, no answer wanted (2017 annex C). */
  #answer({ device }: Station, { qn, pw, mn, flag }: Frame, cn: string): void {
    const framing: Framing = { crc: device.hj212?.crc ?? 'hj212', encrypt: null }
    this.#link.send(writeFrame({ qn, st: '91', cn, pw, mn, flag: flag & ~3, area: '' }, framing))
  }

  #request({ device, last }: Station, { cn, area }: Order, qn: string): void {
    const { st, pw, mn, flag } = last
    const parts = { qn, st, cn, pw, mn, flag: (flag & ~3) | 1, area }
    this.#link.send(writeFrame(parts, { crc: device.hj212?.crc ?? 'hj212', encrypt: this.#encryptionFor(device, cn) }))
  }

  /** CN 2000 to 2999 and 3020 are encrypted (unverified), with the newest key. */
  #encryptionFor(device: Device, cn: string): Framing['encrypt'] {
    const wire = device.hj212?.sm4 ?? null
    const [key] = wire === null ? [] : this.#parts.keysOf(device)
    if (wire === null || key === undefined || !(cn.startsWith('2') || cn === '3020')) return null
    return (segment) => encryptSegment(segment, key, wire)
  }
}
