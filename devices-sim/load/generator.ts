import { LatencyHistogram } from './histogram.ts'
import { Line } from './line.ts'
import { offer } from './pace.ts'
import type { LoadOrder, LoadTick } from './order.ts'

/** How a load ended in one process. */
export interface LoadEnd {
  offered: number
  acknowledged: number
  /** From the first message to the last acknowledgement. */
  seconds: number
}

/** Connections that log in at a time: servers let only so many strangers of one address in. */
const atATime = 10
const secondMs = 1_000
const noCounts = { offered: 0, acknowledged: 0, resent: 0, broken: 0, strange: 0, behindMs: 0 }

/** The load of one process. */
export class LoadGenerator {
  readonly #order: LoadOrder
  readonly #now: () => number
  readonly #lines: readonly Line[]
  readonly #latency = new LatencyHistogram()
  #tick = { ...noCounts }
  #offered = 0
  #acknowledged = 0
  #lastAt = 0
  #refill: (line: Line, acknowledged: number) => void = () => undefined
  #stopped = false

  /** @param now a clock that never goes back, ms */
  constructor(order: LoadOrder, now: () => number) {
    this.#order = order
    this.#now = now
    const events = {
      onAcknowledged: (latencyMs: number) => this.#latency.record(latencyMs),
      onRead: (line: Line, count: number) => this.#read(line, count),
      onResent: (count: number) => void (this.#tick.resent += count),
      onBroken: () => void (this.#tick.broken += 1),
      onStrange: () => void (this.#tick.strange += 1),
    }
    this.#lines = order.devices.map((device) => new Line({ order, device, events, now }))
  }

  /**
   * Opens all connections; `onOpened` is told how many are. `run` may have begun: when it is stopped, only those with something to send are
   * still opened. Rejects with LoadRefused, or when nobody listens.
   */
  async open(onOpened: (count: number) => void): Promise<void> {
    const waiting = this.#lines.values()
    let opened = 0
    const openNext = async (): Promise<void> => {
      for (const line of waiting) {
        if (this.#stopped && line.waiting === 0) continue
        await line.enter()
        onOpened(++opened)
      }
    }
    await Promise.all(Array.from({ length: atATime }, openNext))
  }

  /** Makes the load; resolves when everything is acknowledged, or nothing more has come for `drainMs`. */
  async run(onTick: (tick: LoadTick) => void): Promise<LoadEnd> {
    const begun = this.#now()
    let second = 0
    const ticks = setInterval(() => onTick(this.#takeTick(second++)), secondMs)
    const comings = this.#comeAndGo()
    try {
      await offer(this.#order.pace, {
        lines: this.#lines,
        now: this.#now,
        stopped: () => this.#stopped,
        ask: (line, count, due, stepMs) => this.#ask(line, count, due, stepMs),
        onRead: (refill) => (this.#refill = refill),
        behind: (ms) => (this.#tick.behindMs = Math.max(this.#tick.behindMs, ms)),
      })
      await this.#drain()
    } finally {
      clearInterval(ticks)
      clearInterval(comings)
    }
    onTick(this.#takeTick(second))
    return { offered: this.#offered, acknowledged: this.#acknowledged, seconds: (this.#lastAt - begun) / secondMs }
  }

  /** No more messages: `run` ends when those that wait are acknowledged. */
  stop(): void {
    this.#stopped = true
  }

  close(): void {
    for (const line of this.#lines) line.close()
  }

  #ask(line: Line, count: number, due: number, stepMs: number): void {
    const taken = line.send(count, due, stepMs)
    this.#offered += taken
    this.#tick.offered += taken
  }

  #read(line: Line, count: number): void {
    this.#acknowledged += count
    this.#tick.acknowledged += count
    this.#lastAt = this.#now()
    this.#refill(line, count)
  }

  #takeTick(second: number): LoadTick {
    const connected = this.#lines.reduce((sum, line) => sum + (line.isOpen ? 1 : 0), 0)
    const tick = { second, connected, ...this.#tick, latency: this.#latency.counts() }
    this.#latency.clear()
    this.#tick = { ...noCounts }
    return tick
  }

  /** Waits until everything is acknowledged, or nothing comes any more. */
  #drain(): Promise<void> {
    const begun = this.#now()
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const quietMs = this.#now() - Math.max(begun, this.#lastAt)
        if (this.#acknowledged < this.#offered && quietMs < this.#order.drainMs) return
        clearInterval(timer)
        resolve()
      }, 1)
    })
  }

  #comeAndGo(): NodeJS.Timeout | undefined {
    if (this.#order.comingsPerMinute <= 0) return undefined
    let next = 0
    return setInterval(() => this.#lines[next++ % this.#lines.length]?.leave(), 60_000 / this.#order.comingsPerMinute)
  }
}
