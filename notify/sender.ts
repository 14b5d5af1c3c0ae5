import type { Channel } from './channel.ts'
import { attempt, givenUp } from './attempt.ts'
import { createHeld, type Held } from './held.ts'
import { keyOf, type Outbox, type OutboxEntry } from './outbox.ts'
import type { Timers } from './timers.ts'

interface SenderParts {
  /** The open channels; entries of others are given up. */
  channels: ReadonlyMap<string, Channel>
  outbox: Outbox
  now: () => number
  /** 0 ≤ x < 1 */
  random: () => number
  timers: Timers
  onOutcome: (channel: string, outcome: 'accepted' | 'failed' | 'given-up') => void
  /** A receiver wants nothing any more. */
  onGone: (channel: Channel, detail: string) => Promise<void>
  onFault: (doing: string, error: unknown) => void
}

/** Sends what waits when its time comes, a few at a time to each channel. */
export interface Sender {
  /** Takes an entry that is kept already. Beyond the bound it stays in the store and is fetched when there is room. */
  add(entry: OutboxEntry): void
  /** Fetches from the store what waits there. */
  refill(): Promise<void>
  waiting(): number
  /** Starts nothing any more; resolves when what is under way has come back and is kept, or after 3 s. */
  close(): Promise<void>
}

/** Entries held in memory; the rest waits in the store. */
const heldAtMost = 1_000
/** Attempts under way to one channel: one that stalls for 15 s does not hold up the others for long. */
const atOnce = 4
const keepAgainMs = 5_000
/** An attempt that has not come back by then is made again at the next start, under the same id. */
const closeWithinMs = 3_000

export function createSender(parts: SenderParts): Sender {
  const { outbox, now, timers, onFault } = parts
  const held = createHeld(outbox, heldAtMost)
  const busy = new Map<string, number>()
  const underWay = new Set<Promise<void>>()
  let isClosed = false
  let cancel = (): void => undefined

  /** Starts what is due, and sets the timer for what is due next. */
  const plan = (): void => {
    cancel()
    if (isClosed) return
    let next = Infinity
    for (const one of held.values()) {
      if (one.isUnderWay) continue
      if (one.entry.nextAt > now()) next = Math.min(next, one.entry.nextAt)
      else if ((busy.get(one.entry.channel) ?? 0) < atOnce) begin(one)
    }
    if (next < Infinity) cancel = timers.after(Math.max(1, next - now()), plan)
  }

  const begin = (one: Held): void => {
    const { channel } = one.entry
    one.isUnderWay = true
    busy.set(channel, (busy.get(channel) ?? 0) + 1)
    const work = sendOne(one, parts, () => isClosed).then(() => {
      busy.set(channel, (busy.get(channel) ?? 1) - 1)
      one.isUnderWay = false
      underWay.delete(work)
      if (one.entry.state !== 'waiting') held.end(one.entry)
      if (held.hasRoom()) refill().catch((error: unknown) => onFault('reading what waits to be sent', error))
      plan()
    })
    underWay.add(work)
  }

  const refill = async (): Promise<void> => {
    await held.refill()
    plan()
  }

  return {
    add(entry) {
      held.add(entry)
      plan()
    },
    refill,
    waiting: () => held.size(),
    async close() {
      isClosed = true
      cancel()
      await Promise.race([Promise.all(underWay), new Promise<void>((resolve) => timers.after(closeWithinMs, resolve))])
    },
  }
}

/** One attempt and its record. */
async function sendOne(one: Held, parts: SenderParts, isClosed: () => boolean): Promise<void> {
  const { channels, now, random, onOutcome, onGone, onFault } = parts
  const channel = channels.get(one.entry.channel)
  if (channel) {
    const { entry, outcome } = await attempt(one.entry, channel, now, random)
    onOutcome(channel.name, outcome.kind === 'accepted' ? 'accepted' : 'failed')
    one.entry = entry
    if (outcome.kind === 'gone')
      await onGone(channel, outcome.detail).catch((error: unknown) => onFault(`shutting channel ${channel.name}`, error))
  } else one.entry = givenUp(one.entry, now(), 'the channel is shut or no longer there')
  if (one.entry.state === 'given-up') onOutcome(one.entry.channel, 'given-up')
  await keep(one.entry, parts, isClosed)
}

/** Keeps what happened; a store that is away is asked again, for what was accepted must not go out a second time. */
async function keep(entry: OutboxEntry, { outbox, timers, onFault }: SenderParts, isClosed: () => boolean): Promise<void> {
  for (;;) {
    try {
      return await outbox.save(entry)
    } catch (error) {
      onFault(`keeping what became of ${keyOf(entry)}`, error)
      if (isClosed()) return
      await new Promise<void>((resolve) => timers.after(keepAgainMs, resolve))
    }
  }
}
