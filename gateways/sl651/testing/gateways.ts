import { connect, type Socket } from 'node:net'
import type { Delivery } from '../../../domain/delivery.ts'
import { createFleet, type Fleet } from '../../../domain/fleet.ts'
import { deviceId } from '../../../domain/ids.ts'
import { readNetwork } from '../../../domain/network-load.ts'
import { Sl651Config } from '../config.ts'
import { createScanner } from '../scanner.ts'
import { createSl651Gateway, type Sl651Gateway, type Sl651Parts } from '../gateway.ts'
import type { Frame } from '../frame.ts'
import type { Sl651Refusal } from '../refusals.ts'
import type { Refused } from '../../refusals.ts'

export const defaults = Object.fromEntries(
  Object.entries(Sl651Config.properties).map(([name, schema]) => [name, (schema as { default?: unknown }).default]),
) as Sl651Config

/** Rivers with a station each: device `gauge-<n>`, station address `001122330<n>`, password 03E8. */
export function riverFleet(count: number, settings: object = {}, device: object = {}): Fleet {
  const ids = Array.from({ length: count }, (_, i) => i + 1)
  const content = {
    network: { id: 'n', timeZone: 'Asia/Shanghai' },
    stations: ids.map((n) => ({
      id: `river-${n}`,
      kind: 'river',
      sensors: [
        { parameter: 'water_level', every: '5m' },
        { parameter: 'rainfall', every: '5m' },
      ],
    })),
    devices: ids.map((n) => ({
      ...{ id: `gauge-${n}`, protocol: 'sl651', stations: [`river-${n}`], ...device },
      sl651: { address: addressOf(n), ...settings },
    })),
  }
  return createFleet([readNetwork(content, { file: null, run: null })])
}

export const addressOf = (n: number): string => `0011223${String(n).padStart(3, '0')}`

export interface TestGateway {
  gateway: Sl651Gateway
  port: number
  deliveries: Delivery[]
  refused: Refused<Sl651Refusal>[]
}

const cleanups: (() => unknown)[] = []

/** To be called after each test: closes what it opened. */
export async function closeGateways(): Promise<void> {
  for (const close of cleanups.splice(0).reverse()) await close()
}

/** A gateway on a free port that takes everything in, and whose timers go off at once when told to. */
export async function openGateway(
  more: Partial<Sl651Parts> = {},
  changed: Partial<Sl651Config> = {},
  fleet: Fleet = riverFleet(2),
): Promise<TestGateway> {
  const [deliveries, refused]: [Delivery[], Refused<Sl651Refusal>[]] = [[], []]
  const gateway = createSl651Gateway({
    accept: async (delivery) => void deliveries.push(delivery),
    identify: async (name, secret) =>
      Buffer.from(secret).toString() === '03E8' ? { role: 'device', device: deviceId(name), run: null } : null,
    fleet: () => fleet,
    config: { ...defaults, ...changed },
    now: () => Date.UTC(2026, 10, 19, 4),
    timers: { setTimeout: (run, ms) => setTimeout(run, ms), clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    onRefused: (one) => void refused.push(one),
    ...more,
  })
  cleanups.push(() => gateway.close())
  return { gateway, port: await gateway.listen(0, '127.0.0.1'), deliveries, refused }
}

/** A station's end of a line: what it hears, as frames. */
export interface TestLine {
  socket: Socket
  heard: Frame[]
  closed: () => boolean
}

export async function openLine(port: number): Promise<TestLine> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const scanner = createScanner()
  const heard: Frame[] = []
  let isClosed = false
  socket.on('data', (chunk) => {
    for (const found of scanner.push(Buffer.from(chunk))) if (found.fault === undefined) heard.push(found.frame)
  })
  socket.on('error', () => undefined)
  socket.once('close', () => (isClosed = true))
  await new Promise((resolve) => socket.once('connect', resolve))
  cleanups.push(() => socket.destroy())
  return { socket, heard, closed: () => isClosed }
}

/** Waits for a condition. */
export async function until(condition: () => boolean, what = 'the condition'): Promise<void> {
  const end = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > end) throw new Error(`${what} did not come true`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
