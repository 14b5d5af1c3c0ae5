import type { ReadingGroup } from '../domain/reading.ts'
import { writeData } from '../gateways/hj212/encode.ts'
import { writeFrame, writeQn, writeTime, type Edition, type Frame, type Framing } from '../gateways/hj212/frame.ts'
import { judge, type Checking } from '../gateways/hj212/judge.ts'
import { fieldOf } from '../gateways/hj212/requests.ts'
import { createScanner } from '../gateways/hj212/scanner.ts'
import { encryptSegment, type Sm4Key, type Sm4Wire } from '../gateways/hj212/sm4.ts'
import { parseInstant } from '../domain/time.ts'
import type { DeviceFigures } from './device-client.ts'
import { createStationClock, type FieldStation, type FieldStationParts, type StationClock } from './field-station.ts'
import { createLoggerMemory, toFactors, type HistoryRecord } from './hj212-memory.ts'
import { Uplink } from './uplink.ts'

export interface Hj212StationParts extends FieldStationParts {
  mn: string
  password: string
  edition: Edition
  /** System code: 21 surface water, 22 air, 31 air pollution source, 32 waste water. */
  st: string
  /** Its key (2025), with which it encrypts CN 2000 to 2999 and 3020 and reads what is encrypted; none unless said. */
  sm4?: { key: Sm4Key; wire: Sm4Wire }
  /** Data of periods that it never sends by itself and has in its memory only, as when its line breaks and its queue is cut; none unless said. */
  loses?: (record: HistoryRecord) => boolean
}

interface Message {
  cn: string
  area: string
  part: Frame['part']
  /** Called when it is answered. */
  done: () => void
}

const versions: Readonly<Record<Edition, number>> = { '2005': 0, '2017': 4, '2025': 8 }
/** 2017 table 1, and its bound for a data area. */
const [overTimeMs, mostResends, mostArea] = [10_000, 3, 950]

/**
 * A station of HJ 212 as a client over TCP: real-time data (2011) as they are given, hourly (2061) and daily data (2031) when their time
 * is over, each wanting its 9014, eight at a time. Without one it sends again, with the same QN, and after the third time it dials anew.
 * Answers requests: clock, intervals, password, samples, what it is, history from its memory. Areas beyond 950 characters go in several packets.
 */
export function createHj212Station(parts: Hj212StationParts): FieldStation {
  return new Station(parts)
}

class Station implements FieldStation {
  readonly connected: Promise<void>
  readonly #parts: Hj212StationParts
  readonly #memory
  readonly #clock: StationClock
  readonly #checking: Checking
  readonly #uplink: Uplink<Message, string>
  #scanner = createScanner()
  #lastQn = 0
  #password: string
  #rtdIntervalMs = 0
  #lastRtdAt = -Infinity
  #isSilent = false
  #minuteInterval = '10'
  /** Begins at midnight, every two hours, unless told otherwise (3016). */
  #sampling = 'CstartTime=000000,Ctime=2'

