import type { Device } from '../domain/network.ts'
import type { Timers } from './device-client.ts'
import { openFieldLine, type FieldLine } from './field-lines.ts'
import { systemCodeOf } from './hj212-memory.ts'
import type { Transmission } from './logger/wire.ts'
import { connectDevices } from './replay/connections.ts'
import type { Simulation } from './simulation.ts'
import { classOf } from './sl651-memory.ts'

export interface FleetParts {
  network: Simulation['network']
  /** MQTT address, e.g. mqtt://127.0.0.1:1883 */
  url: string
  /** Field protocol -> `host:port` of its gateway; one for each protocol that a device of the network speaks. */
  field: ReadonlyMap<string, string>
  /** Device -> secret, as the server gave them for this run. */
  secrets: ReadonlyMap<string, string>
  timers: Timers
  /** A line of MQTT on which a message is not acknowledged for so long is broken, ms. */
  answerWithinMs: number
}

/** The lines of a simulated fleet, whatever each speaks. */
export interface FleetLines {
  /** Resolves when the server has acknowledged it, whatever the line did meanwhile; rejects with ServerSilent. */
  send(message: Transmission): Promise<void>
  /** Breaks the line of a device; it does not come back by itself. */
  cut(device: string): Promise<void>
  join(device: string): Promise<void>
  /** Times that no answer came in time, and a message was sent again. */
  unanswered(): number
  close(): Promise<void>
}

/** Connects all devices: those of MQTT through one login each, those of a field protocol through a line each. Rejects with ReplayRefused. */
export async function connectFleet(parts: FleetParts): Promise<FleetLines> {
  const lines = new Map<string, FieldLine>()
  const secrets = new Map(parts.secrets)
  for (const device of parts.network.devices) {
    if (device.protocol === 'mqtt' || !secrets.has(device.id)) continue
    lines.set(device.id, lineOf(device, parts))
    secrets.delete(device.id)
  }
  const mqtt = await connectDevices({ ...parts, secrets })
  await Promise.all([...lines.values()].map((line) => line.connected))
  return {
    send: ({ device, topic, payload, at }) => lines.get(device)?.send(payload, at) ?? mqtt.send(device, topic, payload),
    async cut(device) {
      const line = lines.get(device)
      if (line === undefined) return mqtt.cut(device)
      line.cut()
    },
    join: (device) => lines.get(device)?.join() ?? mqtt.join(device),
    unanswered: () => [...lines.values()].reduce((sum, line) => sum + line.unanswered(), mqtt.unanswered()),
    async close() {
      for (const line of lines.values()) line.stop()
      await mqtt.close()
    },
  }
}

/** Throws where nobody listens for the device: that would be a simulation for another server. */
function lineOf(device: Device, { network, field, secrets, timers }: FleetParts): FieldLine {
  const address = field.get(device.protocol)
  if (address === undefined) throw new Error(`connecting ${device.id}: the server has no gateway of ${device.protocol}`)
  const kind = network.stations.find(({ id }) => id === device.stations[0])?.kind ?? 'river'
  const secret = secrets.get(device.id) ?? ''
  return openFieldLine({ device, secret, address, timers, stationClass: classOf(kind), st: systemCodeOf(network, device.stations) })
}
