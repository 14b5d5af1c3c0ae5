import type { Device } from '../../domain/network.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { DeviceId } from '../../domain/ids.ts'
import { beginSequence, measuredAt, noteNumber, type Sequence } from '../../domain/sequence.ts'
import type { QuarantineEntry } from '../../store/ports/ledger.ts'
import type { Store } from '../../store/ports/store.ts'
import type { CodecOf } from '../codecs/registry.ts'

/** Entries of the quarantine that are looked through, newest first: so many at a time, and in all. */
const [entriesAtOnce, mostEntries] = [200, 2_000]
const mostBytes = 4_000_000

interface KnownParts {
  ledger: Pick<Store['ledger'], 'quarantine'>
  fleet: CurrentFleet
  codecOf: CodecOf
}

/** A number that came with something that was put aside, and when it was measured (epoch ms). */
interface CameAside {
  seq: number
  at: number
}

/**
 * Notes on the numbers of a device that were stored those of what was put aside, as far as it can be read. Null when it never sent one.
 * Rejects with StoreUnavailable.
 */
export async function withAside({ ledger, fleet, codecOf }: KnownParts, id: DeviceId, stored: Sequence | null): Promise<Sequence | null> {
  const device = fleet().devices.get(id)
  if (device === undefined) return stored
  let sequence = stored
  const numbers: CameAside[] = []
  for (let before: number | undefined, seen = 0; seen < mostEntries;) {
    const page = await ledger.quarantine({ device: id, limit: entriesAtOnce, mostBytes, ...(before !== undefined && { before }) })
    numbers.push(...numbersOf(page, device, codecOf))
    before = page.at(-1)?.id
    seen += page.length
    // older ones matter only where something is missing that they may be
    if (page.length === 0 || stored === null || stored.holes.length === 0) break
  }
  for (const { seq, at } of numbers.sort((a, b) => a.at - b.at || a.seq - b.seq)) {
    sequence ??= beginSequence(seq, at)
    noteNumber(sequence, seq, at)
  }
  return sequence
}

function numbersOf(entries: readonly QuarantineEntry[], device: Device, codecOf: CodecOf): CameAside[] {
  const deliveries = new Map(entries.map((entry) => [entry.delivery, entry]))
  return [...deliveries.values()].flatMap(({ topic, payload, receivedAt }) => {
    const codec = codecOf(topic)
    if (codec === null || codec === 'message') return []
    const { groups, rejections } = codec.decode(payload, device, receivedAt)
    const refused = rejections.flatMap(({ seq }) => (seq === undefined ? [] : [{ seq, at: receivedAt }]))
    const measured = (at: number | null): number => measuredAt({ observedAt: at ?? receivedAt, receivedAt, run: device.run })
    return [...groups.flatMap(({ seq, at }) => (seq === null ? [] : [{ seq, at: measured(at) }])), ...refused]
  })
}
