import { fieldOf } from './requests.ts'
import type { Frame } from './frame.ts'
import type { Hj212Refusal } from './refusals.ts'

/**
 * The packets of messages that were split (2017 annex C.49). Each is a whole frame and is kept by itself; here is only counted which of
 * them did not come, or came again. They belong together by command and DataTime, else by QN.
 */
export interface Splits {
  add(frame: Frame, now: number): void
  /** The connection is over: what is not whole stays so. */
  end(): void
}

interface Message {
  mn: string
  of: number
  came: Set<number>
  newest: number
}

const mostOpen = 32

export function createSplits(withinMs: number, refuse: (reason: Hj212Refusal, detail: string, mn: string | null) => void): Splits {
  const open = new Map<string, Message>()

  function giveUp(key: string, { mn, of, came }: Message): void {
    open.delete(key)
    refuse('split-incomplete', `${key}: ${of - came.size} of ${of} packets did not come`, mn)
  }

  return {
    add({ mn, cn, qn, area, part }, now) {
      if (part === null || part.of < 2) return
      for (const [key, message] of open) if (message.newest + withinMs < now) giveUp(key, message)
      const key = `${mn} ${cn} ${fieldOf(area, 'DataTime') || qn}`
      const message = open.get(key) ?? { mn, of: part.of, came: new Set<number>(), newest: now }
      open.set(key, message)
      if (message.came.has(part.number)) refuse('split-repeated', `${key}: packet ${part.number}`, mn)
      message.came.add(part.number)
      message.newest = now
      if (message.came.size >= message.of) open.delete(key)
      const [oldest] = open.size > mostOpen ? open : []
      if (oldest !== undefined) giveUp(...oldest)
    },
    end() {
      for (const [key, message] of open) giveUp(key, message)
    },
  }
}
