import mqtt, { type MqttClient } from 'mqtt'
import type { DeviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { encodeNative, encodeNativeArray } from '../ingest/codecs/native-encode.ts'

/** Clock hands that the process lends: real in production, ours in a test. */
export interface Timers {
  setTimeout: (run: () => void, ms: number) => unknown
  clearTimeout: (handle: unknown) => void
}

export interface DeviceClientParts {
  /** `mqtt://127.0.0.1:1883`, or `ws://…/mqtt`. */
  url: string
  device: DeviceId
  secret: string
  timers: Timers
  /** Told once for each way in which the connection fails, until it stands again. */
  onTrouble?: (message: string) => void
}

export interface DeviceFigures {
  /** Groups acknowledged, waiting for it, and thrown away because the memory was full. */
  acknowledged: number
  waiting: number
  dropped: number
}

/** One simulated data logger. */
export interface DeviceClient {
  /** Resolves at the first login; rejects when the login is refused. An absent broker is waited for. */
  connected: Promise<void>
  /** Takes groups into its memory and sends them, oldest first, several in one message when they have piled up. Returns at once. */
  send(groups: readonly ReadingGroup[]): void
  /** Resolves when all that was given is acknowledged (or dropped, or the client has stopped). */
  settled(): Promise<void>
  figures(): DeviceFigures
  /** Says offline and leaves; what is not acknowledged within 2 s stays unsent. Twice is once. */
  stop(): Promise<void>
}

/** Most messages sent and not yet acknowledged. */
const mostInFlight = 20
/** Most groups in one message: an hour of a one-minute gauge. */
const mostGroups = 60
/** Groups that the memory holds, a week of a one-minute gauge; the oldest goes first, as in a real logger. */
const memory = 10_080
const farewellMs = 2_000

/**
 * A device on MQTT 3.1.1: login, will and retained status, native JSON with QoS 1 on `devices/{device}/readings`, at most 20 messages in
 * flight. What was not acknowledged is kept in memory and comes again after a reconnect; each group has its own `seq` from 1. A refused
 * login ends it: what it holds and is given then counts as dropped.
 */
export function createDeviceClient({ url, device, secret, timers, onTrouble = () => undefined }: DeviceClientParts): DeviceClient {
  const status = `devices/${device}/status`
  const client = mqtt.connect(url, {
    ...{ clientId: device, username: device, password: secret, clean: true, keepalive: 60, reconnectPeriod: 1_000 },
    will: { topic: status, payload: Buffer.from('offline'), qos: 1, retain: true },
  })
  const outbox = createOutbox((payload, done) => client.publish(`devices/${device}/readings`, payload, { qos: 1 }, done))
  const connected = firstLogin(client, device)
  let stopping: Promise<void> | null = null
  watchConnection(client, status, onTrouble)
  client.on('error', (error) => {
    if (!isRefusal(error)) return
    client.end(true)
    outbox.giveUp()
  })
  return {
    connected,
    send: outbox.send,
    settled: outbox.settled,
    figures: outbox.figures,
    stop() {
      outbox.close()
      stopping ??= leave(client, status, timers)
      return stopping
    },
  }
}

interface Outbox extends Pick<DeviceClient, 'send' | 'settled' | 'figures'> {
  /** Nothing more is sent; all that is held or comes is dropped. */
  giveUp(): void
  /** Nothing more is sent; what is held stays unsent. */
  close(): void
}

/** The logger's memory: a bounded queue, so many messages on their way. `done` is called with an error or at the acknowledgement. */
function createOutbox(publish: (payload: string, done: (error?: Error | null) => void) => void): Outbox {
  const queue: ReadingGroup[] = []
  const waiters: (() => void)[] = []
  const counts = { acknowledged: 0, dropped: 0, messages: 0, flying: 0 }
  let state: 'open' | 'closed' | 'given up' = 'open'
  let seq = 0

  const isSettled = (): boolean => state === 'closed' || (queue.length === 0 && counts.messages === 0)
  const wake = (): void => {
    if (isSettled()) for (const resolve of waiters.splice(0)) resolve()
  }
  const drop = (count: number): void => void (counts.dropped += queue.splice(0, Math.max(0, count)).length)
  const pump = (): void => {
    if (state === 'given up') drop(queue.length)
    while (state === 'open' && queue.length > 0 && counts.messages < mostInFlight) fly(queue.splice(0, mostGroups))
  }
  const fly = (groups: readonly ReadingGroup[]): void => {
    counts.messages += 1
    counts.flying += groups.length
    publish(encode(groups), (error) => {
      if (state === 'given up') return
      counts.messages -= 1
      counts.flying -= groups.length
      if (!error) counts.acknowledged += groups.length
      pump()
      wake()
    })
  }
  return {
    send(groups) {
      for (const group of groups) queue.push({ ...group, seq: (seq += 1) })
      drop(queue.length - memory)
      pump()
    },
    settled: () => (isSettled() ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve))),
    figures: () => ({ acknowledged: counts.acknowledged, waiting: queue.length + counts.flying, dropped: counts.dropped }),
    giveUp() {
      state = 'given up'
      counts.dropped += counts.flying
      counts.messages = counts.flying = 0
      pump()
      wake()
    },
    close() {
      if (state === 'open') state = 'closed'
      wake()
    },
  }
}

function encode(groups: readonly ReadingGroup[]): string {
  const [first] = groups
  return groups.length === 1 && first !== undefined ? encodeNative(first) : encodeNativeArray(groups)
}

/** Says online at each login; tells of trouble once until the next login. */
function watchConnection(client: MqttClient, status: string, onTrouble: (message: string) => void): void {
  let isTold = false
  client.on('connect', () => {
    isTold = false
    client.publish(status, 'online', { qos: 1, retain: true })
  })
  client.on('error', (error) => {
    if (!isTold) onTrouble(error.message)
    isTold = true
  })
}

/** CONNACK codes that say no to this login for good: version, id, name or secret, permission. */
function isRefusal(error: Error): boolean {
  return 'code' in error && [1, 2, 4, 5].includes(Number(error.code))
}

function firstLogin(client: MqttClient, device: DeviceId): Promise<void> {
  const login = new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve())
    client.on('error', (error) => {
      if (isRefusal(error)) reject(new Error(`device ${device}: the broker refused the login: ${error.message}`))
    })
    client.once('end', () => reject(new Error(`device ${device} stopped before it was logged in`)))
  })
  login.catch(() => undefined) // who waits for it hears of it; nobody has to wait
  return login
}

async function leave(client: MqttClient, status: string, timers: Timers): Promise<void> {
  if (!client.connected) return void (await client.endAsync(true))
  let timer: unknown
  const late = new Promise<'late'>((resolve) => (timer = timers.setTimeout(() => resolve('late'), farewellMs)))
  const parted = client
    .publishAsync(status, 'offline', { qos: 1, retain: true })
    .then(() => client.endAsync(false))
    .then(() => 'parted' as const)
    .catch(() => 'late' as const)
  const outcome = await Promise.race([parted, late])
  timers.clearTimeout(timer)
  if (outcome === 'late') await client.endAsync(true)
}
