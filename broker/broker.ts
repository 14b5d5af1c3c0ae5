import type { EventEmitter } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Accept } from '../domain/delivery.ts'
import type { Identify } from '../domain/identity.ts'
import type { DeviceId } from '../domain/ids.ts'
import { parseDuration } from '../domain/time.ts'
import { createAcknowledger } from './acknowledge.ts'
import type { BrokerConfig } from './config.ts'
import { Connections, type Connection } from './connections.ts'
import { ListenFailed } from './errors.ts'
import { createLoginPace } from './login-pace.ts'
import { createPublishRates } from './publish-rate.ts'
import { FrameGuard } from './guard/frame-guard.ts'
import { createHooks, refuse, type HookParts } from './hooks.ts'
import { createKeepAlive } from './keep-alive.ts'
import type { Proof } from './login.ts'
import { profiles, type Profile } from './profiles.ts'
import { createRefusalCounter, RefusedError, type Refusal, type Refused } from './refusals.ts'
import { heldBack, insideOf, Router } from './router.ts'
import { createSession, type Session } from './session.ts'
import { boundQueues, hearRetained, markRepeats, openSessions, type Sessions } from './sessions.ts'
import { createSteadyPublish } from './steady-publish.ts'
import { createSubscribers } from './subscribers.ts'
import { createTlsDoor, type TlsListener, type TlsOptions } from './tls.ts'
import { acceptWebSockets, type UpgradingServer } from './websocket.ts'
import { prepareWire } from './wire.ts'

/** What the broker tells of what goes wrong on our side; what is refused goes to `onRefused`. */
export interface BrokerLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface BrokerParts {
  /** The journal. Awaited for every message of a client before it is acknowledged. */
  accept: Accept
  identify: Identify
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
  /** 1 is queued for clients with a persistent session that are away. Default 0. */
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
  /** Takes MQTT over WebSocket on this path of an HTTP server. */
  attach(server: UpgradingServer, path: string): void
  /** Sends to whoever subscribed. Returns at once; what nobody listens to costs a look-up. */
  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): void
  /** Whether anybody who is connected may hear of this topic; a look-up. */
  listens(topic: string): boolean
  /** Ends the connection of a device, as after its secret was revoked. */
  kick(device: DeviceId): void
  /** Copies sessions, queued and retained messages into another folder. Nothing to do when they are in memory. */
  copySessions(folder: string): Promise<void>
  figures(): BrokerFigures
  /** Ends all connections. Unacknowledged messages come again; wills wait for the next start. */
  close(): Promise<void>
}

/** Opens the broker; nothing is listened on yet. Rejects with SessionsUnavailable. */
export async function createBroker(parts: BrokerParts): Promise<Broker> {
  const stored = parts.persistencePath === null ? null : await openSessions(parts.persistencePath)
  const broker = new MqttBroker(parts, stored)
  await broker.start()
  return broker
}

class MqttBroker implements Broker {
  readonly #parts: BrokerParts
  readonly #stored: Sessions | null
  readonly #profile: Profile
  readonly #hooks: HookParts
  readonly #router: Router
  readonly #sessions = new WeakMap<object, Session>()
  readonly #wires = new Set<Duplex>()
  readonly #servers: Server[] = []
  readonly #subscribers = createSubscribers()
  readonly #refusals
  readonly #connections
  readonly #connectWithinMs: number
  /** When devices were put out last; one entry for each device that ever was. */
  readonly #kicked = new Map<DeviceId, number>()
  #detach: (() => void)[] = []
  #closed = false
  #outgoing = 0
  #deliveries = 0
  #published = 0
  #replacedIds = 0
  #held = 0
  #takeovers = 0

