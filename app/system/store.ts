import { mkdirSync } from 'node:fs'
import type { Store } from '../../store/ports/store.ts'
import { openStore } from '../../store/registry.ts'
import type { Settings } from '../config/all.ts'

/** Opens what the configuration names; the data folder is made when it is not there, for its owner only. */
export function openConfiguredStore({ store, influx, server }: Settings): Promise<Store> {
  mkdirSync(server.data, { recursive: true, mode: 0o700 })
  return openStore(store, { folder: server.data, influx })
}
