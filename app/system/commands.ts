import type { Broker } from '../../broker/port.ts'
import { createMqttCommands, type MqttCommands } from '../../broker/commands.ts'
import type { SendCommand } from '../../domain/command.ts'
import type { FieldGateways } from './field-gateways.ts'
import type { Foundation } from './foundation.ts'

/** The ways to devices. */
export interface Commands {
  /** Asks a device over the protocol that its entry in the network names. */
  send: SendCommand
  /** Takes in the replies of MQTT devices. */
  reply: MqttCommands['reply']
}

/** @param doors what is open by the time of a command */
export function connectCommands({ networks, world }: Foundation, doors: () => { broker: Broker; field: FieldGateways } | null): Commands {
  const mqtt = createMqttCommands({
    broker: () => doors()?.broker ?? null,
    nextId: () => Buffer.from(world.randomBytes(9)).toString('base64url'),
    now: world.now,
    timers: world.timers,
  })
  return {
    reply: mqtt.reply,
    async send(device, command) {
      const known = networks.fleet().devices.get(device)
      if (known === undefined) return { outcome: 'unreachable', detail: `${device} is in no network` }
      const open = doors()
      if (open === null) return { outcome: 'unreachable', detail: 'the server is starting; no device is connected yet' }
      const send = known.protocol === 'mqtt' ? mqtt.send : open.field.send.get(known.protocol)
      return send?.(device, command) ?? { outcome: 'unsupported', detail: `no commands are sent over ${known.protocol}` }
    },
  }
}
