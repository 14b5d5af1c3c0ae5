import { systemFaultTypes, type SystemFaultType, type SystemHands } from '../../devices-sim/faults/system.ts'
import { chosenServer, type ChosenServer, type ServerOptions } from '../commands/chosen-server.ts'
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
  /** Field protocol -> `host:port` that their devices know; empty for a server elsewhere, which does not tell. */
  field: ReadonlyMap<string, string>
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
  const fieldNow = (): Doors => (options.url === undefined ? (readServerFile(settings.server.data)?.field ?? {}) : {})
  if (orders.length === 0) {
    const { client, close } = await chosenServer(options, settings)
    return { client, field: new Map(Object.entries(fieldNow())), hands: null, close }
  }
  const isOurs = options.url === undefined && readServerFile(settings.server.data) === null
  return isOurs ? ownUnderTest(options, settings) : strangeUnderTest(await chosenServer(options, settings), fieldNow)
}

/** Field protocol -> `host:port`. */
type Doors = Readonly<Record<string, string>>

async function strangeUnderTest({ client, close }: ChosenServer, field: () => Doors): Promise<ServerUnderTest> {
  const doors = await standBefore(client, field)
  const why = 'the command did not start this server'
  return {
    ...doors.known,
    hands: handsOf({ 'broker-away': doors.hand, 'store-away': why, sigkill: why }),
    close: () => closeAll(close, doors.relays),
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
  const doors = await standBefore(server.client, () => server.address().field)
  const embedded = 'its store is embedded in it (store.engine duckdb, no influx.url) and cannot be away'
  return {
    ...doors.known,
    hands: handsOf({
      'broker-away': doors.hand,
      'store-away': store !== null ? awayBy([store]) : url === '' ? embedded : 'it speaks TLS to its store',
      sigkill: killBy(server),
    }),
    close: () => closeAll(server.stop, [...doors.relays, store]),
  }
}

interface Doorway {
  known: Pick<ServerUnderTest, 'client' | 'field'>
  relays: readonly Relay[]
  hand: Hand | string
}

/** Relays before every port that devices know; where the broker speaks TLS there are none, and why. */
async function standBefore(client: ApiClient, field: () => Doors): Promise<Doorway> {
  const broker = await relayTo(() => client.mqtt)
  if (broker === null)
    return { known: { client, field: new Map(Object.entries(field())) }, relays: [], hand: 'the devices speak TLS to it' }
  const gateways = await Promise.all(
    Object.keys(field()).map(async (protocol) => [protocol, await openRelay(() => placeOf(`tcp://${field()[protocol] ?? ''}`))] as const),
  )
  const relays = [broker, ...gateways.map(([, relay]) => relay)]
  const known = {
    client: Object.defineProperty(Object.create(client) as ApiClient, 'mqtt', { value: through(client.mqtt, broker) }),
    field: new Map(gateways.map(([protocol, { port }]) => [protocol, `127.0.0.1:${port}`])),
  }
  return { known, relays, hand: awayBy(relays) }
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

interface Hand {
  begin(): Promise<void>
  end(): Promise<void>
}

const awayBy = (relays: readonly Relay[]): Hand => ({
  begin: async () => void (await Promise.all(relays.map((relay) => relay.close()))),
  end: async () => void (await Promise.all(relays.map((relay) => relay.open()))),
})
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
