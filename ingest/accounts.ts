import type { DeviceId } from '../domain/ids.ts'
import type { DeviceCount } from '../store/ports/ledger.ts'

/** What becomes of a value; `late` is counted beside one of the others. */
export type Fate = 'stored' | 'versions' | 'duplicate' | 'quarantined'

/** The values of one batch by device: received = stored + versions + duplicate + quarantined, by construction. */
export interface Accounts {
  add(device: DeviceId, receivedAt: number, fate: Fate, values: number): void
  late(device: DeviceId): void
  counts(): DeviceCount[]
}

export function createAccounts(): Accounts {
  const counts = new Map<DeviceId, DeviceCount>()
  let last: DeviceCount | null = null

  /** Values of one device come in rows. */
  function of(device: DeviceId): DeviceCount {
    if (last !== null && last.device === device) return last
    last = counts.get(device) ?? null
    if (last === null) {
      last = { device, received: 0, stored: 0, versions: 0, duplicate: 0, quarantined: 0, lastReceivedAt: 0, late: 0 }
      counts.set(device, last)
    }
    return last
  }

  return {
    add(device, receivedAt, fate, values) {
      const count = of(device)
      count.received += values
      count[fate] += values
      if (receivedAt > count.lastReceivedAt) count.lastReceivedAt = receivedAt
    },
    late: (device) => {
      of(device).late += 1
    },
    counts: () => [...counts.values()],
  }
}
