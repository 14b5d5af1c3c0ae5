import type { Device } from '../../domain/network.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { DeviceId } from '../../domain/ids.ts'
import { beginSequence, noteNumber, type Sequence } from '../../domain/sequence.ts'
import type { Store } from '../../store/ports/store.ts'
import type { CodecOf } from '../codecs/registry.ts'

const hourMs = 3_600_000
/** As far as a sequence is read back: 72 h, or 2,000 readings of its quickest series where those are fewer. */
const [mostMs, mostReadings] = [72 * hourMs, 2_000]
/** Entries of the quarantine that are looked through. */
const mostEntries = 200
const mostBytes = 4_000_000

interface KnownParts {
  store: Pick<Store, 'telemetry' | 'ledger'>
  fleet: CurrentFleet
  codecOf: CodecOf
}

/**
 * The numbers of a device as the store has them, in the order of time: of its stored readings, and of what was put aside as far as it can
 * be read. Nothing else is kept of them, so that nothing can disagree. Null when it never sent one. Rejects with StoreUnavailable.
 */
export async function readNumbers({ store, fleet, codecOf }: KnownParts, device: DeviceId): Promise<Sequence | null> {
  const known = fleet().devices.get(device)
  const sensors = [...new Set(known?.stations ?? [])].flatMap((station) => fleet().stations.get(station)?.sensors ?? [])
  const series = sensors.map(({ id }) => id)
  if (known === undefined || series.length === 0) return null
  const newest = Math.max(-Infinity, ...[...(await store.telemetry.latest(series)).values()].map(({ observedAt }) => observedAt))
  const everyMs = Math.min(...sensors.map((sensor) => sensor.everyMs ?? mostMs))
  const from = newest - Math.min(mostMs, mostReadings * everyMs)
  const stored = newest === -Infinity ? [] : await store.telemetry.range({ series, from, to: newest + 1 })
  const numbers = stored.flatMap(({ seq, observedAt, device: sender }) =>
    seq === null || sender !== device ? [] : [{ seq, at: observedAt }],
  )
  numbers.push(...(await asideNumbers({ store, codecOf }, known)).filter(({ at }) => at >= from))
  const [first, ...rest] = numbers.sort((a, b) => a.at - b.at || a.seq - b.seq)
  if (first === undefined) return null
  const sequence = beginSequence(first.seq, first.at)
  for (const { seq, at } of rest) noteNumber(sequence, seq, at)
  return sequence
}

async function asideNumbers({ store, codecOf }: Omit<KnownParts, 'fleet'>, device: Device): Promise<{ seq: number; at: number }[]> {
  const entries = await store.ledger.quarantine({ device: device.id, limit: mostEntries, mostBytes })
  const deliveries = new Map(entries.map((entry) => [entry.delivery, entry]))
  return [...deliveries.values()].flatMap(({ topic, payload, receivedAt }) => {
    const codec = codecOf(topic)
    if (codec === null || codec === 'message') return []
    const { groups, rejections } = codec.decode(payload, device, receivedAt)
    const refused = rejections.flatMap(({ seq }) => (seq === undefined ? [] : [{ seq, at: receivedAt }]))
    return [...groups.flatMap(({ seq, at }) => (seq === null ? [] : [{ seq, at: at ?? receivedAt }])), ...refused]
  })
}