  constructor(parts: Hj212StationParts) {
    this.#parts = parts
    this.#memory = createLoggerMemory(parts.edition)
    this.#clock = createStationClock(parts)
    this.#checking = { crc: 'hj212', sm4: parts.sm4 === undefined ? null : { keys: [parts.sm4.key], wire: parts.sm4.wire } }
    this.#password = parts.password
    this.#uplink = new Uplink<Message, string>({
      ...{ ...parts, answerWithinMs: overTimeMs, resends: mostResends },
      keyOf: () => this.#nextQn(),
      transmit: (message, qn, isOld) => this.#transmit(message, qn, isOld),
      opened: () => (this.#scanner = createScanner()),
      hear: (chunk) => this.#read(chunk),
    })
    this.connected = this.#uplink.connected
  }

  send(groups: readonly ReadingGroup[]): void {
    for (const group of groups) {
      const at = (group.at ?? this.#parts.now()) + this.#clock.error()
      const factors = toFactors({ ...group, at })
      if (factors.length === 0) continue
      for (const record of this.#memory.take(factors)) if (record.cn !== '2051' && !this.#parts.loses?.(record)) this.#add(record)
      if (this.#isSilent || at - this.#lastRtdAt < this.#rtdIntervalMs) continue
      this.#lastRtdAt = at
      const second = factors[0]?.at ?? at
      this.#add({ cn: '2011', at: second, area: writeData(second, factors, this.#parts.edition) })
    }
  }

  settled(): Promise<void> {
    return this.#uplink.settled()
  }

  figures(): DeviceFigures {
    return this.#uplink.figures()
  }

  clockError(): number {
    return this.#clock.error()
  }

  loseLine(): void {
    this.#uplink.lose()
  }

  async stop(): Promise<void> {
    this.#uplink.stop()
  }

  #read(chunk: Buffer): void {
    for (const raw of this.#scanner.push(chunk)) {
      const judged = raw.fault === undefined ? judge(raw, this.#checking) : raw
      if (judged.fault === undefined && judged.frame.mn === this.#parts.mn) this.#hear(judged.frame)
    }
  }

  /** `done` when all its packets are answered. */
  #add({ cn, area }: HistoryRecord, done: () => void = () => undefined): void {
    const pieces = piecesOf(area)
    let left = pieces.length
    const answered = (): void => void ((left -= 1) === 0 && done())
    const messages = pieces.map((piece, i) => {
      const part = pieces.length === 1 ? null : { number: i + 1, of: pieces.length }
      return { cn, area: piece, part, done: answered }
    })
    this.#uplink.add(messages)
  }

  #transmit({ cn, area, part }: Message, qn: string, isOld: boolean): void {
    const { edition } = this.#parts
    const flag = versions[edition] + 1 + (part === null ? 0 : 2)
    this.#write({ qn, cn, area, flag, part, isResent: isOld && edition === '2025' })
  }

  #write(frame: { qn: string; cn: string; area: string; flag: number; part?: Frame['part']; isResent?: boolean; st?: string }): void {
    const { mn, st, sm4 } = this.#parts
    const isSecret = frame.cn.startsWith('2') || frame.cn === '3020'
    const encrypt = sm4 === undefined || !isSecret ? null : (segment: Buffer) => encryptSegment(segment, sm4.key, sm4.wire)
    const framing: Framing = { crc: 'hj212', encrypt }
    this.#uplink.write(writeFrame({ st, pw: this.#password, mn, ...frame }, framing))
  }

  #nextQn(): string {
    this.#lastQn = Math.max(this.#clock.now(), this.#lastQn + 1)
    return writeQn(this.#lastQn)
  }

  #hear(frame: Frame): void {
    const message = frame.cn === '9014' ? this.#uplink.waiting(frame.qn) : null
    if (message !== null) {
      this.#uplink.answered(frame.qn)
      message.done()
    } else if (!frame.cn.startsWith('9')) this.#obey(frame)
  }

  #answer({ qn }: Frame, cn: string, area: string): void {
    this.#write({ qn, cn, area, st: '91', flag: versions[this.#parts.edition] })
  }

  /** Requests: acknowledged (9011), carried out, and their result (9012); notices: 9013. */
  #obey(frame: Frame): void {
    if (frame.pw !== this.#password) return this.#answer(frame, '9011', 'QnRtn=3')
    if (frame.cn === '2012') {
      this.#isSilent = true
      return this.#answer(frame, '9013', '')
    }
    const result = this.#execute(frame)
    if (result === null) return this.#answer(frame, '9011', 'QnRtn=8')
    this.#answer(frame, '9011', 'QnRtn=1')
    const sent = result.map((record) => new Promise<void>((done) => this.#add(record, done)))
    // the result follows the data that were asked for
    void Promise.all(sent).then(() => this.#answer(frame, '9012', sent.length === 0 && isHistory(frame.cn) ? 'ExeRtn=100' : 'ExeRtn=1'))
  }

  /** What it sends for a request; null when it does not know the command. */
  #execute({ cn, area }: Frame): HistoryRecord[] | null {
    const own = this.#clock.now()
    if (isHistory(cn)) return this.#memory.recall(cn, timeIn(area, 'BeginTime'), timeIn(area, 'EndTime'))
    const told = this.#tell(cn, area, own)
    if (told !== null) return [{ cn, at: own, area: told }]
    if (cn === '1012') this.#clock.adjust(timeIn(area, 'SystemTime') - Math.floor(own / 1000) * 1000)
    else if (cn === '1062') this.#rtdIntervalMs = Number(fieldOf(area, 'RtdInterval')) * 1000
    else if (cn === '1072') this.#password = fieldOf(area, 'NewPW') || this.#password
    else if (cn === '2011') this.#isSilent = false
    else if (cn === '1064') this.#minuteInterval = fieldOf(area, 'MinInterval')
    else if (cn === '3016') this.#sampling = `CstartTime=${fieldOf(area, 'CstartTime')},Ctime=${fieldOf(area, 'Ctime')}`
    else if (!/^(?:1000|301[1-4])$/.test(cn)) return null
    return []
  }

  /** What it says of itself when it is asked; null for other commands. */
  #tell(cn: string, area: string, own: number): string | null {
    const polId = fieldOf(area, 'PolId')
    switch (cn) {
      case '1011':
        return `SystemTime=${writeTime(own)}`
      case '1061':
        return `RtdInterval=${this.#rtdIntervalMs / 1000}`
      case '1063':
        return `MinInterval=${this.#minuteInterval}`
      case '2021':
        return `DataTime=${writeTime(own)};SB01-RS=1`
      case '3015':
        return `DataTime=${writeTime(own)};PolId=${polId},VaseNo=1`
      case '3017':
        return `PolId=${polId},${this.#sampling}`
      case '3018':
        return `PolId=${polId},Stime=30`
      case '3019':
        return `PolId=${polId},${polId}-SN=${this.#parts.mn}`
      case '3020':
        return `DataTime=${writeTime(own)};PolId=${polId},${fieldOf(area, 'InfoId')}-Info=0`
      default:
        return null
    }
  }
}

const isHistory = (cn: string): boolean => cn === '2051' || cn === '2061' || cn === '2031'

/** A time of a request, epoch ms; NaN when it is none. */
function timeIn(area: string, name: string): number {
  const text = fieldOf(area, name)
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6+08:00')
  return parseInstant(iso).at ?? NaN
}

/** Cuts a data area between its factors, each piece with the time (2017 annex C.49). */
function piecesOf(area: string): string[] {
  if (area.length <= mostArea) return [area]
  const [time = '', ...items] = area.split(';')
  const pieces: string[] = []
  let piece = time
  for (const item of items) {
    if (piece.length + 1 + item.length > mostArea && piece !== time) {
      pieces.push(piece)
      piece = time
    }
    piece += `;${item}`
  }
  return [...pieces, piece]
}
