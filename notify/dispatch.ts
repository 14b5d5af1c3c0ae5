import type { LiveHub } from '../domain/events.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import type { WarningStore } from '../store/ports/warnings.ts'
import type { Channel, ChannelParts } from './channel.ts'
import { createIntake } from './intake.ts'
import { createOutbox } from './outbox.ts'
import { createSender } from './sender.ts'
import { createTelling } from './telling.ts'
import type { Timers } from './timers.ts'

export interface DispatchParts {
  channels: readonly Channel[]
  documents: DocumentStore
  warnings: WarningStore
  fleet: CurrentFleet
  live: LiveHub
  now: () => number
  /** 0 ≤ x < 1 */
  random: () => number
  timers: Timers
  log: ChannelParts['log']
}

export type NotificationOutcome = 'accepted' | 'failed' | 'given-up'

export interface DispatchFigures {
  /** Messages that wait to be sent or sent again, as far as they are in memory. */
  waiting: number
  /** Versions that came while the queue was full; they are found in the store afterwards. */
  overflowed: number
  /** Attempts since the start. */
  outcomes: { channel: string; outcome: NotificationOutcome; count: number }[]
}

/** Tells the channels of warnings that stand, rise and end; each version once to each channel. */
export interface Dispatch {
  /** Takes up what waited, finds what was missed while nobody listened, and listens. Rejects with StoreUnavailable. */
  start(): Promise<void>
  figures(): DispatchFigures
  /** Resolves when what is under way has come back. What waits is kept and goes on at the next start. */
  close(): Promise<void>
}

const day = 86_400_000
/** How long the record of a message is kept after its end. */
const keepMs = 30 * day

export function createDispatch(parts: DispatchParts): Dispatch {
  const { channels, documents, now, timers } = parts
  const outbox = createOutbox(documents, now)
  const open = new Map(channels.map((channel) => [channel.name, channel]))
  const outcomes: DispatchFigures['outcomes'] = []
  const onFault = (doing: string, error: unknown): void => parts.log(`${doing}: ${String(error)}`, { code: 'notify-fault' })
  const sender = createSender({
    ...{ channels: open, outbox, now, timers, random: parts.random, onFault },
    onOutcome: (channel, outcome) => count(outcomes, channel, outcome),
    async onGone(channel, detail) {
      open.delete(channel.name)
      parts.log(
        `channel ${channel.name} is shut: its receiver wants nothing any more (${detail}); change its settings to open it again`,
        {},
      )
      await documents.put('setting', shutKey(channel), { fingerprint: channel.fingerprint }, now())
    },
  })

  const telling = createTelling({ ...parts, open, outbox, send: (entry) => sender.add(entry) })
  const intake = createIntake({
    ...{ live: parts.live, timers, note: telling.note, catchUp: telling.catchUp, onFault },
    anySimulated: channels.some((channel) => channel.simulated),
  })
  let cancelTidy = (): void => undefined
  const tidy = (): void => {
    outbox.prune(now() - keepMs).catch((error: unknown) => onFault('taking away old notifications', error))
    cancelTidy = timers.after(day, tidy)
  }

  return {
    async start() {
      for (const channel of channels) if (await isShut(documents, channel)) open.delete(channel.name)
      await sender.refill()
      await intake.listen()
      tidy()
    },
    figures: () => ({ waiting: sender.waiting(), overflowed: intake.overflowed(), outcomes: outcomes.map((one) => ({ ...one })) }),
    async close() {
      cancelTidy()
      await intake.close()
      await sender.close()
    },
  }
}

function count(outcomes: DispatchFigures['outcomes'], channel: string, outcome: NotificationOutcome): void {
  const known = outcomes.find((one) => one.channel === channel && one.outcome === outcome)
  if (known) known.count += 1
  else outcomes.push({ channel, outcome, count: 1 })
}

const shutKey = ({ name }: Channel): string => `notify-shut/${name}`

/** A channel that was shut stays so until its settings change. */
async function isShut(documents: DocumentStore, channel: Channel): Promise<boolean> {
  const kept = await documents.get<{ fingerprint: string }>('setting', shutKey(channel))
  return kept?.body.fingerprint === channel.fingerprint
}
