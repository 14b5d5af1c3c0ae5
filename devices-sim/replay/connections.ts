import mqtt, { type MqttClient } from 'mqtt'
import type { Timers } from '../device-client.ts'
import { SendingStopped, ServerAway, ServerSilent } from '../errors.ts'
import { createPatience, watchLine, watchPubacks, type Patience } from '../unanswered.ts'

/** The logins of a replay or a simulation: a message sent through them is acknowledged some day, or it all ends with a reason. */
export interface ReplayConnections {
  /** Resolves when the server has acknowledged it, whatever the line did meanwhile; rejects with ReplayRefused, ServerSilent or ServerAway. */
  send(device: string, topic: string, payload: string): Promise<void>
  /** Breaks the line of a device without a goodbye; it does not come back by itself. */
  cut(device: string): Promise<void>
  /** Brings it back; resolves when it is logged in. Rejects with ReplayRefused. */
  join(device: string): Promise<void>
  /** Times that no acknowledgement came in time, and a device broke its line to send again. */
  unanswered(): number
  /** All that is waited for, and will be, is rejected with this. */
  giveUp(reason: Error): void
  /** Says goodbye; what is on its way is waited for, unless the replay was refused. */
  close(): Promise<void>
}

/** The server does not let a device of the replay in, or does not know it. Trying again changes nothing. */
export class ReplayRefused extends Error {}

/** So many log in at a time: servers let only so many strangers of one address in. */
const atATime = 20
/** CONNACK codes that no further try changes (MQTT 3.1.1, table 3.1): protocol, client id, login, rights. */
const finalCodes: readonly unknown[] = [1, 2, 4, 5]

export interface ConnectionParts {
  /** MQTT address, e.g. mqtt://127.0.0.1:1883 */
  url: string
  /** Device -> secret. */
  secrets: ReadonlyMap<string, string>
  timers: Timers
  /** A line on which a message is not acknowledged for so long is broken, ms. */
  answerWithinMs: number
  /** True while nobody can find the server because somebody wants it so; left out: never. */
  isHidden?: () => boolean
  /** Ends the connecting. */
  stop?: AbortSignal
}

/**
 * Connects all devices. A connection that breaks comes back by itself and sends again what was not acknowledged; one that stands without a
 * PUBACK is broken for that. Rejects with ReplayRefused when a login is refused, with ServerAway when nobody is there, with SendingStopped
 * when it is stopped.
 */
export async function connectDevices(parts: ConnectionParts): Promise<ReplayConnections> {
  const connections = new Connections(parts)
  await connections.open(parts.secrets)
  return connections
}

class Connections implements ReplayConnections {
  readonly #parts: ConnectionParts
  readonly #clients = new Map<string, MqttClient>()
  /** Rejects of all that is waited for. */
  readonly #waiting = new Set<(error: Error) => void>()
  #refused: Error | null = null
  readonly #patience: Patience = createPatience((device, times) => this.giveUp(new ServerSilent(device, times)))
  readonly #absences: Patience = createPatience((device, times) => this.giveUp(new ServerAway(device, times)))

  constructor(parts: ConnectionParts) {
    this.#parts = parts
  }

  unanswered(): number {
    return this.#patience.count()
  }

  async open(secrets: ReadonlyMap<string, string>): Promise<void> {
    const { stop } = this.#parts
    const onStop = (): void => this.giveUp(new SendingStopped())
    stop?.addEventListener('abort', onStop)
    if (stop?.aborted) onStop()
    const queue = [...secrets]
    const connectSome = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && this.#refused === null; next = queue.shift()) await this.#connect(...next)
    }
    try {
      await Promise.all(Array.from({ length: atATime }, connectSome))
      if (this.#refused !== null) throw this.#refused
    } catch (error) {
      await this.close()
      throw error
    } finally {
      stop?.removeEventListener('abort', onStop)
    }
  }

  #connect(device: string, secret: string): Promise<void> {
    const options = { username: device, password: secret, clientId: device, reconnectPeriod: 200, keepalive: 60, clean: true }
    const client = mqtt.connect(this.#parts.url, options)
    this.#clients.set(device, client)
    watchPubacks(client, {
      ...this.#parts,
      unanswered: () => this.#patience.unanswered(device),
      answered: () => this.#patience.answered(device),
    })
    watchLine(client, {
      ...this.#parts,
      absent: () => this.#miss(device),
      present: () => this.#absences.answered(device),
    })
    client.on('error', (cause: Error & { code?: unknown }) => {
      if (finalCodes.includes(cause.code)) this.#refuse(`replaying as ${device}: the server refused the login (${cause.message})`, cause)
    })
    return this.#wait((resolve) => client.once('connect', () => resolve()))
  }

  send(device: string, topic: string, payload: string): Promise<void> {
    const client = this.#clients.get(device)
    if (!client) return Promise.reject(new ReplayRefused(`replaying: the run has no device ${device}; remove the run and start again`))
    return this.#wait((resolve, reject) => client.publish(topic, payload, { qos: 1 }, (error) => (error ? reject(error) : resolve())))
  }

  async cut(device: string): Promise<void> {
    await this.#clients.get(device)?.endAsync(true)
  }

  join(device: string): Promise<void> {
    const client = this.#clients.get(device)
    if (!client) return Promise.resolve()
    return this.#wait((resolve) => {
      client.once('connect', () => resolve())
      client.reconnect()
    })
  }

  giveUp(reason: Error): void {
    this.#refused ??= reason
    for (const reject of this.#waiting) reject(this.#refused)
    this.#waiting.clear()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.endAsync(this.#refused !== null)))
  }

  /** Nobody misses a line when there is nothing to send on it, and when the server hides. */
  #miss(device: string): void {
    if (this.#waiting.size === 0 || this.#parts.isHidden?.()) this.#absences.answered(device)
    else this.#absences.unanswered(device)
  }

  /** A promise that a refusal ends too. */
  #wait(begin: (resolve: () => void, reject: (error: Error) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#refused) return reject(this.#refused)
      this.#waiting.add(reject)
      const settled = (): unknown => this.#waiting.delete(reject)
      begin(
        () => {
          settled()
          resolve()
        },
        (error) => {
          settled()
          reject(error)
        },
      )
    })
  }

  #refuse(message: string, cause: Error): void {
    this.giveUp(new ReplayRefused(message, { cause }))
  }
}
