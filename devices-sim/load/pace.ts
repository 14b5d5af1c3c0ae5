import type { Line } from './line.ts'
import type { Pace, Phase } from './order.ts'

/** The lines of a process, as a pace uses them. */
export interface Offering {
  lines: readonly Line[]
  now: () => number
  stopped: () => boolean
  /** Asks a line for its next `count` messages, the first due at `due`, each next one `stepMs` later. */
  ask(line: Line, count: number, due: number, stepMs: number): void
  /** Has a function called with each line that was acknowledged something. */
  onRead(refill: (line: Line, acknowledged: number) => void): void
  /** The generator is so far behind its own clock. */
  behind(ms: number): void
}

const secondMs = 1_000
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, Math.max(1, ms)))

/** Messages of a phase in one process. */
export const messagesOf = ({ perSecond, ms }: Phase): number => Math.round((perSecond * ms) / secondMs)

/** Asks for all messages of a pace; resolves when the last was asked for. */
export function offer(pace: Pace, offering: Offering): Promise<void> {
  return pace.kind === 'closed' ? offerClosed(pace, offering) : offerOpen(pace.phases, offering)
}

async function offerClosed(
  { window, messages, ms }: Pace & { kind: 'closed' },
  { lines, now, stopped, ask, onRead }: Offering,
): Promise<void> {
  const most = messages ?? Infinity
  const endAt = now() + (ms ?? Infinity)
  const refill = (line: Line, count: number): void => {
    const at = now()
    if (!stopped() && at < endAt) ask(line, Math.min(count, most - line.asked), at, 0)
  }
  onRead(refill)
  for (const line of lines) refill(line, window)
  while (!stopped() && now() < endAt && lines.some((line) => line.asked < most)) await wait(1)
}

async function offerOpen(phases: readonly Phase[], { lines, now, stopped, ask, behind }: Offering): Promise<void> {
  let from = now()
  let turn = 0
  for (const phase of phases) {
    const { perSecond, ms } = phase
    const total = messagesOf(phase)
    const due = (n: number): number => from + (n * secondMs) / perSecond
    for (let n = 0; n < total && !stopped();) {
      const at = now()
      const count = Math.max(0, Math.min(total, Math.ceil(((at - from) * perSecond) / secondMs)) - n)
      if (count > 0) behind(at - due(n))
      // each line takes every lines.length-th of them, in one write
      for (let i = 0; i < Math.min(count, lines.length); i += 1) {
        const line = lines[(turn + i) % lines.length]
        if (line) ask(line, Math.ceil((count - i) / lines.length), due(n + i), (lines.length * secondMs) / perSecond)
      }
      turn += count
      n += count
      await wait(Math.min(due(n) - now(), secondMs))
    }
    from += ms
    // a phase without messages is a pause
    while (!stopped() && now() < from) await wait(Math.min(from - now(), secondMs))
  }
}
