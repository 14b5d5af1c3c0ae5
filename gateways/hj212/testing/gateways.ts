import type { Delivery } from '../../../domain/delivery.ts'
import { createFleet, type Fleet } from '../../../domain/fleet.ts'
import { deviceId } from '../../../domain/ids.ts'
import type { Device } from '../../../domain/network.ts'
import { readNetwork } from '../../../domain/network-load.ts'
import { Hj212Config } from '../config.ts'
import { createHj212Gateway, type Hj212Gateway, type Hj212Parts } from '../gateway.ts'
import type { Hj212Refusal } from '../refusals.ts'
import type { Refused } from '../../refusals.ts'

export const defaults = Object.fromEntries(
  Object.entries(Hj212Config.properties).map(([name, schema]) => [name, (schema as { default?: unknown }).default]),
) as Hj212Config

/** One works with a device of HJ 212, whose MN is `mn-<id>` and whose password is its id. */
export function worksFleet(ids: readonly string[]): Fleet {
  const content = {
    network: { id: 'n', timeZone: 'Asia/Shanghai' },
    stations: ids.map((id) => ({
      id: `at-${id}`,
      kind: 'outfall',
      sensors: [
        { parameter: 'cod', every: '5m' },
        { parameter: 'ph', every: '5m' },
      ],
    })),
    devices: ids.map((id) => ({ id, protocol: 'hj212', stations: [`at-${id}`], hj212: { mn: `mn-${id}` } })),
  }
  return createFleet([readNetwork(content, { file: null, run: null })])
}

export interface TestGateway {
  gateway: Hj212Gateway
  port: number
  deliveries: Delivery[]
  refused: Refused<Hj212Refusal>[]
  device(id: string): Device | undefined
}

const cleanups: (() => Promise<unknown>)[] = []

/** To be called after each test: closes what it opened. */
export async function closeGateways(): Promise<void> {
  for (const close of cleanups.splice(0).reverse()) await close()
}

/** A gateway on a free port that takes everything in. */
export async function openGateway(
  ids: readonly string[],
  more: Partial<Hj212Parts> = {},
  changed: Partial<Hj212Config> = {},
): Promise<TestGateway> {
  const fleet = worksFleet(ids)
  const [deliveries, refused]: [Delivery[], Refused<Hj212Refusal>[]] = [[], []]
  const gateway = createHj212Gateway({
    accept: async (delivery) => void deliveries.push(delivery),
    identify: async (name, secret) =>
      Buffer.from(secret).toString() === name ? { role: 'device', device: deviceId(name), run: null } : null,
    fleet: () => fleet,
    config: { ...defaults, ...changed },
    now: () => Date.now(),
    timers: { setTimeout, clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout) },
    passwords: { make: () => 'Ab12Cd', keep: async () => undefined },
    keysOf: () => [],
    onRefused: (one) => void refused.push(one),
    ...more,
  })
  const port = await gateway.listen(0, '127.0.0.1')
  cleanups.push(() => gateway.close())
  return { gateway, port, deliveries, refused, device: (id) => fleet.devices.get(deviceId(id)) }
}
