import type { Broker } from '../../broker/broker.ts'
import { createMqttCommands, type MqttCommands } from '../../broker/commands.ts'
import type { SendCommand } from '../../domain/command.ts'
import type { Device } from '../../domain/network.ts'
import type { Foundation } from './foundation.ts'

/** The ways to devices. */
export interface Commands {
  /** Asks a device over the protocol that its entry in the network names. */
  send: SendCommand
  /** Takes in the replies of MQTT devices. */
  reply: MqttCommands['reply']
}

export function connectCommands({ networks, world }: Foundation, broker: () => Broker | null): Commands {
  const mqtt = createMqttCommands({
    broker,
    nextId: () => Buffer.from(world.randomBytes(9)).toString('base64url'),
    now: world.now,
    timers: world.timers,
  })
  const senders: Partial<Record<Device['protocol'], SendCommand>> = { mqtt: mqtt.send }
  return {
    reply: mqtt.reply,
    async send(device, command) {
      const known = networks.fleet().devices.get(device)
      if (known === undefined) return { outcome: 'unreachable', detail: `${device} is in no network` }
      const send = senders[known.protocol]
      return send?.(device, command) ?? { outcome: 'unsupported', detail: `no commands are sent over ${known.protocol}` }
    },
  }
}
