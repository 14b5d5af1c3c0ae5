import { LatencyHistogram } from './histogram.ts'
import type { LoadEnd } from './generator.ts'
import type { LoadTick, Phase } from './order.ts'

export interface LatencyNote {
  /** ms; null when nothing was acknowledged. */
  p50: number | null
  p99: number | null
  p999: number | null
}

export interface SecondNote extends LatencyNote {
  second: number
  offered: number
  acknowledged: number
  connected: number
}

export interface PhaseNote extends LatencyNote {
  /** Offered a second as ordered, and what was acknowledged a second. */
  perSecond: number
  acknowledgedPerSecond: number
}

/** What a load came to, all processes together. Latencies count from when a message was due. */
export interface LoadReport {
  devices: number
  processes: number
  seconds: number
  offered: number
  acknowledged: number
  unacknowledged: number
  acknowledgedPerSecond: number
  resent: number
  broken: number
  strange: number
  behindMs: number
  latencyMs: LatencyNote
  /** Empty when there is one pace for all the time. */
  phases: PhaseNote[]
  timeline: SecondNote[]
}

/** Puts what the processes tell second by second together. */
export class LoadLedger {
  readonly #seconds = new Map<number, { ticks: LoadTick[] }>()

  add(tick: LoadTick): void {
    const second = this.#seconds.get(tick.second)
    if (second) second.ticks.push(tick)
    else this.#seconds.set(tick.second, { ticks: [tick] })
  }

  /** What processes have told of a second; null = nothing. */
  second(second: number): SecondNote | null {
    const found = this.#seconds.get(second)
    return found ? secondOf(second, found.ticks) : null
  }

  /**
   * @param ends how each process ended
   * @param asked devices, and the phases of an open load
   * @param warmUpSeconds so many at the begin are left out of the latency: the code is still being compiled
   */
  report(ends: readonly LoadEnd[], asked: { devices: number; phases: readonly Phase[] }, warmUpSeconds = 0): LoadReport {
    const ticks = [...this.#seconds.values()].flatMap((second) => second.ticks)
    const sum = (read: (tick: LoadTick) => number): number => ticks.reduce((all, tick) => all + read(tick), 0)
    const [offered, acknowledged] = [sum((tick) => tick.offered), sum((tick) => tick.acknowledged)]
    const seconds = Math.max(0, ...ends.map((end) => end.seconds))
    return {
      devices: asked.devices,
      processes: ends.length,
      seconds,
      offered,
      acknowledged,
      unacknowledged: offered - acknowledged,
      acknowledgedPerSecond: seconds > 0 ? acknowledged / seconds : 0,
      resent: sum((tick) => tick.resent),
      broken: sum((tick) => tick.broken),
      strange: sum((tick) => tick.strange),
      behindMs: Math.max(0, ...ticks.map((tick) => tick.behindMs)),
      latencyMs: latencyOf(ticks.filter((tick) => tick.second >= warmUpSeconds)),
      phases: asked.phases.length > 1 ? phasesOf(ticks, asked.phases) : [],
      timeline: [...this.#seconds].sort(([a], [b]) => a - b).map(([second, found]) => secondOf(second, found.ticks)),
    }
  }
}

function secondOf(second: number, ticks: readonly LoadTick[]): SecondNote {
  const sum = (read: (tick: LoadTick) => number): number => ticks.reduce((all, tick) => all + read(tick), 0)
  return {
    second,
    offered: sum((tick) => tick.offered),
    acknowledged: sum((tick) => tick.acknowledged),
    connected: sum((tick) => tick.connected),
    ...latencyOf(ticks),
  }
}

function latencyOf(ticks: readonly LoadTick[]): LatencyNote {
  const all = new LatencyHistogram()
  for (const tick of ticks) all.add(tick.latency)
  return { p50: all.percentile(50), p99: all.percentile(99), p999: all.percentile(99.9) }
}

function phasesOf(ticks: readonly LoadTick[], phases: readonly Phase[]): PhaseNote[] {
  let from = 0
  return phases.map(({ perSecond, ms }) => {
    const until = from + ms / 1000
    const own = ticks.filter(({ second }) => second >= from && second < until)
    from = until
    const acknowledged = own.reduce((sum, tick) => sum + tick.acknowledged, 0)
    return { perSecond, acknowledgedPerSecond: (acknowledged * 1000) / ms, ...latencyOf(own) }
  })
}
