import type { Timers } from '../line.ts'
import type { Frame } from './frame.ts'
import type { Hj212Refusal } from './refusals.ts'
import { fieldOf } from './requests.ts'

/**
 * The packets of messages that were split (2017 annex C.49). Each is a whole frame and is kept by itself; here is only counted which of
 * them did not come, or came again. They belong together by command and DataTime, else by QN.
 */
export interface Splits {
  /** A packet; frames that are none are passed over, and so is all behind `end`. */
  add(frame: Frame): void
  /** The connection is over: what is not whole stays so. */
  end(): void
}

export interface SplitParts {
  /** A message whose next packet does not come for so long is incomplete. */
  withinMs: number
  timers: Timers
  refuse: (reason: Hj212Refusal, detail: string, mn: string | null) => void
}

interface Message {
  mn: string
  of: number
  came: Set<number>
  timer: unknown
}

const mostOpen = 32

export function createSplits({ withinMs, timers, refuse }: SplitParts): Splits {
  const open = new Map<string, Message>()
  let isOver = false

  function forget(key: string, { timer }: Message): void {
    timers.clearTimeout(timer)
    open.delete(key)
  }

  function giveUp(key: string, message: Message): void {
    forget(key, message)
    refuse('split-incomplete', `${key}: ${message.of - message.came.size} of ${message.of} packets did not come`, message.mn)
  }

  return {
    add({ mn, cn, qn, area, part }) {
      if (isOver || part === null || part.of < 2) return
      const key = `${mn} ${cn} ${fieldOf(area, 'DataTime') || qn}`
      const message = open.get(key) ?? { mn, of: part.of, came: new Set<number>(), timer: null }
      open.set(key, message)
      if (message.came.has(part.number)) refuse('split-repeated', `${key}: packet ${part.number}`, mn)
      message.came.add(part.number)
      if (message.came.size >= message.of) return forget(key, message)
      timers.clearTimeout(message.timer)
      message.timer = timers.setTimeout(() => giveUp(key, message), withinMs)
      const [oldest] = open.size > mostOpen ? open : []
      if (oldest !== undefined) giveUp(...oldest)
    },
    end() {
      isOver = true
      for (const [key, message] of open) giveUp(key, message)
    },
  }
}
