import type { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import type { Connection } from '../domain/connections.ts'
import type { DeviceId } from '../domain/ids.ts'
import { parseDuration } from '../domain/time.ts'
import { createAcknowledger } from './acknowledge.ts'
import { Doors } from './doors.ts'
import { createEndings, type Endings } from './endings.ts'
import { FrameGuard } from './guard/frame-guard.ts'
import { createHooks, refuse, type HookParts } from './hooks.ts'
import { createKeepAlive } from './keep-alive.ts'
import type { Proof } from './login.ts'
import { createOutgoing, type Outgoing } from './outgoing.ts'
import type { Broker, BrokerFigures, BrokerParts, PublishOptions } from './port.ts'
import { profiles, type Profile } from './profiles.ts'
import { createPutOut, type PutOut } from './put-out.ts'
import { createRefusalCounter } from './refusals.ts'
import { holdRetained } from './retained.ts'
import { insideOf, Router } from './router.ts'
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
  readonly #outgoing: Outgoing
  readonly #putOut: PutOut
  readonly #endings: Endings
  #closed = false
  #deliveries = 0
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
    const router = new Router(options, this.#profile.passesOn)
    const shared = { router, sessions: this.#sessions, subscribers: this.#subscribers, refusals: this.#refusals }
    this.#router = router
    this.#outgoing = createOutgoing({ ...shared, most: config.outgoing, log: parts.log })
    this.#endings = createEndings({ ...shared, maxInFlight: config.maxInFlight })
    const { keepsClientIds: manyOfOne } = this.#profile
    this.#putOut = createPutOut({ ...shared, manyOfOne, loginWithinMs: this.#connectWithinMs, now: parts.now })
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
    router.on('clientError', (client, error) => this.#endings.failed(client, error))
    router.on('connectionError', (client, error) => this.#endings.failed(client, error))
    router.on('client', (client) => this.#putOut.entered(client))
    router.on('unsubscribe', (filters, client) => this.#forget(client, filters))
    router.on('clientDisconnect', (client) => this.#forget(client, [...(this.#sessions.get(client)?.filters.keys() ?? [])]))
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
      () => {
        this.#endings.end(client, 'keep-alive')
        client.close()
      },
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

  publish(topic: string, payload: string | Uint8Array, options?: PublishOptions): void {
    this.#outgoing.publish(topic, payload, options)
  }

  listens(topic: string): boolean {
    return this.#outgoing.listens(topic)
  }

  listensBelow(root: string): boolean {
    return this.#outgoing.listensBelow(root)
  }

  room(): number {
    return this.#outgoing.room()
  }

  kick(device: DeviceId): void {
    this.#putOut.kick(device)
  }

  async copySessions(folder: string): Promise<void> {
    await this.#stored?.copyTo(folder)
  }

  figures(): BrokerFigures {
    return {
      listening: this.#doors.isOpen,
      connections: this.#doors.connections,
      clients: this.#router.connectedClients,
      deliveries: this.#deliveries,
      published: this.#outgoing.published(),
      replacedIds: this.#replacedIds,
      held: this.#held,
      takeovers: this.#takeovers,
      refused: this.#refusals.counts(),
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#outgoing.close()
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
