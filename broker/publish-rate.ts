import type { BrokerConfig } from './config.ts'

type PublishRateConfig = Pick<BrokerConfig, 'publishesPerSecond' | 'publishBurst' | 'maxConnections'>

export interface PublishRateParts {
  /** Epoch ms; may jump. */
  now: () => number
  perSecond: number
  /** Messages that may come at once after a pause. */
  burst: number
}

/**
 * The messages of one device, so many a second on average. Those beyond wait in order; while they do the broker reads no more of the
 * connection, so at most one read of it waits here and the rest in the sender.
 */
export class PublishRate {
  readonly #parts: PublishRateParts
  readonly #waiting: (() => void)[] = []
  #tokens: number
  #filledAt: number

  constructor(parts: PublishRateParts) {
    this.#parts = parts
    this.#tokens = parts.burst
    this.#filledAt = parts.now()
  }

  /** Takes the turn of one message; false = it is not its turn, and it must `wait`. */
  take(now: number): boolean {
    if (this.#waiting.length > 0) return false
    this.#fill(now)
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  /** Runs when it is the turn of the message. */
  wait(run: () => void): void {
    this.#waiting.push(run)
    if (this.#waiting.length === 1) this.#plan()
  }

  #fill(now: number): void {
    const elapsedMs = Math.max(0, now - this.#filledAt)
    this.#filledAt = now
    this.#tokens = Math.min(this.#parts.burst, this.#tokens + (elapsedMs * this.#parts.perSecond) / 1_000)
  }

  #plan(): void {
    const untilNextMs = ((1 - this.#tokens) * 1_000) / this.#parts.perSecond
    setTimeout(() => this.#release(), Math.max(1, untilNextMs)).unref()
  }

  #release(): void {
    this.#fill(this.#parts.now())
    const count = Math.min(this.#waiting.length, Math.floor(this.#tokens))
    this.#tokens -= count
    const released = this.#waiting.splice(0, count)
    if (this.#waiting.length > 0) this.#plan()
    for (const run of released) run()
  }
}

/** The rates of devices, kept over their reconnects and for all doors; the one that logged in longest ago is forgotten first. */
export function createPublishRates(now: () => number, config: PublishRateConfig): (device: string) => PublishRate {
  const parts: PublishRateParts = { now, perSecond: config.publishesPerSecond, burst: config.publishBurst }
  const rates = new Map<string, PublishRate>()
  return (device) => {
    const rate = rates.get(device) ?? new PublishRate(parts)
    rates.delete(device)
    rates.set(device, rate)
    if (rates.size > config.maxConnections) for (const oldest of rates.keys()) if (rates.delete(oldest)) break
    return rate
  }
}
