import { devicesOf, loadNetwork, strangersOf } from '../../devices-sim/load/network.ts'
import type { LoadDevice, LoadTls } from '../../devices-sim/load/order.ts'
import { account, type ValueAccount } from '../commands/account.ts'
import type { ApiClient } from '../commands/client.ts'
import { CommandError } from '../errors.ts'
import type { ServerFile } from '../server-file.ts'

/** A door to MQTT. */
export interface LoadDoor {
  host: string
  port: number
  tls?: LoadTls
}

/** Where a load goes. */
export interface LoadTarget extends LoadDoor {
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
export async function provision(client: ApiClient, run: string, count: number, every: string, door: LoadDoor): Promise<OwnTarget> {
  const network = loadNetwork(run, count, every)
  const { secrets } = await client.send<{ secrets: { device: string; secret: string }[] }>('POST', '/api/v1/runs', { run, network })
  return {
    ...{ ...door, devices: devicesOf(secrets), run },
    account: (acknowledged) => account(client, run, acknowledged),
    remove: () => client.send('DELETE', `/api/v1/runs/${run}`),
  }
}

/** The plain door of a server of ours. */
export function plainDoor({ mqtt }: Pick<ApiClient, 'mqtt'>): LoadDoor {
  const { hostname, port } = new URL(mqtt)
  return { host: hostname, port: Number(port) }
}

/** The door over TLS of a server on this machine. Throws a CommandError (exit 3) when it has none. */
export async function secureDoor(client: Pick<ApiClient, 'stream'>, running: Pick<ServerFile, 'secure'> | null): Promise<LoadDoor> {
  const secure = running?.secure ?? null
  if (secure === null) {
    const todo = 'start one with --set tls.enabled=true; a server of the command alone has none'
    throw new CommandError('config-invalid', `looking for MQTT over TLS: no server with it has this data folder open; ${todo}`, 3)
  }
  const { hostname, port } = new URL(secure.mqtts)
  const pem: Uint8Array[] = []
  for await (const chunk of await client.stream('/api/v1/certificates/authority')) pem.push(chunk)
  return { host: '127.0.0.1', port: Number(port), tls: { serverName: hostname, authority: Buffer.concat(pem).toString() } }
}

/**
 * A broker that is not ours, at `mqtt://host[:port]` or `mqtts://host[:port]`: nothing is provisioned. Throws a CommandError (exit 2) for
 * another address.
 * @param authority PEM of the CA by which it is known over TLS; null = the public ones
 */
export function strangeTarget(address: string, count: number, login: LoadDevice['login'], authority: string | null): LoadTarget {
  const url = URL.canParse(address) ? new URL(address) : null
  const isSecure = url?.protocol === 'mqtts:'
  if (url === null || url.hostname === '' || (url.protocol !== 'mqtt:' && !isSecure))
    throw new CommandError('config-invalid', `reading --url ${address}: write it as mqtt://host:1883 or mqtts://host:8883`, 2)
  if (authority !== null && !isSecure)
    throw new CommandError('config-invalid', `reading --ca: ${address} has no certificate to know by it; write mqtts://`, 2)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const devices = strangersOf('load', count, login)
  if (!isSecure) return { host, port: Number(url.port || 1883), devices }
  return { host, port: Number(url.port || 8883), devices, tls: { serverName: host, authority } }
}
