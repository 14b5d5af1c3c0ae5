import type { Device } from '../domain/network.ts'
import type { Timers } from './device-client.ts'
import { openFieldLine, type FieldLine } from './field-lines.ts'
import { systemCodeOf } from './hj212-memory.ts'
import type { Transmission } from './logger/wire.ts'
import { SendingStopped } from './errors.ts'
import { connectDevices, type ReplayConnections } from './replay/connections.ts'
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
  /** True while nobody can find the server because somebody wants it so. */
  isHidden: () => boolean
  /** Ends the connecting. */
  stop?: AbortSignal
}

/** The lines of a simulated fleet, whatever each speaks. */
export interface FleetLines {
  /** Resolves when the server has acknowledged it, whatever the line did meanwhile; rejects with ServerSilent or ServerAway. */
  send(message: Transmission): Promise<void>
  /** Breaks the line of a device; it does not come back by itself. */
  cut(device: string): Promise<void>
  join(device: string): Promise<void>
  /** Times that no answer came in time, and a message was sent again. */
  unanswered(): number
  /** All that is waited for, and will be, is rejected with this. */
  giveUp(reason: Error): void
  close(): Promise<void>
}

/**
 * Connects all devices: those of MQTT through one login each, those of a field protocol through a line each. Rejects with ReplayRefused when
 * one is refused, with ServerAway when nobody is there, with SendingStopped when it is stopped.
 */
export async function connectFleet(parts: FleetParts): Promise<FleetLines> {
  const lines = new Map<string, FieldLine>()
  const secrets = new Map(parts.secrets)
  for (const device of parts.network.devices) {
    if (device.protocol === 'mqtt' || !secrets.has(device.id)) continue
    lines.set(device.id, lineOf(device, parts))
    secrets.delete(device.id)
  }
  const mqtt = await connected({ ...parts, secrets }, [...lines.values()])
  return {
    send: ({ device, topic, payload, at }) => lines.get(device)?.send(payload, at) ?? mqtt.send(device, topic, payload),
    async cut(device) {
      const line = lines.get(device)
      if (line === undefined) return mqtt.cut(device)
      line.cut()
    },
    join: (device) => lines.get(device)?.join() ?? mqtt.join(device),
    unanswered: () => [...lines.values()].reduce((sum, line) => sum + line.unanswered(), mqtt.unanswered()),
    giveUp(reason) {
      for (const line of lines.values()) line.giveUp(reason)
      mqtt.giveUp(reason)
    },
    async close() {
      for (const line of lines.values()) line.stop()
      await mqtt.close()
    },
  }
}

/** All lines stand, or none is left. */
async function connected(parts: FleetParts, lines: readonly FieldLine[]): Promise<ReplayConnections> {
  const onStop = (): void => lines.forEach((line) => line.giveUp(new SendingStopped()))
  parts.stop?.addEventListener('abort', onStop)
  if (parts.stop?.aborted) onStop()
  let mqtt: ReplayConnections | null = null
  try {
    mqtt = await connectDevices(parts)
    await Promise.all(lines.map((line) => line.connected))
    return mqtt
  } catch (error) {
    for (const line of lines) line.stop()
    await mqtt?.close()
    throw error
  } finally {
    parts.stop?.removeEventListener('abort', onStop)
  }
}

/** Throws where nobody listens for the device: that would be a simulation for another server. */
function lineOf(device: Device, { network, field, secrets, timers, isHidden }: FleetParts): FieldLine {
  const address = field.get(device.protocol)
  if (address === undefined) throw new Error(`connecting ${device.id}: the server has no gateway of ${device.protocol}`)
  const kind = network.stations.find(({ id }) => id === device.stations[0])?.kind ?? 'river'
  const secret = secrets.get(device.id) ?? ''
  const st = systemCodeOf(network, device.stations)
  return openFieldLine({ device, secret, address, timers, stationClass: classOf(kind), st, isHidden })
}
