import mqtt, { type MqttClient } from 'mqtt'
import type { DeviceId } from '../domain/ids.ts'
import type { ReadingGroup } from '../domain/reading.ts'
import { answerCommand } from './device-commands.ts'
import { createOutbox } from './outbox.ts'
import { usualAnswerMs, watchPubacks } from './unanswered.ts'

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
  /** A line on which a message is not acknowledged for so long is broken, and it is sent again, ms; default 30 s. */
  answerWithinMs?: number
  /** Groups that never leave it and stay in its memory only, as when its line breaks and its queue is cut; none unless said. */
  loses?: (group: ReadingGroup) => boolean
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

const farewellMs = 2_000

/**
 * A device on MQTT 3.1.1: login, will and retained status, native JSON with QoS 1 on `devices/{device}/readings`, at most 20 messages in
 * flight. What was not acknowledged is kept in memory and comes again after a reconnect; a PUBACK that does not come in time brings one about.
 * Each group has its own `seq` from 1. It answers commands. A refused login ends it: what it holds and is given then counts as dropped.
 */
export function createDeviceClient(parts: DeviceClientParts): DeviceClient {
  const { url, device, secret, timers, answerWithinMs = usualAnswerMs, onTrouble = () => undefined, loses = () => false } = parts
  const status = `devices/${device}/status`
  const client = mqtt.connect(url, {
    ...{ clientId: device, username: device, password: secret, clean: true, keepalive: 60, reconnectPeriod: 1_000 },
    will: { topic: status, payload: Buffer.from('offline'), qos: 1, retain: true },
  })
  const publish = (payload: string, done: (error?: Error | null) => void) =>
    client.publish(`devices/${device}/readings`, payload, { qos: 1 }, done)
  const outbox = createOutbox(publish, loses)
  const connected = firstLogin(client, device)
  let stopping: Promise<void> | null = null
  watchConnection(client, status, onTrouble)
  watchPubacks(client, {
    ...{ timers, answerWithinMs },
    unanswered: () => onTrouble(`no acknowledgement within ${answerWithinMs / 1000} s: the line is broken, and all that waits sent again`),
    answered: () => undefined,
  })
  listen(client, device, outbox.sendAgain)
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

/** Answers what it is asked on `devices/{device}/commands`. */
function listen(client: MqttClient, device: DeviceId, sendAgain: (from: number, to: number) => number): void {
  const commands = `devices/${device}/commands`
  client.on('connect', () => client.subscribe(commands, { qos: 1 }))
  client.on('message', (topic, payload) => {
    const answer = topic === commands ? answerCommand(payload, sendAgain) : null
    if (answer !== null) client.publish(`${commands}/${answer.id}/reply`, JSON.stringify(answer.reply), { qos: 1 })
  })
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
