import type { DeviceId } from '../domain/ids.ts'
import type { Quarantined } from '../domain/rejection.ts'
import type { QuarantineConfig } from './config.ts'
import type { Commit, Ledger } from './ports/ledger.ts'

/** Bytes of an entry beside its payload and words. */
const entryBytes = 100

/** What an entry takes on disk, about; one without bytes takes next to nothing. */
export const heldBytes = ({ payload, detail, topic }: Pick<Quarantined, 'payload' | 'detail' | 'topic'>): number =>
  payload.length === 0 ? 0 : payload.length + detail.length + topic.length + entryBytes

/**
 * A ledger whose open entries of the quarantine keep their bytes as long as those of a device, and all together, are within the bounds. The
 * values of what is beyond are one entry a commit, device and reason, without bytes: no value is lost from the counts.
 */
export function boundQuarantine(ledger: Ledger, bounds: QuarantineConfig): Ledger {
  let known: Map<DeviceId, number> | null = null
  let bare = 0
  const held = async (): Promise<Map<DeviceId, number>> => (known ??= new Map((await ledger.quarantineHeld()).bytes))

  async function commit(batch: Commit): Promise<number> {
    const isRepair = (batch.repaired?.length ?? 0) > 0
    if (batch.quarantined.length === 0 && !isRepair) return ledger.commit(batch)
    const parted = part(batch.quarantined, await held(), bounds)
    const made = await ledger.commit({ ...batch, quarantined: parted.entries })
    bare += parted.bare
    // what was run again makes room, as much as the store says
    known = isRepair ? null : parted.held
    return made
  }

  return { ...ledger, commit, quarantineHeld: async () => ({ bytes: await held(), bare }) }
}

interface Parted {
  entries: Quarantined[]
  held: Map<DeviceId, number>
  /** Values of the entries that lost their bytes. */
  bare: number
}

function part(given: readonly Quarantined[], before: ReadonlyMap<DeviceId, number>, bounds: QuarantineConfig): Parted {
  const held = new Map(before)
  let total = [...held.values()].reduce((sum, bytes) => sum + bytes, 0)
  const entries: Quarantined[] = []
  const beyond = new Map<string, Quarantined>()
  for (const entry of given) {
    const [size, own] = [heldBytes(entry), held.get(entry.device) ?? 0]
    if (own + size <= bounds.maxBytesPerDevice && total + size <= bounds.maxBytes) {
      entries.push(entry)
      held.set(entry.device, own + size)
      total += size
    } else beyond.set(`${entry.reason} ${entry.device}`, joined(beyond.get(`${entry.reason} ${entry.device}`), entry))
  }
  const bare = [...beyond.values()]
  return { entries: [...entries, ...bare], held, bare: bare.reduce((sum, { values }) => sum + values, 0) }
}

function joined(before: Quarantined | undefined, { items: _items, ...entry }: Quarantined): Quarantined {
  const detail = before?.detail ?? `${entry.detail} (its bytes are not kept: the quarantine is full, see store.quarantine)`
  return { ...entry, detail, item: null, values: entry.values + (before?.values ?? 0), payload: new Uint8Array() }
}
