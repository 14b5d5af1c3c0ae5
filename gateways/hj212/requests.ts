import type { CommandOutcome } from '../../domain/command.ts'
import type { Timers } from '../line.ts'
import type { Frame } from './frame.ts'

/** A request to a station (HJ 212-2017 §6.1, table 9). */
export interface Order {
  cn: string
  /** Its data area; empty for none. */
  area: string
  /** `result`: 9011, data, 9012. `notice`: 9013. Default: result. */
  ends?: 'result' | 'notice'
}

export interface OrderResult {
  outcome: CommandOutcome
  /** One sentence for people. */
  detail: string
  /** The data areas that came back, at most 100; data frames are journalled besides. */
  areas: string[]
}

export interface RequestParts {
  timers: Timers
  overTimeMs: number
  resends: number
  /** From the acknowledgement, or the last data that were asked for; ten times that in all. */
  executeWithinMs: number
  /** Writes the frame of an order; the same for each resend. */
  send: (order: Order, qn: string) => void
  /** A QN that was not used before. */
  nextQn: () => string
}

/** The requests to one station, one after the other. */
export interface Requests {
  /** Never rejects. Where 16 wait already, the station is busy. */
  ask(order: Order): Promise<OrderResult>
  /** An answer (9011, 9012, 9013); false when nobody waits for it. */
  answer(frame: Frame): boolean
  /** A data frame, in the order in which they came; one of another CN than was asked for is passed over. */
  data(frame: Frame): void
  /** The line is gone: what waits is unreachable. */
  end(): void
}

const mostWaiting = 16
const mostAreas = 100
/** A station may send what was asked for so many times `executeWithinMs` long, however often a part of it comes. */
const longestTimes = 10

interface Running {
  order: Order
  qn: string
  isAcknowledged: boolean
  /** Sent so many times. */
  times: number
  timer: unknown
  /** Runs from the acknowledgement to the end, and is not put off. */
  lastTimer: unknown
  areas: string[]
  done: (result: OrderResult) => void
}

export function createRequests(parts: RequestParts): Requests {
  return new RequestQueue(parts)
}

class RequestQueue implements Requests {
  readonly #parts: RequestParts
  readonly #waiting: { order: Order; done: (result: OrderResult) => void }[] = []
  #running: Running | null = null
  #isOver = false

  constructor(parts: RequestParts) {
    this.#parts = parts
  }

  ask(order: Order): Promise<OrderResult> {
    const refused = (outcome: CommandOutcome, detail: string) => Promise.resolve({ outcome, detail, areas: [] })
    if (this.#isOver) return refused('unreachable', 'the station is not connected')
    if (this.#waiting.length >= mostWaiting) return refused('busy', `${mostWaiting} requests wait for the station already`)
    return new Promise((done) => {
      this.#waiting.push({ order, done })
      this.#next()
    })
  }

  answer({ qn, cn, area }: Frame): boolean {
    const request = this.#running
    if (request === null || (qn !== '' && qn !== request.qn)) return false
    const isNotice = request.order.ends === 'notice'
    if (cn === '9011' && !isNotice) this.#acknowledged(request, fieldOf(area, 'QnRtn'))
    else if (cn === '9012' && !isNotice) this.#executed(request, fieldOf(area, 'ExeRtn'))
    else if (cn === '9013' && isNotice) this.#finish(request, 'done', 'acknowledged')
    else return false
    return true
  }

  data({ cn, area }: Frame): void {
    const request = this.#running
    if (request === null || !request.isAcknowledged || cn !== request.order.cn) return
    if (request.areas.length < mostAreas) request.areas.push(area)
    this.#extend(request)
  }

  end(): void {
    this.#isOver = true
    for (const { done } of this.#waiting.splice(0)) done({ outcome: 'unreachable', detail: 'the line broke before it was sent', areas: [] })
    if (this.#running !== null) this.#finish(this.#running, 'unreachable', 'the line broke before the station had answered')
  }

  #next(): void {
    const first = this.#running === null ? this.#waiting.shift() : undefined
    if (first === undefined) return
    this.#running = { ...first, qn: this.#parts.nextQn(), isAcknowledged: false, times: 0, timer: null, lastTimer: null, areas: [] }
    this.#dispatch(this.#running)
  }

  #dispatch(request: Running): void {
    const { timers, overTimeMs, resends, send } = this.#parts
    request.times += 1
    request.timer = timers.setTimeout(() => {
      if (request.times <= resends) this.#dispatch(request)
      else this.#finish(request, 'no-answer', `no answer after ${request.times} times`)
    }, overTimeMs)
    send(request.order, request.qn)
  }

  #finish(request: Running, outcome: CommandOutcome, detail: string): void {
    this.#parts.timers.clearTimeout(request.timer)
    this.#parts.timers.clearTimeout(request.lastTimer)
    if (this.#running === request) this.#running = null
    request.done({ outcome, detail, areas: request.areas })
    this.#next()
  }

  /** The time that the station has to carry it out begins anew. */
  #extend(request: Running): void {
    const { timers, executeWithinMs } = this.#parts
    timers.clearTimeout(request.timer)
    const late = (): void => this.#finish(request, 'no-answer', 'acknowledged, then neither data nor a result came in time')
    request.timer = timers.setTimeout(late, executeWithinMs)
  }

  #acknowledged(request: Running, code: string): void {
    if (request.isAcknowledged) return
    if (code !== '1') return this.#finish(request, 'refused', `refused: ${meaning(requestAnswers, code)}`)
    request.isAcknowledged = true
    const { timers, executeWithinMs } = this.#parts
    const endless = (): void => this.#finish(request, 'no-answer', `no result in ${longestTimes} times the time that it has`)
    request.lastTimer = timers.setTimeout(endless, longestTimes * executeWithinMs)
    this.#extend(request)
  }

  #executed(request: Running, code: string): void {
    if (code === '1') return this.#finish(request, 'done', 'carried out')
    if (code === '100') return this.#finish(request, 'done', 'the station has no data for it')
    this.#finish(request, code === '5' ? 'busy' : 'refused', `not carried out: ${meaning(executionResults, code)}`)
  }
}

/** A field of a data area; empty when it is not there. */
export function fieldOf(area: string, name: string): string {
  return new RegExp(`(?:^|[;,\\s])${name}=([^;,]*)`).exec(area)?.[1]?.trim() ?? ''
}

/** QnRtn (2017 table 7). */
const requestAnswers: ReadonlyMap<string, string> = new Map([
  ['2', 'the station does not want to'],
  ['3', 'wrong password'],
  ['4', 'wrong MN'],
  ['5', 'wrong ST'],
  ['6', 'wrong Flag'],
  ['7', 'wrong QN'],
  ['8', 'it does not know the command'],
  ['9', 'wrong CRC'],
  ['100', 'unknown reason'],
])

/** ExeRtn (2017 table 6). */
const executionResults: ReadonlyMap<string, string> = new Map([
  ['2', 'it failed, for no known reason'],
  ['3', 'its condition does not hold'],
  ['4', 'communication timed out'],
  ['5', 'the station is busy'],
  ['6', 'a fault of its system'],
])

const meaning = (codes: ReadonlyMap<string, string>, code: string): string => codes.get(code) ?? `code ${code === '' ? 'missing' : code}`
