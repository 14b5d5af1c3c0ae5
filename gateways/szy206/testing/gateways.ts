import { connect, type Socket } from 'node:net'
import type { Delivery } from '../../../domain/delivery.ts'
import { createFleet, type Fleet } from '../../../domain/fleet.ts'
import { readNetwork } from '../../../domain/network-load.ts'
import type { Refused } from '../../refusals.ts'
import { Szy206Config } from '../config.ts'
import { createScanner, type Frame } from '../frame.ts'
import { createSzy206Gateway, type Szy206Gateway, type Szy206Parts } from '../gateway.ts'
import type { Szy206Refusal } from '../refusals.ts'

const defaults = Object.fromEntries(
  Object.entries(Szy206Config.properties).map(([name, schema]) => [name, (schema as { default?: unknown }).default]),
) as Szy206Config

/** A works whose device `meter` has the station address 5303810D00 and may speak from loopback. */
export function meterFleet(settings: object = {}, addresses: readonly string[] = ['127.0.0.0/8']): Fleet {
  const content = {
    network: { id: 'n', timeZone: 'Asia/Shanghai' },
    stations: [{ id: 'works', kind: 'abstraction', sensors: [{ parameter: 'water_flow', every: '5m' }] }],
    devices: [
      {
        ...{ id: 'meter', protocol: 'szy206', stations: ['works'], channels: { flow: 'works/water_flow' }, addresses },
        szy206: { address: '5303810d00', ...settings },
      },
    ],
  }
  return createFleet([readNetwork(content, { file: null, run: null })])
}

export interface TestGateway {
  gateway: Szy206Gateway
  port: number
  deliveries: Delivery[]
  refused: Refused<Szy206Refusal>[]
}

const cleanups: (() => unknown)[] = []

/** To be called after each test: closes what it opened. */
export async function closeGateways(): Promise<void> {
  for (const close of cleanups.splice(0).reverse()) await close()
}

/** A gateway on a free port that takes everything in. */
export async function openGateway(more: Partial<Szy206Parts> = {}, fleet: Fleet = meterFleet()): Promise<TestGateway> {
  const [deliveries, refused]: [Delivery[], Refused<Szy206Refusal>[]] = [[], []]
  const gateway = createSzy206Gateway({
    accept: async (delivery) => void deliveries.push(delivery),
    fleet: () => fleet,
    config: defaults,
    now: () => Date.UTC(2026, 7, 9, 1),
    timers: { setTimeout: (run, ms) => setTimeout(run, ms), clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    onRefused: (one) => void refused.push(one),
    ...more,
  })
  cleanups.push(() => gateway.close())
  return { gateway, port: await gateway.listen(0, '127.0.0.1'), deliveries, refused }
}

/** A station's end of a line: what it hears, as frames. */
export async function openLine(port: number): Promise<{ socket: Socket; heard: Frame[] }> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const scanner = createScanner()
  const heard: Frame[] = []
  socket.on('data', (chunk) => {
    for (const found of scanner.push(Buffer.from(chunk))) if (found.fault === undefined) heard.push(found.frame)
  })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('connect', resolve))
  cleanups.push(() => socket.destroy())
  return { socket, heard }
}
