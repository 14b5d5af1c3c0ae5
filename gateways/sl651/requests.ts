import type { Command, CommandOutcome } from '../../domain/command.ts'
import type { Timers } from '../line.ts'
import { elementsByAscii } from './fields.ts'
import type { Frame } from './frame.ts'
import { digits } from './frame.ts'
import { writeBeijing } from './message.ts'

/** A request of ours (M4): function code, and what stands behind serial number and time, as HEX digits. */
export interface Order {
  code: number
  content: string
}

/** Requests that carry nothing but serial number and time (annex B), by function code. */
const plainRequests: ReadonlyMap<string, string> = new Map([
  ['37', 'real-time values'],
  ['39', 'manual input'],
  ['44', 'pump data'],
  ['45', 'software version'],
  ['46', 'status and alarms'],
  ['50', 'event log'],
  ['51', 'clock'],
])

export interface OrderResult {
  outcome: CommandOutcome
  detail: string
}

export interface RequestParts {
  timers: Timers
  answerWithinMs: number
  send: (order: Order) => void
}

/** Requests to one station, one at a time. */
export interface Requests {
  ask(order: Order): Promise<OrderResult>
  /** True when the frame answers the request that waits. */
  awaits(code: number): boolean
  /** The answer is in the journal, or needs no place there; what it says, as a part of a sentence. */
  answered(says?: string): void
  /** The connection is over. */
  end(): void
}

/** A request that is not answered is sent again so often (6.3). */
const mostResends = 2

export function createRequests({ timers, answerWithinMs, send }: RequestParts): Requests {
  let last: Promise<unknown> = Promise.resolve()
  let waiting: { code: number; settle: (result: OrderResult) => void } | null = null
  let isOver = false
  const lost: OrderResult = { outcome: 'unreachable', detail: 'the station is not connected' }

  function exchange(order: Order): Promise<OrderResult> {
    if (isOver) return Promise.resolve(lost)
    return new Promise((resolve) => {
      let sent = 0
      let timer: unknown = null
      const settle = (result: OrderResult): void => {
        timers.clearTimeout(timer)
        waiting = null
        resolve(result)
      }
      const trySend = (): void => {
        if (sent > mostResends)
          return settle({ outcome: 'no-answer', detail: `no answer to ${digits(order.code, 2)}H, sent ${sent} times` })
        sent += 1
        timer = timers.setTimeout(trySend, answerWithinMs)
        send(order)
      }
      waiting = { code: order.code, settle }
      trySend()
    })
  }

  return {
    ask(order) {
      const result = last.then(() => exchange(order))
      last = result
      return result
    },
    awaits: (code) => waiting?.code === code,
    answered: (says = 'answered') => waiting?.settle({ outcome: 'done', detail: says }),
    end() {
      isOver = true
      waiting?.settle(lost)
    },
  }
}

/** What a request needs to know of its station. */
export interface OrderContext {
  /** Elements that the station measures. */
  elements: readonly { id: number; definition: number }[]
  /** How its 38H names an element; null = it cannot be asked for periods. */
  periodQuery: 'identifier' | 'definition' | null
  /** Whether 40H to 43H may be sent to it. */
  settings: boolean
}

const [hour, day] = [3_600_000, 86_400_000]

/**
 * The requests that carry out a command, in order, or why SL 651 cannot. Periods are asked for with 38H, an element and at most a day at a
 * time; its ends are whole hours, so a little more than was asked for may come.
 */
export function ordersFor(command: Command, { elements, periodQuery, settings }: OrderContext): Order[] | string {
  if (command.kind === 'sync-clock') return [{ code: 0x4a, content: '' }]
  if (command.kind === 'sample-now') return [{ code: 0x37, content: '' }]
  if (command.kind === 'set-interval') return 'which running parameter holds the interval is not verified, so it is not set over SL 651'
  if (command.kind === 'request') return requestOf(command, { periodQuery, settings })
  if (periodQuery === null) return 'the form of 38H is not verified for the station; its device entry needs sl651: { periodQuery: … }'
  if (elements.length === 0) return 'the station measures nothing that SL 651 has an element for'
  if (command.to <= command.from) return 'the range is empty'
  const step = stepCode(command.everyMs ?? 300_000)
  const orders: Order[] = []
  const end = Math.ceil(command.to / hour) * hour
  for (let from = Math.floor(command.from / hour) * hour; from < end; from += day) {
    const ends = writeBeijing(from, 8) + writeBeijing(Math.min(from + day, end), 8)
    for (const { id, definition } of elements)
      orders.push({ code: 0x38, content: `${ends}0418${step}${elementText(id, definition, periodQuery)}` })
  }
  return orders
}

