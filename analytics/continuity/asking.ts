import type { Command, CommandResult, SendCommand } from '../../domain/command.ts'
import type { Fleet } from '../../domain/fleet.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { GapBook } from './gap-book.ts'
import type { OpenGap } from './series-gaps.ts'

/** Gaps of one device that one request can fill. */
export interface Request {
  device: DeviceId
  command: Extract<Command, { kind: 'resend' }>
  gaps: OpenGap[]
}

export interface AskingParts {
  send: SendCommand
  /** Epoch ms, for the rate alone. */
  now: () => number
  /** Keeps that a device is asked, before it is; called once a request. */
  keep: (gaps: readonly OpenGap[]) => Promise<void>
  /** Takes the answer, in turn with the commits. */
  answered: (request: Request, result: CommandResult) => void
}

/** What flushes by itself is not asked for: so long after the end of a gap came in. */
const graceMs = 120_000
/** A device that is not reached is asked again after so long, five times in all. Any other answer stands. */
const [againMs, mostTries] = [300_000, 5]
const [mostAtOnce, mostAMinute] = [4, 60]

/** Asks devices to send again what is missing: once for each gap, 4 at a time, 60 a minute; a device that cannot is not asked again. */
export class Asking {
  readonly counts = new Map<CommandResult['outcome'], number>()
  readonly #parts: AskingParts
  readonly #asked = new Set<DeviceId>()
  readonly #unable = new Set<DeviceId>()
  #minute = { began: -Infinity, count: 0 }

  constructor(parts: AskingParts) {
    this.#parts = parts
  }

  /** Sends what may be sent now; resolves when it is on its way. */
  async ask(book: GapBook, fleet: Fleet): Promise<void> {
    for (const request of this.#due(book, fleet)) {
      if (this.#asked.size >= mostAtOnce || !this.#mayNow()) return
      const at = book.clocks.get(request.gaps[0]?.run ?? null) ?? 0
      for (const gap of request.gaps)
        gap.request = { at, tries: (gap.request?.tries ?? 0) + 1, outcome: 'waiting', detail: 'the device was asked to send it again' }
      this.#asked.add(request.device)
      await this.#parts.keep(request.gaps)
      void this.#parts.send(request.device, request.command).then((result) => this.#hear(request, result))
    }
  }

  #hear(request: Request, result: CommandResult): void {
    this.#asked.delete(request.device)
    if (result.outcome === 'unsupported') this.#unable.add(request.device)
    if (result.outcome === 'unreachable') this.#minute.count -= 1
    this.counts.set(result.outcome, (this.counts.get(result.outcome) ?? 0) + 1)
    this.#parts.answered(request, result)
  }

  #mayNow(): boolean {
    const now = this.#parts.now()
    if (now - this.#minute.began >= 60_000) this.#minute = { began: now, count: 0 }
    return (this.#minute.count += 1) <= mostAMinute
  }

  /** Requests that are due, those of real devices first. What lies in one range of one device is one request. */
  #due(book: GapBook, fleet: Fleet): Request[] {
    const due = new Map<string, Request>()
    for (const gap of book.open()) {
      const { device } = gap
      if (this.#asked.has(device) || this.#unable.has(device) || !isDue(gap, book)) continue
      const everyMs = fleet.devices.get(device)?.protocol === 'mqtt' ? null : book.everyMs(gap.series)
      const request = due.get(`${device} ${everyMs}`) ?? { device, gaps: [], command: { kind: 'resend', from: Infinity, to: 0, everyMs } }
      widen(request, gap)
      due.set(`${device} ${everyMs}`, request)
    }
    const isReal = ({ gaps: [first] }: Request): number => (first?.run === null ? 0 : 1)
    return [...due.values()].sort((a, b) => isReal(a) - isReal(b))
  }
}

function widen({ gaps, command }: Request, gap: OpenGap): void {
  gaps.push(gap)
  command.from = Math.min(command.from, ...gap.pieces.map(([from]) => from + 1))
  command.to = Math.max(command.to, ...gap.pieces.map(([, to]) => to))
}

function isDue({ run, cause, endKnownAt, request }: OpenGap, book: GapBook): boolean {
  const clock = book.clocks.get(run) ?? -Infinity
  if (endKnownAt === null || cause === 'quarantined' || clock - endKnownAt < graceMs) return false
  return request === null || (request.outcome === 'unreachable' && request.tries < mostTries && clock - request.at >= againMs)
}
