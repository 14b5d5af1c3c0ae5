import type { Store } from '../../store/ports/store.ts'
import { openStore } from '../../store/registry.ts'
import type { Settings } from '../config/all.ts'

/** Opens what the configuration names, in a data folder that has been prepared. */
export function openConfiguredStore({ store, influx, server }: Settings): Promise<Store> {
  return openStore(store, { folder: server.data, influx })
}