type Asked = Extract<Command, { kind: 'request' }>
type Unverified = Pick<OrderContext, 'periodQuery' | 'settings'>

/** Set and get the basic configuration, set and get running parameters. */
const settingsCodes: ReadonlySet<string> = new Set(['40', '41', '42', '43'])

/** A request in the standard's own words: without content, for some elements (3AH), or of its configuration (40H to 43H). */
function requestOf({ code, fields }: Asked, { periodQuery, settings }: Unverified): Order[] | string {
  const field = code === '3A' ? 'elements' : settingsCodes.has(code) ? 'content' : null
  const strange = Object.keys(fields).find((name) => name !== field)
  if (strange !== undefined) return `${code}H has no field ${strange}`
  if (plainRequests.has(code)) return [{ code: parseInt(code, 16), content: '' }]
  if (code === '3A') return elementsOrder(fields.elements ?? '', periodQuery)
  if (field === 'content') return settingsOrder(code, fields.content ?? '', settings)
  return `${code}H is no request that is sent: what it carries is not described here; known: ${[...plainRequests.keys()].join(', ')}, 3A, 40 to 43`
}

/** 40H to 43H with what follows the time, as HEX digits: identifiers, and behind each its definition and data where it is to be set. */
function settingsOrder(code: string, content: string, isDeclared: boolean): Order[] | string {
  if (!isDeclared) return `the form of ${code}H is not verified for the station; its device entry needs sl651: { settings: true }`
  if (!/^(?:[0-9A-F]{2}){1,200}$/.test(content)) return 'content needs HEX digits in capitals, such as 2021 to get two or 200802 to set one'
  return [{ code: parseInt(code, 16), content }]
}

/** 3AH for some elements, named as in 38H (unverified). */
function elementsOrder(text: string, periodQuery: OrderContext['periodQuery']): Order[] | string {
  if (periodQuery === null) return 'the form of 3AH is not verified for the station; its device entry needs sl651: { periodQuery: … }'
  const names = text.split(/[\s,]+/).filter((name) => name !== '')
  const unknown = names.find((name) => !elementsByAscii.has(name))
  if (unknown !== undefined || names.length === 0) return `elements needs identifiers such as "Z PT", not "${unknown ?? ''}"`
  const written = names
    .flatMap((name) => elementsByAscii.get(name) ?? [])
    .map(({ id, definition }) => elementText(id, definition, periodQuery))
  return [{ code: 0x3a, content: written.join('') }]
}

/** An element as requests name it. */
const elementText = (id: number, definition: number, query: OrderContext['periodQuery']): string =>
  digits(id, 2) + (query === 'definition' ? digits(definition, 2) : '')

/** `d h m` in BCD, one of them as a rule. */
function stepCode(everyMs: number): string {
  const minutes = Math.max(1, Math.round(everyMs / 60_000))
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60]
  return [Math.min(days, 99), hours, rest].map((part) => String(part).padStart(2, '0')).join('')
}

/** A request as the body of a downlink frame; the centre's serial number is 0 (6.6). */
export function orderBody(encoding: Frame['encoding'], { content }: Order, now: number): Buffer {
  return downBody(encoding, 0, now, content)
}

/** Serial number, time and more HEX digits as the body of a downlink. */
export function downBody(encoding: Frame['encoding'], serial: number, now: number, content = ''): Buffer {
  const text = digits(serial, 4) + writeBeijing(now, 12) + content
  return encoding === 'hex' ? Buffer.from(text, 'hex') : Buffer.from(text, 'latin1')
}
