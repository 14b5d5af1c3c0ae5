import type { CurrentFleet } from '../domain/fleet.ts'
import type { WarningId } from '../domain/ids.ts'
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

  /** All versions of a warning, after those of the warnings it goes on from. */
  const storyOf = async (id: WarningId): Promise<Warning[]> => {
    const versions = await warnings.warningVersions(id)
    const replaces = versions.at(-1)?.replaces
    return replaces === undefined ? versions : [...(await storyOf(replaces)), ...versions]
  }

  const tell = async (whole: readonly Warning[], { id, version }: Hint, told: Iterable<Channel>): Promise<void> => {
    const place = whole.findIndex((one) => one.id === id && one.version === version)
    const story = whole.slice(0, place + 1)
    const [occasion, warning] = [occasionOf(story), story.at(-1)]
    if (!occasion || !warning) return
    for (const channel of told) {
      const key = keyOf({ warning: id, version, channel: channel.name })
      if (!isFor(channel, story) || (await outbox.has(key))) continue
      const entry = newEntry(messageOf(warning, occasion, fleet()), channel.name, now())
      await outbox.save(entry)
      send(entry)
    }
  }

  return {
    note: async (hint) => tell(await storyOf(hint.id), hint, open.values()),
    async catchUp() {
      const since = await knownSince(parts)
      const oldest = now() - lookBackMs
      for (const { id, run } of await warnings.warnings({ since: oldest, limit: lookedAtMost })) {
        if (run !== null) continue
        const story = await storyOf(id)
        for (const { version, changedAt } of story.filter((one) => one.id === id)) {
          const told = [...open.values()].filter(({ name }) => changedAt >= Math.max(oldest, since.get(name) ?? Infinity))
          await tell(story, { id, version }, told)
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
