import { connectDevices, type ReplayConnections } from './replay/connections.ts'
import type { LineChange, Simulation, SimulationStep } from './simulation.ts'
import type { Transmission } from './logger/wire.ts'
import type { TruthEnd } from './truth/truth.ts'
import type { TruthWriter } from './truth/write.ts'

export interface SimulateOrder {
  simulation: Simulation
  /** MQTT address, e.g. mqtt://127.0.0.1:1883 */
  url: string
  /** Device -> secret, as the server gave them for this run. */
  secrets: ReadonlyMap<string, string>
  /** Simulated seconds a second; `max` = as fast as the server acknowledges. */
  speed: number | 'max'
  /** Null = nobody asked for the truth. */
  truth: TruthWriter | null
  /** Moves the clock of the run on the server, epoch ms. */
  clock: (at: number) => Promise<void>
  now: () => number
  sleep: (ms: number) => Promise<void>
  onStep?: (progress: SimulateProgress) => void
  /** True ends the simulation after the step in hand. */
  stopped?: () => boolean
}

export interface SimulateProgress {
  /** Moment of the simulation up to which all is acknowledged, epoch ms. */
  at: number
  messages: number
  /** Values in them. */
  values: number
  /** Times that a device logged in again after its line was cut. */
  rejoined: number
  /** Lines of the truth, when it is written. */
  truth: TruthEnd | null
}

const minute = 60_000
/** The clock of the run moves every quarter of an hour. */
const tickMs = 15 * minute

/**
 * Runs a simulation over real MQTT, one login a device, QoS 1, in lock-step: all of a step of five minutes is acknowledged before the next
 * begins. At a speed, each message leaves at its own moment. Which messages there are, and the truth, depend on the simulation alone, not on the
 * speed. Rejects with ReplayRefused when the server does not let a device in.
 */
export async function simulate(order: SimulateOrder): Promise<SimulateProgress> {
  const { simulation, truth, clock } = order
  const connections = await connectDevices(order.url, order.secrets)
  const progress: SimulateProgress = { at: 0, messages: 0, values: 0, rejoined: 0, truth: null }
  const wires: Wires = { connections, wait: createPace(order), progress }
  let tickedAt = -Infinity
  try {
    for (const step of simulation.steps()) {
      if (order.stopped?.()) break
      await carry(step, wires)
      await truth?.write(step.truth)
      progress.at = step.at
      if (step.at - tickedAt >= tickMs - minute) await clock((tickedAt = step.at))
      order.onStep?.(progress)
    }
    progress.truth = (await truth?.end()) ?? null
  } finally {
    await connections.close()
  }
  return progress
}

type Wait = (at: number) => Promise<void>

interface Wires {
  connections: ReplayConnections
  wait: Wait
  progress: SimulateProgress
}

/** Sends what leaves within a step, each at its moment, while lines break and come back. Resolves when all is acknowledged. */
async function carry(step: SimulationStep, wires: Wires): Promise<void> {
  const { connections, wait, progress } = wires
  const doings: (Transmission | LineChange)[] = [...step.lines, ...step.messages].sort((a, b) => a.at - b.at)
  const waiting: Promise<void>[] = []
  for (const doing of doings) {
    await wait(Math.min(doing.at, step.at))
    if ('isUp' in doing) await change(doing, waiting, wires)
    else {
      waiting.push(connections.send(doing.device, doing.topic, doing.payload))
      progress.messages += 1
      progress.values += doing.values
    }
  }
  await wait(step.at)
  await Promise.all(waiting)
}

/** Breaks a line, when all that was sent before is through; brings one back while others send. */
async function change({ device, isUp }: LineChange, waiting: Promise<void>[], { connections, progress }: Wires): Promise<void> {
  if (isUp) {
    progress.rejoined += 1
    waiting.push(connections.join(device))
    return
  }
  await Promise.all(waiting)
  await connections.cut(device)
}

/** Waits until a moment of the simulation is due. */
function createPace({ speed, now, sleep, simulation: { liveAt } }: SimulateOrder): Wait {
  if (speed === 'max') return () => Promise.resolve()
  let begun: number | null = null
  return async (at) => {
    if (at < liveAt) return
    begun ??= now()
    const ms = begun + (at - liveAt) / speed - now()
    if (ms > 1) await sleep(ms)
  }
}
