import type { DeviceId } from '../../domain/ids.ts'
import { CommandError } from '../errors.ts'
import type { Foundation } from './foundation.ts'

const batchSize = 5_000
/** So many are named. */
const most = 3

/**
 * What a server acknowledged and had not carried when it ended is carried by whoever opens the folder next. Who does not have its networks
 * would put it aside as of nobody: refused with exit 3.
 */
export async function mustKnowWhoWaits({ journal, store, networks, settings }: Foundation): Promise<void> {
  const strangers = new Set<DeviceId>()
  const { devices } = networks.fleet()
  for (let after = store.ledger.deferred().cursor; strangers.size <= most;) {
    const batch = await journal.read(after, batchSize)
    if (batch === null) break
    for (const { device, source } of batch.deliveries) if (isFromDevice(source) && !devices.has(device)) strangers.add(device)
    after = batch.cursor
  }
  if (strangers.size === 0) return
  const names = [...strangers].slice(0, most).join(', ')
  throw new CommandError(
    'config-invalid',
    `opening ${settings.server.data}: its server had not carried what ${names}${strangers.size > most ? ' and others' : ''} sent, and no network given here has them; give its configuration (--config), start and stop that server first, or take another --data`,
    3,
  )
}

/** The clock and what people change come from us. */
const isFromDevice = (source: string): boolean => source !== 'tick' && source !== 'correction'
