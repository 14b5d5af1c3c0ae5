import path from 'node:path'
import { takeTurns, type InTurn } from '../../domain/in-turn.ts'
import type { DiskJournal } from '../../ingest/journal/journal.ts'
import { openJournal } from '../../ingest/journal/open.ts'
import { createReserve } from '../../ingest/journal/reserve.ts'
import type { Store } from '../../store/ports/store.ts'
import { openStore } from '../../store/registry.ts'
import type { World } from '../clock.ts'
import type { Settings } from '../config/all.ts'
import { prepareDataFolder } from '../data-folder.ts'
import { openNetworks, type Networks } from '../networks.ts'
import { version } from '../version.ts'
import type { Life } from './life.ts'

/** What lies in a data folder. */
export interface Kept {
  store: Store
  networks: Networks
  journal: DiskJournal
  /** Where those who change stored readings and how devices are read take turns. */
  changes: InTurn
}

/** Opens a data folder, made when it is not there. Its parts have one owner: rejects while another process has them open. */
export async function openKept(settings: Settings, { now }: Pick<World, 'now'>, life: Life, warn: (text: string) => void): Promise<Kept> {
  const { server, store: config, influx } = settings
  const journalFolder = path.join(server.data, 'journal')
  const reserve = createReserve(journalFolder)
  if (await reserve.release()) warn(`the disk is full: started with the room of the reserve in ${journalFolder}; free some`)
  prepareDataFolder(server.data, version, config.engine)
  const store = await openStore(config, { folder: server.data, influx })
  life.onStop('store', () => store.close())
  const changes = takeTurns()
  const networks = await openNetworks(settings.networks, store.documents, now, changes)
  const journal = await openJournal({
    path: journalFolder,
    reserve,
    config: settings.journal,
    now,
    after: store.ledger.cursor(),
  })
  life.onStop('journal', () => journal.close())
  return { store, networks, journal, changes }
}
