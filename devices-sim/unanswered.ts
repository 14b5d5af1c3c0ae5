import type { MqttClient } from 'mqtt'
import type { Timers } from './device-client.ts'

/** A device without a PUBACK for so long gives its line up, as SL 651 does after three times 10 s. */
export const usualAnswerMs = 30_000

/** So many times in a row nothing is answered before a simulation or a replay ends with that reason: some five minutes. */
const mostInARow = 10

/** How long a sender bears it that nobody answers. */
export interface Patience {
  /** Times that no answer came in time, and a message was sent again. */
  count(): number
  /** Another one. */
  unanswered(device: string): void
  /** The server is well: an answer came. */
  answered(device: string): void
}

/** Counts for a fleet; `giveUp` is called when nothing of a device was answered so many times in a row. */
export function createPatience(giveUp: (device: string, times: number) => void): Patience {
  const inARow = new Map<string, number>()
  let count = 0
  return {
    count: () => count,
    unanswered(device) {
      count += 1
      const times = (inARow.get(device) ?? 0) + 1
      inARow.set(device, times)
      if (times === mostInARow) giveUp(device, times)
    },
    answered: (device) => void inARow.delete(device),
  }
}

export interface PubackParts {
  timers: Timers
  /** ms on a standing line. */
  answerWithinMs: number
  unanswered: () => void
  answered: () => void
}

/**
 * Waits for the PUBACK of all that a client publishes with QoS 1. MQTT 3.1.1 lets nobody send again on a line that stands (4.4): when one does not
 * come in time, the line is broken; the client comes back and sends again, with DUP (3.3.1-1), what was not acknowledged.
 */
export function watchPubacks(client: MqttClient, { timers, answerWithinMs, unanswered, answered }: PubackParts): void {
  /** Packets without their PUBACK; null while there is no line. */
  const waiting = new Map<number, unknown>()
  const stop = (): void => {
    for (const [id, timer] of waiting) {
      timers.clearTimeout(timer)
      waiting.set(id, null)
    }
  }
  client.on('packetsend', (packet) => {
    if (packet.cmd !== 'publish' || packet.qos !== 1 || packet.messageId === undefined) return
    packet.dup = waiting.has(packet.messageId)
    timers.clearTimeout(waiting.get(packet.messageId))
    waiting.set(
      packet.messageId,
      timers.setTimeout(() => {
        stop()
        unanswered()
        client.stream.destroy()
      }, answerWithinMs),
    )
  })
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'puback' || packet.messageId === undefined) return
    timers.clearTimeout(waiting.get(packet.messageId))
    waiting.delete(packet.messageId)
    answered()
  })
  client.on('close', stop)
  client.on('end', () => {
    stop()
    waiting.clear()
  })
}

export interface AbsenceParts {
  timers: Timers
  answerWithinMs: number
  /** There has been no line for so long, and again for so long. */
  absent: () => void
}

/** Measures how long there is no line, however often somebody tries. */
export interface Absence {
  begin(): void
  end(): void
}

export function createAbsence({ timers, answerWithinMs, absent }: AbsenceParts): Absence {
  let timer: unknown = null
  const measure = (): void => {
    timer = timers.setTimeout(() => {
      measure()
      absent()
    }, answerWithinMs)
  }
  return {
    begin() {
      if (timer === null) measure()
    },
    end() {
      timers.clearTimeout(timer)
      timer = null
    },
  }
}

/** Waits for the line of a client, from now on and whenever it is lost; not for that of one that has been ended. */
export function watchLine(client: MqttClient, { present, ...parts }: AbsenceParts & { present: () => void }): void {
  const absence = createAbsence(parts)
  absence.begin()
  client.on('connect', () => {
    absence.end()
    present()
  })
  client.on('close', () => void (client.disconnecting || absence.begin()))
  client.on('reconnect', absence.begin)
  client.on('end', absence.end)
}