  constructor(parts: BrokerParts, stored: Sessions | null) {
    const { config } = parts
    this.#parts = parts
    this.#stored = stored
    this.#profile = profiles[config.profile]
    this.#refusals = createRefusalCounter(parts.onRefused)
    this.#connectWithinMs = msOf(config.connectWithin)
    this.#connections = new Connections({ ...config, waitMs: this.#connectWithinMs }, this.#refusals)
    this.#hooks = this.#hookParts()
    const options = {
      ...createHooks(this.#hooks),
      ...(stored ? { persistence: stored.persistence } : {}),
      connectTimeout: this.#connectWithinMs,
      drainTimeout: msOf(config.drainWithin),
      maxTopicLevels: config.maxTopicLevels,
      maxInflightInbound: config.maxInFlight,
      maxClientsIdLength: 65_535,
      // One who takes nothing keeps its messages on their way until it is cut off: so many must fit beside those of the others.
      concurrency: config.outgoing,
    }
    this.#router = new Router(options, this.#profile.passesOn)
  }

  #hookParts(): HookParts {
    const { accept, identify, config, now, log } = this.#parts
    const keep = createAcknowledger(accept, {
      kept: (count) => (this.#deliveries += count),
      refused: (count, error) =>
        this.#refusals.count({ reason: 'journal-refused', device: null, address: null, detail: error.message }, count),
      thrown: (err) => log.error({ err }, 'acknowledging a message'),
    })
    return {
      sessions: this.#sessions,
      subscribers: this.#subscribers,
      refusals: this.#refusals,
      identify,
      keep,
      now,
      profile: this.#profile,
      pace: createLoginPace({ now, wrongLogins: config.wrongLogins }),
      rateOf: createPublishRates({ now, perSecond: config.publishesPerSecond, burst: config.publishBurst }, config.maxConnections),
      limits: {
        maxClientIdBytes: config.maxClientIdBytes,
        maxSubscriptions: config.maxSubscriptions,
        keepAliveAtLeastS: msOf(config.keepAliveAtLeast) / 1_000,
        keepAliveAtMostS: msOf(config.keepAliveAtMost) / 1_000,
      },
      onReplaced: () => this.#replacedIds++,
      onHeld: () => this.#held++,
      onReply: this.#parts.onReply,
      onLogin: (id, device, address) => {
        this.#parts.onLoggedIn?.(device, address)
        if (insideOf(this.#router).clients[id]) this.#takeovers++
      },
    }
  }

  async start(): Promise<void> {
    await this.#router.listen()
    const { persistence } = insideOf(this.#router)
    markRepeats(persistence)
    hearRetained(persistence, (err) => this.#closed || this.#parts.log.error({ err }, 'reading retained messages for a subscriber'))
    boundQueues(persistence, {
      waiting: this.#stored?.waiting ?? new Map(),
      most: this.#parts.config.offlineQueue,
      onDropped: (device) => this.#refusals.count({ reason: 'offline-queue-full', device, address: null, detail: '' }),
      mayHold: (client, filter) => this.#sessions.get(client)?.rules?.subscribe(filter) === null,
    })
    this.#watch()
  }

  #watch(): void {
    const router = this.#router
    const { log } = this.#parts
    const emitter: EventEmitter = router
    emitter.on('error', (err: unknown) => log.error({ err }, 'the MQTT broker: an error of its sessions or its routing'))
    router.on('clientError', (client, error) => this.#failed(client, error))
    router.on('connectionError', (client, error) => this.#failed(client, error))
    router.on('client', (client) => this.#entered(client))
    router.on('unsubscribe', (filters, client) => this.#forget(client, filters))
    router.on('clientDisconnect', (client) => this.#forget(client, [...(this.#sessions.get(client)?.filters ?? [])]))
  }

  /** Aedes' errors carry no code: what is no refusal of ours and no fault of the line is told by the state of the connection. */
  #failed(client: Client, error: Error): void {
    const session = this.#sessions.get(client)
    if (!session || error instanceof RefusedError || 'code' in error) return
    const late = session.identity === null && this.#parts.now() - session.openedAt >= this.#connectWithinMs
    if (late) this.#end(client, 'connect-late', '')
    else if (session.wire.blocked()) this.#end(client, 'not-draining', '')
    else if (heldBack(client) >= this.#parts.config.maxInFlight) this.#end(client, 'in-flight-full', '')
    else this.#end(client, 'malformed-packet', error.message)
  }

  #end(client: Client, reason: Refusal, detail: string): void {
    const session = this.#sessions.get(client)
    if (session) refuse({ refusals: this.#refusals }, session, reason, detail)
  }

  #forget(client: Client, filters: readonly string[]): void {
    const session = this.#sessions.get(client)
    for (const filter of filters) if (session?.filters.delete(filter)) this.#subscribers.remove(filter)
  }

  listenTcp(port: number, host: string): Promise<number> {
    return this.#listen(port, host, (socket) => this.#take(socket, addressOf(socket)))
  }

  async listenTls(port: number, host: string, { credentials, judge, required }: TlsOptions): Promise<TlsListener> {
    const door = createTlsDoor(credentials, this.#connectWithinMs)
    const shakeHands = (socket: Socket, connection: Connection): void => {
      const { address } = connection
      door.secure(socket, {
        done: (wire) => this.#serve(wire, connection, { certificate: wire.getPeerX509Certificate()?.raw ?? null, required, judge }),
        failed: (detail) => this.#refusals.count({ reason: 'tls-handshake', device: null, address, detail }),
      })
    }
    const taken = await this.#listen(port, host, (socket) =>
      this.#take(socket, addressOf(socket), (connection) => shakeHands(socket, connection)),
    )
    return { port: taken, use: (renewed) => door.use(renewed) }
  }

  async #listen(port: number, host: string, onConnection: (socket: Socket) => void): Promise<number> {
    const server = createServer({ noDelay: true, pauseOnConnect: true }, onConnection)
    await listen(server, port, host)
    this.#servers.push(server)
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }

  attach(server: UpgradingServer, path: string): void {
    const limit = this.#parts.config.maxPacketBytes
    this.#detach.push(acceptWebSockets(server, path, limit, (wire, address) => this.#take(wire, address)))
  }

  /** `serve` when it is the turn of the connection. */
  #take(wire: Duplex, address: string, serve = (connection: Connection) => this.#serve(wire, connection, null)): void {
    if (this.#closed) return void wire.destroy()
    this.#wires.add(wire)
    // Whoever waits for its turn may break off; the broker puts its own listener in place when it serves.
    wire.on('error', () => undefined)
    const connection = this.#connections.admit(
      address,
      () => queueMicrotask(() => wire.destroyed || serve(connection)),
      () => wire.destroy(),
    )
    wire.once('close', () => {
      connection.closed()
      this.#wires.delete(wire)
    })
  }

  #serve(wire: Duplex, connection: Connection, proof: Proof | null): void {
    const { config, now } = this.#parts
    const guard = new FrameGuard(config)
    const keepAlive = createKeepAlive(() => this.#silent(client))
    const prepared = prepareWire(wire, {
      guard,
      maxInFlight: config.maxInFlight,
      onFault: ({ reason, detail }) => refuse({ refusals: this.#refusals }, session, reason, detail),
      onHeard: keepAlive.heard,
    })
    wire.once('close', keepAlive.end)
    const session = createSession({ connection, guard, wire: prepared, keepAlive, openedAt: now(), proof })
    if (!this.#profile.passesOn) guard.divert = createSteadyPublish(this.#hooks, session, wire)
    const client = this.#router.handle(wire)
    this.#sessions.set(client, session)
  }

  #silent(client: Client): void {
    this.#end(client, 'keep-alive', '')
    client.close()
  }

  publish(topic: string, payload: string | Uint8Array, { retain = false, qos = 0 }: PublishOptions = {}): void {
    const passing = qos === 0 && !retain
    if (this.#closed || (passing && !this.#subscribers.listen(topic))) return
    if (passing && this.#outgoing >= this.#parts.config.outgoing) {
      this.#refusals.count({ reason: 'outgoing-full', device: null, address: null, detail: topic })
      return
    }
    this.#outgoing++
    this.#published++
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    this.#router.publish({ cmd: 'publish', topic, payload: bytes, qos, retain, dup: false }, (err) => {
      this.#outgoing--
      if (err && !this.#closed) this.#parts.log.warn({ err, topic }, 'publishing to subscribers')
    })
  }

  listens(topic: string): boolean {
    return !this.#closed && this.#subscribers.listen(topic)
  }

  kick(device: DeviceId): void {
    this.#kicked.set(device, this.#parts.now())
    const { clients } = insideOf(this.#router)
    // With the login as client id the one is found at once; a fleet of thousands may be put out together.
    const held = this.#profile.keepsClientIds ? Object.values(clients) : [clients[device]]
    for (const client of held) if (client && this.#sessions.get(client)?.identity?.device === device) client.close()
  }

  async copySessions(folder: string): Promise<void> {
    await this.#stored?.copyTo(folder)
  }

  /** A login that was answered before its device was put out, and entered after, goes as well. */
  #entered(client: Client): void {
    const session = this.#sessions.get(client)
    const kickedAt = session?.identity ? this.#kicked.get(session.identity.device) : undefined
    if (session && kickedAt !== undefined && session.openedAt <= kickedAt) client.close()
  }

  figures(): BrokerFigures {
    return {
      listening: this.#servers.some((server) => server.listening),
      connections: this.#connections.total,
      clients: this.#router.connectedClients,
      deliveries: this.#deliveries,
      published: this.#published,
      replacedIds: this.#replacedIds,
      held: this.#held,
      takeovers: this.#takeovers,
      refused: this.#refusals.counts(),
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    for (const detach of this.#detach) detach()
    const stopped = this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())))
    // A will that is published now would say of every device that it went away; kept, it is published when the device stays away.
    for (const client of Object.values(insideOf(this.#router).clients)) if (client) Object.assign(client, { will: null })
    await new Promise<void>((resolve) => this.#router.close(() => resolve()))
    for (const wire of this.#wires) wire.destroy()
    await Promise.all(stopped)
    await this.#stored?.close()
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === 'EADDRINUSE'
      const why = taken ? 'the port is taken; stop the other program or choose another port' : `${cause.message}`
      reject(new ListenFailed(`listening for MQTT on ${host}:${port}: ${why}`, { taken, cause }))
    })
    server.listen(port, host, resolve)
  })
}

const addressOf = ({ remoteAddress = 'unknown' }: Socket): string => remoteAddress

function msOf(duration: string): number {
  const ms = parseDuration(duration)
  if (ms === null) throw new RangeError(`opening the MQTT broker: "${duration}" is not a length of time; write it like 5s`)
  return ms
}
