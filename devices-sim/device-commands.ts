import Value from 'typebox/value'
import { CommandMessage, type CommandReply } from '../domain/command.ts'

/** What a simulated device says to a command: the one it answers, and its reply. */
export interface CommandAnswer {
  id: string
  reply: CommandReply
}

/**
 * Carries a command out, as far as a simulated device can: it sends again what it remembers. When and what it measures is up to its model.
 * Null for a message that is no command.
 * @param sendAgain sends what lies in a range, `to` exclusive, and returns how many groups
 */
export function answerCommand(payload: Uint8Array, sendAgain: (from: number, to: number) => number): CommandAnswer | null {
  const message = messageOf(payload)
  if (message === null) return null
  const { id } = message
  switch (message.kind) {
    case 'resend':
      return { id, reply: { outcome: 'done', detail: `${sendAgain(message.from, message.to)} readings are sent again` } }
    case 'sync-clock':
      return { id, reply: { outcome: 'done', detail: 'a simulated clock is set by its model' } }
    default:
      return { id, reply: { outcome: 'refused', detail: 'a simulated device measures when its model says so' } }
  }
}

function messageOf(payload: Uint8Array): CommandMessage | null {
  try {
    const message: unknown = JSON.parse(Buffer.from(payload).toString())
    return Value.Check(CommandMessage, message) ? message : null
  } catch {
    return null
  }
}
