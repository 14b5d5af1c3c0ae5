import type { Command, CommandOutcome, CommandResult, SendCommand } from '../../domain/command.ts'
import type { Fleet } from '../../domain/fleet.ts'
import type { DeviceId } from '../../domain/ids.ts'
import { isMomentary, recordedAs } from '../../domain/sampling.ts'
import type { GapBook } from './gap-book.ts'
import type { OpenGap } from './series-gaps.ts'

/** Gaps of one device that one request can fill. */
export interface Request {
  /** The device and which of its records: what it answers `unsupported` is not asked of it again. */
  kind: string
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
/** After these a device is asked again after so long, five times in all. Any other answer stands. */
const passing: ReadonlySet<CommandOutcome | 'waiting'> = new Set(['unreachable', 'no-answer', 'busy'])
const [againMs, mostTries] = [300_000, 5]
const [mostAtOnce, mostAMinute] = [4, 60]

/**
 * Asks devices to send again what is missing: once for each gap that it answers, 4 at a time, 60 a minute. What a device cannot send again is
 * not asked of it again; its other records are.
 */
export class Asking {
  readonly counts = new Map<CommandResult['outcome'], number>()
  readonly #parts: AskingParts
  readonly #asked = new Set<DeviceId>()
  /** Kinds of requests that were answered `unsupported`, until the next start. */
  readonly #unable = new Set<string>()
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
    if (result.outcome === 'unsupported') this.#unable.add(request.kind)
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
      if (this.#asked.has(device) || !isDue(gap, book)) continue
      const { kind, records } = recordsOf(gap, fleet)
      if (this.#unable.has(kind)) continue
      const request = due.get(kind) ?? { kind, device, gaps: [], command: { kind: 'resend', from: Infinity, to: 0, ...records } }
      widen(request, gap)
      due.set(kind, request)
    }
    const isReal = ({ gaps: [first] }: Request): number => (first?.run === null ? 0 : 1)
    return [...due.values()].sort((a, b) => isReal(a) - isReal(b))
  }
}

/** Which records of its device fill a gap: MQTT devices send all, others by interval, and HJ 212 knows those of moments from those of periods. */
function recordsOf(
  { device, series }: OpenGap,
  fleet: Fleet,
): { kind: string; records: Pick<Request['command'], 'everyMs' | 'statistic'> } {
  const protocol = fleet.devices.get(device)?.protocol
  const sensor = fleet.sensors.get(series)
  const everyMs = protocol === 'mqtt' ? null : (sensor?.everyMs ?? null)
  if (protocol !== 'hj212' || sensor === undefined) return { kind: `${device} ${everyMs}`, records: { everyMs } }
  const statistic = recordedAs(sensor)
  return { kind: `${device} ${everyMs} ${isMomentary(statistic) ? 'moments' : 'periods'}`, records: { everyMs, statistic } }
}

function widen({ gaps, command }: Request, gap: OpenGap): void {
  gaps.push(gap)
  command.from = Math.min(command.from, ...gap.pieces.map(([from]) => from + 1))
  command.to = Math.max(command.to, ...gap.pieces.map(([, to]) => to))
}

function isDue({ run, cause, endKnownAt, request }: OpenGap, book: GapBook): boolean {
  const clock = book.clocks.get(run) ?? -Infinity
  if (endKnownAt === null || cause === 'quarantined' || clock - endKnownAt < graceMs) return false
  return request === null || (passing.has(request.outcome) && request.tries < mostTries && clock - request.at >= againMs)
}
