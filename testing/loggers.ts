import { afterAll } from '@jest/globals'
import mqtt from 'mqtt'

/** Readings on their way to a system, and what became of them. */
export interface Logger {
  /** Numbers of the readings that are acknowledged. */
  acknowledged: ReadonlySet<number>
  /** Readings begun so far. */
  sent(): number
  /** Readings that were on their way when a line was cut: they are sent again, and the first may have come through. */
  repeats(): number
  /** When each acknowledgement came after its publish, ms; those of cut lines are not among them. */
  waits: readonly number[]
  /** Resolves when all are acknowledged. */
  finished: Promise<void>
  /** Cuts the line as a dead radio does: no goodbye, what is on its way is lost. It connects again by itself. */
  cut(): void
  stop(): void
}

export interface LoggerOptions {
  port: number
  name: string
  secret: string
  /** The bytes of reading `number`, counted from 1. */
  payloadOf: (number: number) => string | Buffer
  /** Most readings on their way at a time; default 20. */
  inFlight?: number
  /** One reading each so many ms; absent = as fast as they are acknowledged. */
  everyMs?: number
  /** Readings in all; absent = until it is stopped. */
  total?: number
  onAcknowledged?: (number: number, logger: Logger) => void
}

const started = new Set<Logger>()

// a test that fails half-way leaves nobody who goes on connecting
afterAll(() => {
  for (const logger of started) logger.stop()
})

/** A logger with memory over real MQTT, QoS 1: what is not acknowledged is sent again, under the same number. */
export function startLogger(options: LoggerOptions): Logger {
  const { port, name, secret, payloadOf, inFlight = 20, everyMs, total = Infinity, onAcknowledged } = options
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
    username: name,
    password: secret,
    reconnectPeriod: 100,
    connectTimeout: 2_000,
    clean: true,
    resubscribe: false,
  })
  client.on('error', () => undefined)
  const [acknowledged, waits]: [Set<number>, number[]] = [new Set(), []]
  let [sent, waiting, repeats, stopped] = [0, 0, 0, false]
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => (finish = resolve))

  const publish = (number: number): void => {
    const from = performance.now()
    let told = false
    const settled = (error: unknown): void => {
      if (told) return
      told = true
      if (error) return void setTimeout(() => stopped || publish(number), 50)
      waits.push(performance.now() - from)
      acknowledged.add(number)
      waiting -= 1
      onAcknowledged?.(number, logger)
      if (acknowledged.size >= total) finish()
      else if (everyMs === undefined) fill()
    }
    client.publish(`devices/${name}/readings`, payloadOf(number), { qos: 1 }, settled)
  }
  const fill = (): void => {
    for (; !stopped && waiting < inFlight && sent < total; waiting += 1) publish((sent += 1))
  }
  const one = (): void => {
    if (waiting >= inFlight || sent >= total) return
    waiting += 1
    publish((sent += 1))
  }
  client.on('close', () => (repeats += waiting))
  const timer = everyMs === undefined ? null : setInterval(one, everyMs)
  const logger: Logger = {
    acknowledged,
    sent: () => sent,
    repeats: () => repeats,
    waits,
    finished,
    cut: () => client.stream.destroy(),
    stop: () => {
      stopped = true
      if (timer !== null) clearInterval(timer)
      client.end(true)
    },
  }
  started.add(logger)
  if (timer === null) client.once('connect', fill)
  return logger
}

/** The value below which a share of some figures lies; NaN of none. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}
