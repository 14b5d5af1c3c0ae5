import { systemFaultTypes, type SystemFaultType, type SystemHands } from '../../devices-sim/faults/system.ts'
import { chosenServer, type ServerOptions } from '../commands/chosen-server.ts'
import type { ApiClient } from '../commands/client.ts'
import type { SettingOptions } from '../commands/settings.ts'
import type { Settings } from '../config/all.ts'
import { readServerFile } from '../server-file.ts'
import { startOwnServer, type OwnServer } from './own-server.ts'
import { openRelay, type Place, type Relay } from './relay.ts'

/** A server that a scenario may ill-treat, as far as it is ours. */
export interface ServerUnderTest {
  /** With the address that its devices know. */
  client: ApiClient
  hands: SystemHands | null
  close: () => Promise<void>
}

/**
 * The server that a simulation sends to. A scenario that ill-treats the system gets a server in a process of its own, when none runs in the
 * data folder and none is named by --url; before any server it stands between its devices and it, where nobody speaks TLS.
 */
export async function openUnderTest(
  orders: readonly SystemFaultType[],
  options: ServerOptions & SettingOptions,
  settings: Settings,
): Promise<ServerUnderTest> {
  if (orders.length === 0) {
    const { client, close } = await chosenServer(options, settings)
    return { client, hands: null, close }
  }
  const isOurs = options.url === undefined && readServerFile(settings.server.data) === null
  return isOurs ? ownUnderTest(options, settings) : strangeUnderTest(options, settings)
}

async function strangeUnderTest(options: ServerOptions & SettingOptions, settings: Settings): Promise<ServerUnderTest> {
  const { client, close } = await chosenServer(options, settings)
  const relay = await relayTo(() => client.mqtt)
  const why = 'the command did not start this server'
  return {
    client: behind(relay, client),
    hands: handsOf({
      'broker-away': relay === null ? 'the devices speak TLS to it' : awayBy(relay),
      'store-away': why,
      sigkill: why,
    }),
    close: () => closeAll(close, [relay]),
  }
}

async function ownUnderTest(options: SettingOptions, settings: Settings): Promise<ServerUnderTest> {
  const { url } = settings.influx
  const store = url === '' ? null : await relayTo(() => url)
  const forStore = store === null ? [] : [`influx.url=${through(url, store)}`]
  const server = await startOwnServer(settings.server.data, options, forStore).catch(async (error: unknown) => {
    await store?.close()
    throw error
  })
  const relay = await relayTo(() => server.client.mqtt)
  const embedded = 'its store is embedded in it (store.engine duckdb, no influx.url) and cannot be away'
  return {
    client: behind(relay, server.client),
    hands: handsOf({
      'broker-away': relay === null ? 'the devices speak TLS to it' : awayBy(relay),
      'store-away': store !== null ? awayBy(store) : url === '' ? embedded : 'it speaks TLS to its store',
      sigkill: killBy(server),
    }),
    close: () => closeAll(server.stop, [relay, store]),
  }
}

/** A relay before an address, whatever it is then; null before one that speaks TLS, whose name a relay does not have. */
async function relayTo(address: () => string): Promise<Relay | null> {
  return /^(?:mqtts|wss|https):/.test(address()) ? null : openRelay(() => placeOf(address()))
}

const ports: Readonly<Record<string, number>> = { 'mqtt:': 1883, 'ws:': 80, 'http:': 80 }

function placeOf(address: string): Place {
  const { protocol, hostname, port } = new URL(address)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? (ports[protocol] ?? 0) : Number(port) }
}

/** The same address by way of a relay. */
function through(address: string, { port }: Relay): string {
  const { protocol, username, password, pathname, search } = new URL(address)
  const login = username === '' ? '' : `${username}${password === '' ? '' : `:${password}`}@`
  return `${protocol}//${login}127.0.0.1:${port}${pathname === '/' ? '' : pathname}${search}`
}

const behind = (relay: Relay | null, client: ApiClient): ApiClient =>
  relay === null ? client : Object.defineProperty(Object.create(client) as ApiClient, 'mqtt', { value: through(client.mqtt, relay) })

interface Hand {
  begin(): Promise<void>
  end(): Promise<void>
}

const awayBy = (relay: Relay): Hand => ({ begin: () => relay.close(), end: () => relay.open() })
const killBy = (server: OwnServer): Hand => ({ begin: () => server.killAndStart(), end: () => Promise.resolve() })

/** A sentence instead of a hand says why there is none. */
function handsOf(hands: Readonly<Record<SystemFaultType, Hand | string>>): SystemHands {
  const handOf = (type: SystemFaultType): Hand | null => {
    const hand = hands[type]
    return typeof hand === 'string' ? null : hand
  }
  return {
    refuses(type) {
      const hand = hands[type]
      return typeof hand === 'string' ? hand : null
    },
    begin: async (type) => handOf(type)?.begin(),
    end: async (type) => handOf(type)?.end(),
  }
}

async function closeAll(close: () => Promise<void>, relays: readonly (Relay | null)[]): Promise<void> {
  // the store first: a server drains into it
  await Promise.all(relays.map((relay) => relay?.open()))
  await close()
  await Promise.all(relays.map((relay) => relay?.close()))
}

/** What of a scenario nobody can do here, each with its reason. */
export const refusedBy = (orders: readonly SystemFaultType[], hands: SystemHands | null): string[] =>
  systemFaultTypes.flatMap((type) => {
    const why = orders.includes(type) && hands !== null ? hands.refuses(type) : null
    return why === null ? [] : [`${type} is left out: ${why}`]
  })
