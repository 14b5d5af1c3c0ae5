import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringify } from 'yaml'
import { startLogger, type Logger } from './loggers.ts'
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

interface Sending {
  /** Of the first reading, epoch ms. */
  begin: number
  /** Between the times of two readings, ms. */
  stepMs: number
  /** One reading each so many ms; absent = as fast as they are acknowledged. */
  everyMs?: number
}

/** Logs in the first loggers of that network, each of which sends a level that rises by the millimetre and begins anew each hundred readings. */
export async function startRiverLoggers(system: ServedSystem, count: number, { begin, stepMs, everyMs }: Sending): Promise<Logger[]> {
  const names = Array.from({ length: count }, (_, i) => `logger-${i + 1}`)
  const secrets = await secretsOf(system, names)
  return names.map((name) =>
    startLogger({
      port: Number(new URL(system.mqtt).port),
      name,
      secret: secrets.get(name) ?? '',
      ...(everyMs !== undefined && { everyMs }),
      payloadOf: (seq) => JSON.stringify({ seq, at: begin + seq * stepMs, values: { water_level: 1 + (seq % 100) / 1000 } }),
    }),
  )
}
