import mqtt, { type MqttClient } from 'mqtt'
import { deviceIdOf } from './network.ts'
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
  /** Rows up to and with this time were acknowledged by an earlier run of this replay. */
  resumeAfter: number | null
  now: () => number
  sleep: (ms: number) => Promise<void>
  onStep?: (progress: ReplayProgress) => void
  /** True ends the replay after the step in hand. */
  stopped?: () => boolean
}

export interface ReplayProgress {
  /** Observation time that is wholly acknowledged, epoch ms. */
  at: number
  sent: number
  acknowledged: number
  /** Rows of an earlier run of this replay, not sent again. */
  skipped: number
}

/**
 * Streams recorded rows through real MQTT in time order and in lock-step: everything of one observation time is acknowledged before the
 * next is sent, whatever the connection does in between. One login a station, one reading a message, QoS 1.
 */
export async function replay(order: ReplayOrder): Promise<ReplayProgress> {
  const clients = await connectAll(order)
  const progress: ReplayProgress = { at: order.resumeAfter ?? 0, sent: 0, acknowledged: 0, skipped: 0 }
  const seqs = new Map<string, number>()
  const pace = createPace(order)
  try {
    for await (const step of steps(order.files)) {
      if (order.stopped?.()) break
      const first = step[0]
      if (!first) continue
      await numberAndSend(order, clients, seqs, step, progress, pace)
      if (first.at !== null) progress.at = Math.max(progress.at, first.at)
      order.onStep?.(progress)
    }
  } finally {
    await Promise.all([...clients.values()].map((client) => client.endAsync()))
  }
  return progress
}

async function numberAndSend(
  order: ReplayOrder,
  clients: ReadonlyMap<string, MqttClient>,
  seqs: Map<string, number>,
  step: readonly RecordedRow[],
  progress: ReplayProgress,
  pace: (step: readonly RecordedRow[], sent: number) => Promise<void>,
): Promise<void> {
  const messages = step.map((row) => {
    const device = deviceIdOf(order.run, row.station)
    const seq = (seqs.get(device) ?? 0) + 1
    seqs.set(device, seq)
    return { device, payload: payloadOf(row, seq) }
  })
  const at = step[0]?.at ?? null
  if (order.resumeAfter !== null && at !== null && at <= order.resumeAfter) {
    progress.skipped += step.length
    return
  }
  await pace(step, progress.sent)
  await Promise.all(
    messages.map(async ({ device, payload }) => {
      const client = clients.get(device)
      if (!client) throw new Error(`replaying: the run has no device ${device}; remove the run and start again`)
      progress.sent += 1
      await client.publishAsync(`devices/${device}/readings`, payload, { qos: 1 })
      progress.acknowledged += 1
    }),
  )
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
  const value = row.unit === null || row.value === null ? row.value : { v: row.value, u: row.unit }
  return JSON.stringify({ seq, at: row.timeText, values: { [row.parameter]: value } })
}

/** One connection a device; reconnects by itself and sends again what was not acknowledged. */
async function connectAll({ url, secrets }: ReplayOrder): Promise<ReadonlyMap<string, MqttClient>> {
  const entries = await Promise.all(
    [...secrets].map(async ([device, secret]) => {
      const client = await mqtt.connectAsync(url, {
        username: device,
        password: secret,
        clientId: device,
        reconnectPeriod: 200,
        keepalive: 60,
        clean: true,
      })
      client.on('error', () => undefined)
      return [device, client] as const
    }),
  )
  return new Map(entries)
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
