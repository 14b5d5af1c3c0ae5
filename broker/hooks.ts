import { setTimeout as wait } from 'node:timers/promises'
import type { AedesOptions, AedesPublishPacket, AuthenticateError, Client, ConnectPacket, PublishPacket, Subscription } from 'aedes'
import type { Delivery } from '../domain/delivery.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import type { Identify } from '../domain/identity.ts'
import type { LoginPace } from '../domain/login-pace.ts'
import type { Done } from './acknowledge.ts'
import { takes } from './filter.ts'
import { checkConnect } from './login.ts'
import type { PublishRate } from './publish-rate.ts'
import { RefusedError, returnCodes, type Refusal, type RefusalCounter } from './refusals.ts'
import type { KeepAliveLimits, Profile } from './profiles.ts'
import type { Session } from './session.ts'
import type { Subscribers } from './subscribers.ts'
import { repliedTo, statusTopic } from './topics.ts'

export interface HookParts {
  sessions: WeakMap<object, Session>
  subscribers: Subscribers
  refusals: RefusalCounter
  identify: Identify
  pace: LoginPace
  rateOf: (device: string) => PublishRate
  keep: (delivery: Delivery, done: Done) => void
  now: () => number
  profile: Profile
  limits: { maxClientIdBytes: number; maxSubscriptions: number } & KeepAliveLimits
  /** The client id of a CONNECT was another than the login. */
  onReplaced(): void
  /** A device logs in under this client id. */
  onLogin(clientId: string, device: DeviceId, address: string): void
  /** A message waits because its device publishes too fast. */
  onHeld(): void
  /** A reply to a command is kept. */
  onReply(device: DeviceId, command: string, payload: Uint8Array): void
}

export type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'>
>

/** The decisions that Aedes asks for: who may come in, publish, subscribe and receive. */
export function createHooks(parts: HookParts): Hooks {
  return {
    preConnect: (client, packet, callback) => void admit(parts, client, packet).then((go) => callback(null, go)),
    authenticate: (client, _username, _password, callback) => answerLogin(parts, client, callback),
    authorizePublish: (client, packet, callback) => takeIn(parts, client, packet, callback),
    authorizeSubscribe: (client, subscription, callback) => callback(null, allow(parts, client, subscription)),
    authorizeForward(client, packet) {
      const session = parts.sessions.get(client)
      if (session?.rules?.receives(packet.topic)) return packet.retain ? asGranted(session, packet) : packet
      parts.refusals.count({ ...whoIs(session), reason: 'forward-foreign-topic', detail: packet.topic })
      return null
    },
  }
}

// Coming in

/** Checks the login before Aedes takes the client id: the id becomes the login, so nobody can end another's session. */
async function admit(parts: HookParts, client: Client, packet: ConnectPacket): Promise<boolean> {
  const session = parts.sessions.get(client)
  if (!session) return false
  if (!(await logIn(parts, session, packet))) {
    packet.clientId = ''
    if (!(await mayAnswer(parts, session, packet.username ?? ''))) {
      client.close()
      return false
    }
  }
  session.keepAlive.begin(parts.profile.keepAliveS(packet.keepalive ?? 0, parts.limits))
  // Aedes would count only the packets that come through its parser
  packet.keepalive = 0
  return true
}

async function logIn(parts: HookParts, session: Session, packet: ConnectPacket): Promise<boolean> {
  if (packet.password && packet.password.length > 0) session.name = packet.username ?? ''
  if (Buffer.byteLength(packet.clientId) > parts.limits.maxClientIdBytes) {
    session.refusal = 'client-id-too-long'
    return false
  }
  const outcome = await checkConnect({ identify: parts.identify, proof: session.proof }, packet.username, packet.password)
  if (outcome.refusal !== undefined) {
    session.refusal = outcome.refusal
    session.name = outcome.name ?? session.name
    return false
  }
  const { identity } = outcome
  const rules = parts.profile.rules(identity)
  if (packet.will && !rules.will(packet.will.topic)) {
    session.refusal = 'will-forbidden'
    return false
  }
  const id = parts.profile.keepsClientIds ? packet.clientId : identity.device
  if (packet.clientId !== id) parts.onReplaced()
  packet.clientId = id
  if (!parts.profile.keepsSession(identity)) packet.clean = true
  session.identity = identity
  session.rules = rules
  session.rate = parts.rateOf(identity.device)
  return true
}

/** Waits for the turn of a wrong login to be answered; false = it gets no answer. Others of its address come in meanwhile. */
async function mayAnswer(parts: HookParts, session: Session, name: string): Promise<boolean> {
  session.connection.judged()
  const waitMs = session.refusal === 'login-refused' ? parts.pace.wrong(session.connection.address, name) : 0
  if (waitMs === null) refuse(parts, session, 'login-throttled', session.name)
  else if (waitMs > 0) await wait(waitMs)
  return waitMs !== null
}

