import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import type { ServedSystem } from './server.ts'

/** A plain network of n river gauges `gauge-1`…, each with a device `logger-1`… of its own. */
export function riverNetwork(gauges: number, id = 'test'): unknown {
  const numbers = Array.from({ length: gauges }, (_, i) => i + 1)
  return {
    network: { id, name: { en: 'Test river', zh: '试验河' }, timeZone: 'Asia/Shanghai', dayStartsAt: '08:00' },
    stations: numbers.map((n) => ({
      id: `gauge-${n}`,
      name: { en: `Gauge ${n}`, zh: `${n}号站` },
      kind: 'river',
      location: { lon: 121 + n / 100, lat: 28 },
      ...(n < gauges ? { reach: { downstream: `gauge-${n + 1}`, travelTime: '1h', length: '5 km' } } : {}),
      sensors: [{ parameter: 'water_level', every: '5m', stages: { warning: 3, guarantee: 4, record: 5 } }],
    })),
    devices: numbers.map((n) => ({ id: `logger-${n}`, protocol: 'mqtt', stations: [`gauge-${n}`] })),
    rules: [
      {
        id: 'level-high',
        kind: 'threshold',
        parameter: 'water_level',
        levels: { yellow: 'stage.warning', orange: 'stage.guarantee', red: 'stage.record' },
        hold: '15m',
        deadband: 0.1,
        clearAfter: '30m',
      },
    ],
  }
}

/** Writes a network file into a folder and returns its path. */
export function writeNetworkFile(folder: string, network: unknown): string {
  const file = path.join(folder, 'network.yaml')
  writeFileSync(file, stringify(network))
  return file
}

/** Makes the secrets of some devices of a running system. */
export async function secretsOf(system: ServedSystem, devices: readonly string[]): Promise<Map<string, string>> {
  const secrets = new Map<string, string>()
  for (const device of devices)
    secrets.set(device, (await system.send<{ secret: string }>('POST', `/api/v1/devices/${device}/secret`, {})).secret)
  return secrets
}
