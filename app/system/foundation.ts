import path from 'node:path'
import type { Logger } from 'pino'
import { createLiveHub, type LiveHub } from '../../domain/events.ts'
import { openJournal, type DiskJournal } from '../../ingest/journal/journal.ts'
import type { Store } from '../../store/ports/store.ts'
import type { World } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { prepareDataFolder } from '../data-folder.ts'
import { openNetworks, type Networks } from '../networks.ts'
import { version } from '../version.ts'
import type { Life } from './life.ts'
import { openLogins, type Logins } from './logins.ts'
import { openConfiguredStore } from './store.ts'

/** What lasts: opened first, closed last. */
export interface Foundation extends Logins {
  settings: Settings
  world: World
  life: Life
  log: Logger
  store: Store
  networks: Networks
  journal: DiskJournal
  live: LiveHub
}

/** Opens store, networks, journal and logins of a data folder. */
export async function openFoundation(settings: Settings, world: World, life: Life, log: Logger): Promise<Foundation> {
  prepareDataFolder(settings.server.data, version)
  const store = await openConfiguredStore(settings)
  life.onStop('store', () => store.close())
  const networks = await openNetworks(settings.networks, store.documents, world.now)
  const journal = await openJournal({
    path: path.join(settings.server.data, 'journal'),
    config: settings.journal,
    now: world.now,
    after: store.ledger.cursor(),
  })
  life.onStop('journal', () => journal.close())
  const logins = await openLogins({ store, networks, world, life, log })
  return { settings, world, life, log, store, networks, journal, ...logins, live: createLiveHub() }
}
