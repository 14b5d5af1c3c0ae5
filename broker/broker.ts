import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Connection } from '../domain/connections.ts'
import type { DeviceId } from '../domain/ids.ts'
import { parseDuration } from '../domain/time.ts'
import { createAcknowledger } from './acknowledge.ts'
import { Doors } from './doors.ts'
import { FrameGuard } from './guard/frame-guard.ts'
import { createHooks, refuse, type HookParts } from './hooks.ts'
import { createKeepAlive } from './keep-alive.ts'
import type { Proof } from './login.ts'
import type { Broker, BrokerFigures, BrokerParts, PublishOptions } from './port.ts'
import { profiles, type Profile } from './profiles.ts'
import { createRefusalCounter, RefusedError, type Refusal } from './refusals.ts'
import { holdRetained } from './retained.ts'
import { heldBack, insideOf, Router } from './router.ts'
import { createSession, type Session } from './session.ts'
import { boundQueues, hearRetained, markRepeats, openSessions, type Sessions } from './sessions.ts'
import { createSteadyPublish } from './steady-publish.ts'
import { createSubscribers } from './subscribers.ts'
import type { TlsListener, TlsOptions } from './tls.ts'
import { isJudged } from './topics.ts'
import type { Gate, UpgradingServer } from './websocket.ts'
import { prepareWire } from './wire.ts'

/** Opens the broker; nothing is listened on yet. Rejects with SessionsUnavailable. */
export async function createBroker(parts: BrokerParts): Promise<Broker> {
  const stored = parts.persistencePath === null ? null : await openSessions(parts.persistencePath)
  const broker = new MqttBroker(parts, stored)
  await broker.start()
  return broker
}

/** What Aedes says when its timer for the CONNECT runs out. */
const connectLate = 'connect did not arrive in time'

class MqttBroker implements Broker {
  readonly #parts: BrokerParts
  readonly #stored: Sessions | null
  readonly #profile: Profile
  readonly #hooks: HookParts
  readonly #router: Router
  readonly #sessions = new WeakMap<object, Session>()
  readonly #subscribers = createSubscribers()
  readonly #refusals
  readonly #doors: Doors
  readonly #connectWithinMs: number
  /** When devices were put out last, the oldest first: as long as a login from before may still be on its way. */
  readonly #kicked = new Map<DeviceId, number>()
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
    this.#doors = new Doors({
      limits: { ...config, waitMs: this.#connectWithinMs },
      refusals: this.#refusals,
      serve: (wire, connection, proof) => this.#serve(wire, connection, proof),
    })
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
    const { accept, identify, pace, rateOf, config, now, log } = this.#parts
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
      pace,
      rateOf,
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
    holdRetained(persistence, isJudged)
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
    router.on('clientDisconnect', (client) => this.#forget(client, [...(this.#sessions.get(client)?.filters.keys() ?? [])]))
  }

  /** Aedes' errors carry no code: what is no refusal of ours and no fault of the line is told by words and the state of the connection. */
  #failed(client: Client, error: Error): void {
    const session = this.#sessions.get(client)
    if (!session || error instanceof RefusedError || 'code' in error) return
    const late = session.identity === null && error.message === connectLate
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
    return this.#doors.listenTcp(port, host)
  }

  listenTls(port: number, host: string, options: TlsOptions): Promise<TlsListener> {
    return this.#doors.listenTls(port, host, options)
  }

  attach(server: UpgradingServer, path: string, gate: Gate, proof: Proof | null = null): void {
    this.#doors.attach(server, path, gate, proof)
  }

  #serve(wire: Duplex, connection: Connection, proof: Proof | null): void {
    const { config, now } = this.#parts
    const guard = new FrameGuard(config)
    const keepAlive = createKeepAlive(
      () => session.wire.held(),
      () => this.#silent(client),
    )
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
    // no session of a service lasts: what it is told waits for nobody
    const passing = !retain && (qos === 0 || isJudged(topic))
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

  listensBelow(root: string): boolean {
    return !this.#closed && this.#subscribers.listenBelow(root)
  }

  room(): number {
    return Math.max(0, this.#parts.config.outgoing - this.#outgoing)
  }

  kick(device: DeviceId): void {
    const now = this.#parts.now()
    for (const [old, at] of this.#kicked) {
      if (now - at < 2 * this.#connectWithinMs) break
      this.#kicked.delete(old)
    }
    this.#kicked.delete(device)
    this.#kicked.set(device, now)
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
      listening: this.#doors.isOpen,
      connections: this.#doors.connections,
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
    const shut = this.#doors.shut()
    // A will that is published now would say of every device that it went away; kept, it is published when the device stays away.
    for (const client of Object.values(insideOf(this.#router).clients)) if (client) Object.assign(client, { will: null })
    await new Promise<void>((resolve) => this.#router.close(() => resolve()))
    this.#doors.cut()
    await shut
    await this.#stored?.close()
  }
}

function msOf(duration: string): number {
  const ms = parseDuration(duration)
  if (ms === null) throw new RangeError(`opening the MQTT broker: "${duration}" is not a length of time; write it like 5s`)
  return ms
}
