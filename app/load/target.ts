import { devicesOf, loadNetwork, strangersOf } from '../../devices-sim/load/network.ts'
import type { LoadDevice } from '../../devices-sim/load/order.ts'
import { account, type ValueAccount } from '../commands/account.ts'
import type { ApiClient } from '../commands/client.ts'
import { CommandError } from '../errors.ts'

/** Where a load goes. */
export interface LoadTarget {
  host: string
  port: number
  devices: LoadDevice[]
}

/** A load on a server of ours: its devices are provisioned as a run of their own. */
export interface OwnTarget extends LoadTarget {
  run: string
  /** What became of the readings, once everything that was acknowledged has been carried. */
  account(acknowledged: number): Promise<ValueAccount>
  /** Takes the run away with its readings. */
  remove(): Promise<void>
}

/** Provisions so many gauges, each with a device of its own, as the run `run`. `every` is what their readings come in by the clock of the run. */
export async function provision(client: ApiClient, run: string, count: number, every: string): Promise<OwnTarget> {
  const network = loadNetwork(run, count, every)
  const { secrets } = await client.send<{ secrets: { device: string; secret: string }[] }>('POST', '/api/v1/runs', { run, network })
  const { hostname, port } = new URL(client.mqtt)
  return {
    ...{ host: hostname, port: Number(port), devices: devicesOf(secrets), run },
    account: (acknowledged) => account(client, run, acknowledged),
    remove: () => client.send('DELETE', `/api/v1/runs/${run}`),
  }
}

/** A broker that is not ours, at `mqtt://host[:port]`: nothing is provisioned. Throws a CommandError (exit 2) for another address. */
export function strangeTarget(address: string, count: number, login: LoadDevice['login']): LoadTarget {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol !== 'mqtt:' || url.hostname === '')
    throw new CommandError('config-invalid', `reading --url ${address}: write it as mqtt://host:1883`, 2)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 1883), devices: strangersOf('load', count, login) }
}
