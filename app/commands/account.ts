import type { ApiClient } from './client.ts'

/** What became of the values of one run. received = stored + versions + duplicate + quarantined. */
export interface ValueAccount {
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
  warnings: number
}

interface DeviceRow {
  run: string | null
  counts: Omit<ValueAccount, 'warnings'>
}

/** Asks the server until it has carried everything that was sent, and adds up the devices of the run. */
export async function account(client: ApiClient, run: string, sent: number): Promise<ValueAccount> {
  const counted = async (): Promise<ValueAccount> => {
    const { devices } = await client.get<{ devices: DeviceRow[] }>('/api/v1/devices')
    const { warnings } = await client.get<{ warnings: { run: string | null }[] }>('/api/v1/warnings?limit=1000')
    const total = {
      received: 0,
      stored: 0,
      versions: 0,
      duplicate: 0,
      quarantined: 0,
      warnings: warnings.filter((w) => w.run === run).length,
    }
    for (const { run: of, counts } of devices) {
      if (of !== run) continue
      total.received += counts.received
      total.stored += counts.stored
      total.versions += counts.versions
      total.duplicate += counts.duplicate
      total.quarantined += counts.quarantined
    }
    return total
  }
  let quiet = 0
  let last = await counted()
  // the pipeline is behind the acknowledgement by a moment; a store that is away may take longer, so wait as long as it moves
  while (last.received < sent && quiet < 600) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const next = await counted()
    quiet = next.received === last.received ? quiet + 1 : 0
    last = next
  }
  return last
}
