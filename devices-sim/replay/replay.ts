import type { Timers } from '../device-client.ts'
import { SendingStopped } from '../errors.ts'
import { watchStillness } from '../stillness.ts'
import { usualAnswerMs } from '../unanswered.ts'
import { connectDevices, type ReplayConnections } from './connections.ts'
import { deviceIdOf } from './names.ts'
import { recordedRows, type RecordedRow } from './rows.ts'

export interface ReplayOrder {
  files: readonly string[]
  /** MQTT address, e.g. mqtt://127.0.0.1:1883 */
  url: string
  run: string
  /** Device -> secret, as the server gave them for this run. */
  secrets: ReadonlyMap<string, string>
  /** Recorded seconds a second; `max` = as fast as the server acknowledges. */
  speed: number | 'max'
  /** Most readings a second; null = no other bound than the speed. */
  rate: number | null
  /** So many rows were acknowledged by an earlier run of this replay (its `acknowledged` + `skipped`); 0 = none. */
  resumeAfterRows: number
  timers: Timers
  /** A line on which a message is not acknowledged for so long is broken, and it is sent again, ms; default 30 s. */
  answerWithinMs?: number
  now: () => number
  sleep: (ms: number) => Promise<void>
  onStep?: (progress: ReplayProgress) => void
  /** Ends the replay after the step in hand, or in its midst when nothing of that is acknowledged for 2 s, or it takes 10 s more. */
  stop?: AbortSignal
}

export interface ReplayProgress {
  /** Observation time that is wholly acknowledged, epoch ms. */
  at: number
  sent: number
  acknowledged: number
  /** Times that no acknowledgement came in time, and a device broke its line to send again. */
  unanswered: number
  /** Rows of an earlier run of this replay, not sent again. */
  skipped: number
  /** Rows sent although their time or their value cannot be read: the server quarantines them and says why. */
  unreadable: { time: number; value: number }
}

/**
 * Streams recorded rows through real MQTT in time order and in lock-step: everything of one observation time is acknowledged before the
 * next is sent, whatever the connection does in between. One login a station, one reading a message, QoS 1. Rejects with ReplayRefused
 * when the server does not let a device in, with ServerSilent when it acknowledges nothing.
 */
export async function replay(order: ReplayOrder): Promise<ReplayProgress> {
  const progress: ReplayProgress = { at: 0, sent: 0, acknowledged: 0, unanswered: 0, skipped: 0, unreadable: { time: 0, value: 0 } }
  await play(order, progress).catch((error: unknown) => {
    if (!(error instanceof SendingStopped)) throw error
  })
  return progress
}

async function play(order: ReplayOrder, progress: ReplayProgress): Promise<void> {
  const connections = await connectDevices({ answerWithinMs: usualAnswerMs, ...order })
  const { timers, stop } = order
  let answered = 0
  const stillness = stop && watchStillness(stop, { timers, acknowledged: () => answered, giveUp: (reason) => connections.giveUp(reason) })
  const seqs = new Map<string, number>()
  const pace = createPace(order)
  const isDone = createResume(order)
  try {
    for await (const step of steps(order.files)) {
      if (stop?.aborted) break
      const first = step[0]
      if (!first) continue
      const messages = numbered(order.run, seqs, step)
      if (isDone(step, progress.skipped)) progress.skipped += step.length
      else {
        await pace(step, progress.sent)
        if (stop?.aborted) break
        await send(connections, messages, { progress, onAnswer: () => (answered += 1) })
        progress.unanswered = connections.unanswered()
        countUnreadable(step, progress)
      }
      if (first.at !== null) progress.at = Math.max(progress.at, first.at)
      order.onStep?.(progress)
    }
  } finally {
    stillness?.end()
    await connections.close()
  }
}

interface Message {
  device: string
  payload: string
}

/** Numbers the rows of each device from 1, in the order of the files: the same row has the same number in every replay. */
function numbered(run: string, seqs: Map<string, number>, step: readonly RecordedRow[]): Message[] {
  return step.map((row) => {
    const device = deviceIdOf(run, row.station)
    const seq = (seqs.get(device) ?? 0) + 1
    seqs.set(device, seq)
    return { device, payload: payloadOf(row, seq) }
  })
}

interface Counted {
  progress: ReplayProgress
  onAnswer: () => void
}

async function send(connections: ReplayConnections, messages: readonly Message[], { progress, onAnswer }: Counted): Promise<void> {
  progress.sent += messages.length
  await Promise.all(messages.map(({ device, payload }) => connections.send(device, `devices/${device}/readings`, payload).then(onAnswer)))
  progress.acknowledged += messages.length
}

function countUnreadable(step: readonly RecordedRow[], { unreadable }: ReplayProgress): void {
  for (const row of step) {
    if (row.at === null) unreadable.time += 1
    else if (typeof row.value === 'string') unreadable.value += 1
  }
}

/** Whether a step was acknowledged by an earlier run: all are, up to the first that was not. */
function createResume({ resumeAfterRows }: ReplayOrder): (step: readonly RecordedRow[], skipped: number) => boolean {
  let done = true
  return (step, skipped) => (done &&= skipped + step.length <= resumeAfterRows)
}

/** Rows of one observation time together. */
async function* steps(files: readonly string[]): AsyncGenerator<RecordedRow[]> {
  let step: RecordedRow[] = []
  for await (const row of recordedRows(files)) {
    const before = step[0]
    if (before && row.at !== before.at && row.at !== null) {
      yield step
      step = []
    }
    step.push(row)
  }
  if (step.length > 0) yield step
}

function payloadOf(row: RecordedRow, seq: number): string {
  const value = row.unit === null || typeof row.value !== 'number' ? row.value : { v: row.value, u: row.unit }
  return JSON.stringify({ seq, at: row.timeText, values: { [row.parameter]: value } })
}

/** Waits until a step is due, by the recorded clock at `speed` and by `rate`. */
function createPace({ speed, rate, now, sleep }: ReplayOrder): (step: readonly RecordedRow[], sent: number) => Promise<void> {
  const begun = now()
  let firstAt: number | null = null
  return async (step, sent) => {
    const at = step[0]?.at ?? null
    firstAt ??= at
    const bySpeed = speed === 'max' || at === null || firstAt === null ? 0 : (at - firstAt) / speed
    const byRate = rate === null ? 0 : (sent / rate) * 1000
    const wait = begun + Math.max(bySpeed, byRate) - now()
    if (wait > 1) await sleep(wait)
  }
}
