import path from 'node:path'
import type { Logger } from 'pino'
import { createPeople, type People } from '../../api/people.ts'
import { createLiveHub, type LiveHub } from '../../domain/events.ts'
import type { DeviceCredentials } from '../../domain/identity.ts'
import { openJournal, type DiskJournal } from '../../ingest/journal/journal.ts'
import type { Store } from '../../store/ports/store.ts'
import type { World } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { createCredentials } from '../credentials.ts'
import { prepareDataFolder } from '../data-folder.ts'
import { openNetworks, type Networks } from '../networks.ts'
import { version } from '../version.ts'
import type { Life } from './life.ts'
import { openConfiguredStore } from './store.ts'

/** What lasts: opened first, closed last. */
export interface Foundation {
  settings: Settings
  world: World
  life: Life
  log: Logger
  store: Store
  networks: Networks
  journal: DiskJournal
  credentials: DeviceCredentials
  people: People
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
  const { randomBytes, now } = world
  const { documents } = store
  const credentials = await createCredentials({ documents, fleet: networks.fleet, randomBytes, now })
  const people = createPeople({ documents, randomBytes, now })
  return { settings, world, life, log, store, networks, journal, credentials, people, live: createLiveHub() }
}