function answerLogin(parts: HookParts, client: Client, callback: (error: AuthenticateError | null, success: boolean | null) => void): void {
  const session = parts.sessions.get(client)
  if (session?.identity) {
    parts.onLogin(client.id, session.identity.device, session.connection.address)
    session.connection.judged()
    session.connection.known = true
    session.guard.loggedIn()
    return callback(null, true)
  }
  const reason = session?.refusal ?? 'login-refused'
  if (session) refuse(parts, session, reason, session.name)
  callback(Object.assign(new RefusedError(reason), { returnCode: returnCodes[reason] }) as AuthenticateError, null)
}

// Publishing

/** Every publish of a client, each repeat of one, and every will comes through here; the acknowledgement goes out after `done`. */
function takeIn(parts: HookParts, client: Client | null, packet: PublishPacket, done: Done): void {
  const session = client === null ? undefined : parts.sessions.get(client)
  if (!session?.identity || !session.rules) return takeOrphan(parts, packet, done)
  if (packet.topic !== session.topic) {
    const reason = session.rules.publish(packet.topic)
    if (reason !== null) {
      refuse(parts, session, reason, packet.topic)
      return done(new RefusedError(reason))
    }
    session.topic = packet.topic
    session.command = repliedTo(packet.topic)
  }
  if (packet.retain && !session.rules.retains(packet.topic)) packet.retain = false
  deliver(parts, session, bytesOf(packet.payload), done)
}

/** What it takes to hand on a message. */
export type DeliverParts = Pick<HookParts, 'keep' | 'now' | 'onHeld' | 'onReply'>

/** Hands on a message to the topic of the session, which was allowed, when it is the turn of its device; calls back when it is kept. */
export function deliver(parts: DeliverParts, session: Session, payload: Uint8Array, done: Done): void {
  if (!session.identity) return done(new RefusedError('publish-unknown-client'))
  const receivedAt = parts.now()
  const delivery: Delivery = { device: session.identity.device, source: 'mqtt', topic: session.topic, payload, receivedAt }
  const told = session.command === null ? done : tellingReply(parts, delivery, session.command, done)
  if (session.rate?.take(receivedAt) !== false) return parts.keep(delivery, told)
  parts.onHeld()
  session.rate.wait(() => parts.keep(delivery, told))
}

function tellingReply({ onReply }: DeliverParts, { device, payload }: Delivery, command: string, done: Done): Done {
  return (error) => {
    if (!error) onReply(device, command, payload)
    done(error)
  }
}

/** A will of a client that went with an earlier process: Aedes publishes it without a client, under its id, which is its login. */
function takeOrphan(parts: HookParts, packet: PublishPacket, done: Done): void {
  const { clientId } = packet as { clientId?: unknown }
  const device = typeof clientId === 'string' && clientId !== '' ? deviceId(clientId) : null
  if (device === null || packet.topic !== statusTopic(device)) {
    parts.refusals.count({ reason: 'publish-unknown-client', device, address: null, detail: packet.topic })
    return done(new RefusedError('publish-unknown-client'))
  }
  parts.keep({ device, source: 'mqtt', topic: packet.topic, payload: bytesOf(packet.payload), receivedAt: parts.now() }, done)
}

function bytesOf(payload: string | Buffer): Buffer {
  return typeof payload === 'string' ? Buffer.from(payload) : payload
}

// Subscribing

/** Null is answered with 0x80; the connection stays. */
function allow(parts: HookParts, client: Client, subscription: Subscription): Subscription | null {
  const session = parts.sessions.get(client)
  const filter = subscription.topic
  const full = session !== undefined && session.filters.size >= parts.limits.maxSubscriptions && !session.filters.has(filter)
  const reason = full ? 'subscribe-too-many' : session?.rules ? session.rules.subscribe(filter) : 'subscribe-foreign-topic'
  if (reason !== null || !session) {
    parts.refusals.count({ ...whoIs(session), reason: reason ?? 'subscribe-foreign-topic', detail: filter })
    return null
  }
  if (!session.filters.has(filter)) parts.subscribers.add(filter)
  session.filters.set(filter, subscription.qos)
  return subscription
}

/** A retained message with the QoS of the subscription that it is sent for (MQTT 3.1.1, 3.8.4); Aedes sends it as it was published. */
function asGranted({ filters }: Session, packet: AedesPublishPacket): AedesPublishPacket {
  const granted = Math.max(0, ...[...filters].filter(([filter]) => takes(filter, packet.topic)).map(([, qos]) => qos))
  return granted < packet.qos ? Object.assign(packet, { qos: granted }) : packet
}

// Refusing

/** Counts the reason for which a connection ends, once. */
export function refuse(parts: Pick<HookParts, 'refusals'>, session: Session, reason: Refusal, detail: string): void {
  if (session.ended) return
  session.ended = true
  parts.refusals.count({ ...whoIs(session), reason, detail })
}

function whoIs(session: Session | undefined): { device: string | null; address: string | null } {
  return { device: session?.identity?.device ?? null, address: session?.connection.address ?? null }
}
