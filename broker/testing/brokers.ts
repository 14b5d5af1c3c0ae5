import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { afterEach } from '@jest/globals'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { createWebSocketStream, WebSocket } from 'ws'
import type { Delivery } from '../../domain/delivery.ts'
import type { Identity } from '../../domain/identity.ts'
import { deviceId } from '../../domain/ids.ts'
import { createLoginPace } from '../../domain/login-pace.ts'
import { createBroker } from '../broker.ts'
import type { Broker, BrokerParts } from '../port.ts'
import { BrokerConfig } from '../config.ts'
import { createPublishRates } from '../publish-rate.ts'
import type { Refused } from '../refusals.ts'
import type { Gate } from '../websocket.ts'

const cleanups: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs after the test, last come first. */
export function afterwards(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup)
}

export interface TestBroker {
  broker: Broker
  port: number
  /** What came to `accept`, in order. */
  deliveries: Delivery[]
  refused: Refused[]
  /** Topic and text of each delivery so far. */
  heard(): string[]
  reasons(): string[]
}

/** Logins that the test broker knows: any name with the secret `secret-of-<name>`; `dashboard` and what ends in `-service` are service accounts. */
async function identify(name: string, secret: Uint8Array): Promise<Identity | null> {
  const text = Buffer.from(secret).toString()
  const known = /^secret-of-(.+)$/.exec(text)?.[1]
  if (known === undefined || (name !== '' && name !== known)) return null
  return { role: known === 'dashboard' || known.endsWith('-service') ? 'service' : 'device', device: deviceId(known), run: null }
}

export function configured(changed: Partial<BrokerConfig> = {}): BrokerConfig {
  const defaults = Object.entries(BrokerConfig.properties).map(([name, schema]) => [name, (schema as { default?: unknown }).default])
  return { ...(Object.fromEntries(defaults) as BrokerConfig), ...changed }
}

/** A broker on a free port that takes everything in; closed after the test. */
export async function openBroker(parts: Partial<BrokerParts> = {}, changed: Partial<BrokerConfig> = {}): Promise<TestBroker> {
  const deliveries: Delivery[] = []
  const refused: Refused[] = []
  const { accept = async () => undefined } = parts
  const config = configured(changed)
  const broker = await createBroker({
    identify,
    pace: createLoginPace({ now: () => Date.now(), wrongLogins: config.wrongLogins }),
    rateOf: createPublishRates(() => Date.now(), config),
    config,
    persistencePath: null,
    now: () => Date.now(),
    log: { warn: () => undefined, error: (fields) => console.error(fields) },
    onRefused: (one) => refused.push(one),
    onReply: () => undefined,
    ...parts,
    accept(delivery) {
      deliveries.push({ ...delivery, payload: Buffer.from(delivery.payload) })
      return accept(delivery)
    },
  })
  afterwards(() => broker.close())
  const port = await broker.listenTcp(0, '127.0.0.1')
  return {
    broker,
    port,
    deliveries,
    refused,
    heard: () => deliveries.map((one) => `${one.topic} ${Buffer.from(one.payload).toString()}`),
    reasons: () => refused.map((one) => one.reason),
  }
}

/** Logs in as a device (or `dashboard`); rejects when refused. Ended after the test. */
export async function login(port: number, name: string, options: IClientOptions = {}): Promise<MqttClient> {
  const client = await mqtt.connectAsync(
    `mqtt://127.0.0.1:${port}`,
    { username: name, password: `secret-of-${name}`, reconnectPeriod: 0, connectTimeout: 5_000, ...options },
    false,
  )
  client.on('error', () => undefined)
  afterwards(() => client.endAsync(true))
  return client
}

/** Return code of the refused login. */
export async function refusedWith(attempt: Promise<unknown>): Promise<number | string> {
  try {
    await attempt
    return 'logged in'
  } catch (error) {
    return (error as { code?: number }).code ?? String(error)
  }
}

export async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setTimeout(resolve, 2))
}

export function closed(client: MqttClient): Promise<void> {
  return client.connected ? new Promise((resolve) => client.once('close', () => resolve())) : Promise.resolve()
}

/** Messages that a client receives, as `topic payload` with `!` behind a retained one. */
export function inbox(client: MqttClient): string[] {
  const messages: string[] = []
  client.on('message', (topic, payload, packet) => messages.push(`${topic} ${payload.toString()}${packet.retain ? '!' : ''}`))
  return messages
}

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'broker-'))
  afterwards(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface RawConnection<Socket extends Duplex = Duplex> {
  socket: Socket
  received: () => Buffer
  closed: Promise<void>
}

/** The path of MQTT over WebSocket on an HTTP server of its own; returns its port. Everybody is admitted who does not say otherwise. */
export async function openWebSockets(broker: Broker, gate: Partial<Gate> = {}): Promise<number> {
  const server = http.createServer((_, response) => response.end('page'))
  broker.attach(server, '/mqtt', { admits: () => true, addressOf: ({ socket }) => socket.remoteAddress ?? '', ...gate })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  afterwards(async () => server.close())
  return (server.address() as net.AddressInfo).port
}

/** As `rawConnection`, each write a message of a WebSocket. */
export async function rawWebSocket(port: number): Promise<RawConnection> {
  const webSocket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, 'mqtt')
  const socket = createWebSocketStream(webSocket)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => webSocket.once('close', () => resolve()))
  await Promise.race([once(webSocket, 'open'), closed])
  afterwards(async () => webSocket.terminate())
  return { socket, received: () => Buffer.concat(chunks), closed }
}

/** A bare connection that sends bytes as they are. */
export async function rawConnection(port: number): Promise<RawConnection<net.Socket>> {
  const socket = net.connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  afterwards(async () => socket.destroy())
  return { socket, received: () => Buffer.concat(chunks), closed: ended }
}
