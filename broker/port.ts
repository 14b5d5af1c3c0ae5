import type { Accept } from '../domain/delivery.ts'
import type { Identify } from '../domain/identity.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { LoginPace } from '../domain/login-pace.ts'
import type { BrokerConfig } from './config.ts'
import type { PublishRate } from './publish-rate.ts'
import type { Refusal, Refused } from './refusals.ts'
import type { Proof } from './login.ts'
import type { TlsListener, TlsOptions } from './tls.ts'
import type { Gate, UpgradingServer } from './websocket.ts'

/** What the broker tells of what goes wrong on our side; what is refused goes to `onRefused`. */
export interface BrokerLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface BrokerParts {
  /** The journal. Awaited for every message of a client before it is acknowledged. */
  accept: Accept
  identify: Identify
  /** One for all doors (`broker.wrongLogins`). */
  pace: LoginPace
  /** The rate of a device, one for all doors (`createPublishRates`). */
  rateOf: (device: string) => PublishRate
  config: BrokerConfig
  /** Folder of sessions, queued and retained messages; null = in memory, gone with the process. */
  persistencePath: string | null
  /** Epoch ms: `receivedAt` of the deliveries. */
  now: () => number
  log: BrokerLog
  onRefused: (refused: Refused) => void
  /** A reply of a device to a command is kept. Returns at once. */
  onReply: (device: DeviceId, command: string, payload: Uint8Array) => void
  /** A device has logged in. */
  onLoggedIn?: (device: DeviceId, address: string) => void
}

export interface PublishOptions {
  /** Kept for later subscribers; an empty payload takes it away. Default false. */
  retain?: boolean
  /** 1 is queued for clients with a persistent session that are away, but for observations. Default 0. */
  qos?: 0 | 1
}

export interface BrokerFigures {
  /** A listener is open. */
  listening: boolean
  /** Open connections, and those among them that have logged in. */
  connections: number
  clients: number
  /** Messages of clients that were kept and acknowledged, since start. */
  deliveries: number
  /** Messages sent out to subscribers. */
  published: number
  /** Connections whose client id was another than their login. */
  replacedIds: number
  /** Messages that waited because their device published too fast. */
  held: number
  /** Logins that ended an older connection of the same device. */
  takeovers: number
  refused: ReadonlyMap<Refusal, number>
}

export interface Broker {
  /** Listens for MQTT; port 0 takes a free one. Returns the port. Rejects with ListenFailed. */
  listenTcp(port: number, host: string): Promise<number>
  /** Listens for MQTT over TLS 1.2 or newer; as `listenTcp`. */
  listenTls(port: number, host: string, options: TlsOptions): Promise<TlsListener>
  /** Takes MQTT over WebSocket on this path of an HTTP server, from those whom the gate admits. `proof` is what all of them have shown. */
  attach(server: UpgradingServer, path: string, gate: Gate, proof?: Proof): void
  /** Sends to whoever subscribed. Returns at once; what nobody listens to costs a look-up. */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): void
  /** Whether anybody who is connected hears of this topic; a look-up. */
  listens(topic: string): boolean
  /** Whether anybody may hear of some topic whose first level this is; a look-up. */
  listensBelow(root: string): boolean
  /** How many more messages may be on their way to subscribers; beyond, observations are dropped. */
  room(): number
  /** Ends the connection of a login, as after its secret was revoked. */
  kick(device: DeviceId): void
  /** Copies sessions, queued and retained messages into another folder. Nothing to do when they are in memory. */
  copySessions(folder: string): Promise<void>
  figures(): BrokerFigures
  /** Ends all connections. Unacknowledged messages come again; wills wait for the next start. */
  close(): Promise<void>
}
