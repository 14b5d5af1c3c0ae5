import type { CurrentFleet } from '../domain/fleet.ts'
import type { Warning } from '../domain/warning.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import type { WarningStore } from '../store/ports/warnings.ts'
import type { Channel } from './channel.ts'
import type { Hint } from './intake.ts'
import { messageOf } from './message.ts'
import { isFor, occasionOf } from './occasion.ts'
import { keyOf, newEntry, type Outbox, type OutboxEntry } from './outbox.ts'

interface TellingParts {
  channels: readonly Channel[]
  /** Those of them that are not shut. */
  open: ReadonlyMap<string, Channel>
  outbox: Outbox
  documents: DocumentStore
  warnings: WarningStore
  fleet: CurrentFleet
  now: () => number
  /** Takes an entry that is kept. */
  send: (entry: OutboxEntry) => void
}

/** Decides who is told of what, and keeps that before anything is sent. Not for two callers at once. */
export interface Telling {
  /** Keeps an entry for each open channel that is to be told of a version and was not. */
  note(hint: Hint): Promise<void>
  /**
   * The same for all versions of real warnings that changed in the last three days, for each channel since it is known. Simulated ones
   * live in another time and are told by the event only.
   */
  catchUp(): Promise<void>
}

/** How far back is looked for warnings that nobody was told of. */
const lookBackMs = 3 * 86_400_000
const lookedAtMost = 10_000

export function createTelling(parts: TellingParts): Telling {
  const { open, outbox, warnings, now, fleet, send } = parts

  const tell = async (versions: readonly Warning[], version: number, told: Iterable<Channel>): Promise<void> => {
    const occasion = occasionOf(versions, version)
    const warning = versions.find((one) => one.version === version)
    if (!occasion || !warning) return
    for (const channel of told) {
      const key = keyOf({ warning: warning.id, version, channel: channel.name })
      if (!isFor(channel, versions, version) || (await outbox.has(key))) continue
      const entry = newEntry(messageOf(warning, occasion, fleet()), channel.name, now())
      await outbox.save(entry)
      send(entry)
    }
  }

  return {
    note: async ({ id, version }) => tell(await warnings.warningVersions(id), version, open.values()),
    async catchUp() {
      const since = await knownSince(parts)
      const oldest = now() - lookBackMs
      for (const { id, run } of await warnings.warnings({ since: oldest, limit: lookedAtMost })) {
        if (run !== null) continue
        const versions = await warnings.warningVersions(id)
        for (const { version, changedAt } of versions) {
          const told = [...open.values()].filter(({ name }) => changedAt >= Math.max(oldest, since.get(name) ?? Infinity))
          await tell(versions, version, told)
        }
      }
    },
  }
}

/** Since when each channel is known: of what is older it need not be told. Remembers the channels it meets for the first time. */
async function knownSince({ channels, documents, now }: TellingParts): Promise<Map<string, number>> {
  const since = new Map<string, number>()
  for (const { name } of channels) {
    const kept = await documents.get<{ since: number }>('checkpoint', `notify/${name}`)
    if (!kept) await documents.put('checkpoint', `notify/${name}`, { since: now() }, now())
    since.set(name, kept?.body.since ?? now())
  }
  return since
}
