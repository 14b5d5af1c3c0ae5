import type { ReadingGroup } from '../domain/reading.ts'
import { encodeNative } from '../ingest/codecs/native-encode.ts'
import type { DeviceClient } from './device-client.ts'

/** Most messages sent and not yet acknowledged. */
const mostInFlight = 20
/** Most groups in one message: an hour of a one-minute gauge. */
const mostGroups = 60
/** Groups that wait, a week of a one-minute gauge; the oldest goes first, as in a real logger. */
const mostQueued = 10_080
/** Groups that can be sent again: ten days of a five-minute gauge. */
const mostRemembered = 2_880

/** The part of a data logger that holds and sends readings. */
export interface Outbox extends Pick<DeviceClient, 'send' | 'settled' | 'figures'> {
  /** Sends again what it remembers of a range, `from` inclusive, `to` exclusive, epoch ms; returns how many groups. */
  sendAgain(from: number, to: number): number
  /** Nothing more is sent; all that is held or comes is dropped. */
  giveUp(): void
  /** Nothing more is sent; what is held stays unsent. */
  close(): void
}

/**
 * The logger's memory: a bounded queue, so many messages on their way, and the last 2,880 groups as they were sent. `done` is called with an
 * error or at the acknowledgement.
 */
export function createOutbox(
  publish: (payload: string, done: (error?: Error | null) => void) => void,
  loses: (group: ReadingGroup) => boolean,
): Outbox {
  const queue: string[] = []
  const memory = createMemory()
  const waiters: (() => void)[] = []
  const counts = { acknowledged: 0, dropped: 0, messages: 0, flying: 0 }
  let state: 'open' | 'closed' | 'given up' = 'open'
  let seq = 0

  const isSettled = (): boolean => state === 'closed' || (queue.length === 0 && counts.messages === 0)
  const wake = (): void => {
    if (isSettled()) for (const resolve of waiters.splice(0)) resolve()
  }
  const drop = (count: number): void => void (counts.dropped += queue.splice(0, Math.max(0, count)).length)
  const enqueue = (texts: readonly string[]): number => {
    queue.push(...texts)
    drop(queue.length - mostQueued)
    pump()
    return texts.length
  }
  const pump = (): void => {
    if (state === 'given up') drop(queue.length)
    while (state === 'open' && queue.length > 0 && counts.messages < mostInFlight) fly(queue.splice(0, mostGroups))
  }
  const fly = (groups: readonly string[]): void => {
    counts.messages += 1
    counts.flying += groups.length
    publish(groups.length === 1 ? groups.join() : `[${groups.join(',')}]`, (error) => {
      if (state === 'given up') return
      counts.messages -= 1
      counts.flying -= groups.length
      if (!error) counts.acknowledged += groups.length
      pump()
      wake()
    })
  }
  return {
    send(groups) {
      const texts = groups.map((group) => [loses(group), memory.keep({ ...group, seq: (seq += 1) })] as const)
      enqueue(texts.flatMap(([isLost, text]) => (isLost ? [] : [text])))
    },
    sendAgain: (from, to) => enqueue(memory.between(from, to)),
    settled: () => (isSettled() ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    figures: () => ({ acknowledged: counts.acknowledged, waiting: queue.length + counts.flying, dropped: counts.dropped }),
    giveUp() {
      state = 'given up'
      counts.dropped += counts.flying
      counts.messages = counts.flying = 0
      pump()
      wake()
    },
    close() {
      if (state === 'open') state = 'closed'
      wake()
    },
  }
}

/** What was measured, as it is sent: the last groups of a device, by their time. */
function createMemory(): { keep(group: ReadingGroup): string; between(from: number, to: number): string[] } {
  const kept: { at: number; text: string }[] = []
  return {
    keep(group) {
      const text = encodeNative(group)
      if (group.at !== null) kept.push({ at: group.at, text })
      if (kept.length > 2 * mostRemembered) kept.splice(0, kept.length - mostRemembered)
      return text
    },
    between: (from, to) =>
      kept
        .slice(-mostRemembered)
        .filter(({ at }) => from <= at && at < to)
        .map(({ text }) => text),
  }
}
