import Value from 'typebox/value'
import { CommandReply, type Command, type CommandMessage, type CommandResult, type SendCommand } from '../domain/command.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { Broker } from './port.ts'

interface CommandParts {
  broker: () => Pick<Broker, 'listens' | 'publish'> | null
  /** A name that no other command has; letters, digits, `_` and `-`. */
  nextId: () => string
  now: () => number
  timers: { setTimeout: (run: () => void, ms: number) => unknown; clearTimeout: (handle: unknown) => void }
}

/** Commands to devices over MQTT. */
export interface MqttCommands {
  /**
   * Publishes with QoS 1 and waits 30 s for the reply. A device that is not subscribed to its commands is unreachable. At most 1,000
   * commands wait in all, 8 for one device; one more is not sent and is unreachable as well.
   */
  send: SendCommand
  /** A reply came in. One that nobody waits for, or of another device, is passed over. */
  reply(device: DeviceId, id: string, payload: Uint8Array): void
}

interface Pending {
  device: DeviceId
  answer(result: CommandResult): void
}

const [mostPending, mostOfDevice, answerWithinMs] = [1_000, 8, 30_000]

export function createMqttCommands({ broker, nextId, now, timers }: CommandParts): MqttCommands {
  const pending = new Map<string, Pending>()
  const waitingOf = (device: DeviceId): number => [...pending.values()].filter((one) => one.device === device).length

  return {
    send(device, command) {
      if (command.kind === 'request')
        return Promise.resolve({ outcome: 'unsupported', detail: `${device} speaks MQTT, which has no such requests` })
      const topic = `devices/${device}/commands`
      const line = broker()
      if (!line?.listens(topic)) return unreachable(`${device} is not connected, or does not listen to its commands`)
      if (pending.size >= mostPending || waitingOf(device) >= mostOfDevice)
        return unreachable('too many commands wait for their answers already; try again later')
      const id = nextId()
      return new Promise((resolve) => {
        const answer = (result: CommandResult): void => {
          timers.clearTimeout(late)
          pending.delete(id)
          resolve(result)
        }
        const late = timers.setTimeout(
          () => answer({ outcome: 'no-answer', detail: `${device} did not answer within ${answerWithinMs / 1_000} s` }),
          answerWithinMs,
        )
        pending.set(id, { device, answer })
        line.publish(topic, JSON.stringify(messageOf(id, command, now())), { qos: 1 })
      })
    },
    reply(device, id, payload) {
      const waiting = pending.get(id)
      if (waiting?.device === device) waiting.answer(resultOf(device, payload))
    },
  }
}

const unreachable = (detail: string): Promise<CommandResult> => Promise.resolve({ outcome: 'unreachable', detail })

function messageOf(id: string, command: Exclude<Command, { kind: 'request' }>, now: number): CommandMessage {
  if (command.kind === 'sync-clock') return { id, ...command, now }
  if (command.kind !== 'resend') return { id, ...command }
  const { kind, from, to, everyMs } = command
  return { id, kind, from, to, everyMs }
}

function resultOf(device: DeviceId, payload: Uint8Array): CommandResult {
  const reply = parsed(payload)
  if (!Value.Check(CommandReply, reply)) return { outcome: 'refused', detail: `${device} answered something that is no reply` }
  return { outcome: reply.outcome, detail: reply.detail ?? `${device}: ${reply.outcome}` }
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString())
  } catch {
    return null
  }
}
