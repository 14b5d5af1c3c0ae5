import { connectFleet, type FleetLines } from './connect-fleet.ts'
import type { Timers } from './device-client.ts'
import { SendingStopped } from './errors.ts'
import { isSystemFault, type SystemChange, type SystemFaultType, type SystemHands } from './faults/system.ts'
import type { LineChange, Simulation, SimulationStep } from './simulation.ts'
import type { Transmission } from './logger/wire.ts'
import type { TruthEnd, TruthEntry } from './truth/truth.ts'
import type { TruthWriter } from './truth/write.ts'
import { watchStillness } from './stillness.ts'
import { usualAnswerMs } from './unanswered.ts'

export interface SimulateOrder {
  simulation: Simulation
  /** MQTT address, e.g. mqtt://127.0.0.1:1883 */
  url: string
  /** Field protocol -> `host:port` of its gateway; left out: no device speaks one. */
  field?: ReadonlyMap<string, string>
  timers: Timers
  /** A line of MQTT on which a message is not acknowledged for so long is broken, and it is sent again, ms; default 30 s. */
  answerWithinMs?: number
  /** Device -> secret, as the server gave them for this run. */
  secrets: ReadonlyMap<string, string>
  /** Simulated seconds a second; `max` = as fast as the server acknowledges. */
  speed: number | 'max'
  /** Null = nobody asked for the truth. */
  truth: TruthWriter | null
  /** Does what the scenario orders to the system under test; null = nobody can. */
  hands: SystemHands | null
  /** Moves the clock of the run on the server, epoch ms. */
  clock: (at: number) => Promise<void>
  now: () => number
  sleep: (ms: number) => Promise<void>
  onStep?: (progress: SimulateProgress) => void
  /** Ends the simulation after the step in hand, or in its midst when nothing of that is acknowledged any more. */
  stop?: AbortSignal
}

export interface SimulateProgress {
  /** Moment of the simulation up to which all is acknowledged, epoch ms. */
  at: number
  messages: number
  /** Values in them, and those of them that the server has acknowledged. */
  values: number
  acknowledged: number
  /** Times that a device logged in again after its line was cut. */
  rejoined: number
  /** Times that no answer came in time, and a message was sent again. */
  unanswered: number
  /** Faults of the system that were done to it. */
  illTreated: number
  /** Lines of the truth, when it is written. */
  truth: TruthEnd | null
}

const minute = 60_000
/** The clock of the run moves every quarter of an hour. */
const tickMs = 15 * minute

/**
 * Runs a simulation over the real wires (MQTT with QoS 1, HJ 212, SL 651), one login a device, in lock-step: all of a step of five minutes is
 * acknowledged before the next begins. At a speed, each message leaves at its own moment. Which messages there are, and the truth, depend on the
 * simulation alone, not on the speed. One that is stopped in the midst of a step has no truth to its end. Rejects with ReplayRefused when the
 * server does not let a device in, with ServerSilent when it acknowledges nothing, with ServerAway when it is not there.
 */
export async function simulate(order: SimulateOrder): Promise<SimulateProgress> {
  const progress: SimulateProgress = {
    ...{ at: 0, messages: 0, values: 0, acknowledged: 0, rejoined: 0, unanswered: 0, illTreated: 0, truth: null },
  }
  await send(order, progress).catch((error: unknown) => {
    if (!(error instanceof SendingStopped)) throw error
  })
  return progress
}

async function send(order: SimulateOrder, progress: SimulateProgress): Promise<void> {
  const { simulation, hands, stop } = order
  const { answerWithinMs = usualAnswerMs, field = new Map<string, string>() } = order
  const away = new Set<SystemFaultType>()
  const isHidden = (): boolean => away.has('broker-away') || away.has('sigkill')
  const connections = await connectFleet({ ...order, network: simulation.network, field, answerWithinMs, isHidden })
  const wires: Wires = {
    ...{ connections, progress, hands, away, wait: createPace(order), waiting: [], cut: new Set(), cutLater: new Set() },
  }
  const stillness =
    stop &&
    watchStillness(stop, { timers: order.timers, acknowledged: () => progress.acknowledged, giveUp: connections.giveUp.bind(connections) })
  try {
    await play(order, wires)
  } finally {
    stillness?.end()
    for (const type of away) await hands?.end(type)
    await connections.close()
  }
}

async function play({ simulation, truth, clock, hands, stop, onStep }: SimulateOrder, wires: Wires): Promise<void> {
  const { progress, connections } = wires
  let tickedAt = -Infinity
  // before any device with a clock that is ahead says what time it is
  await clock(Date.parse(simulation.header.start))
  let isWhole = true
  for (const step of simulation.steps()) {
    if (stop?.aborted) {
      isWhole = false
      break
    }
    await carry(step, wires)
    await truth?.write(step.truth.map((entry) => asDone(entry, hands)))
    progress.at = step.at
    progress.unanswered = connections.unanswered()
    if (step.at - tickedAt >= tickMs - minute) await clock((tickedAt = step.at))
    onStep?.(progress)
  }
  progress.truth = (await truth?.end(isWhole ? undefined : progress.at)) ?? null
}

type Wait = (at: number) => Promise<void>

interface Wires {
  connections: FleetLines
  wait: Wait
  progress: SimulateProgress
  hands: SystemHands | null
  /** Faults of the system that go on: nobody is acknowledged while its ports are closed. */
  away: Set<SystemFaultType>
  /** What is sent and not acknowledged yet. */
  waiting: Promise<void>[]
  /** Devices without a line, and those that lost it while no port was open: there is none to break until one is. */
  cut: Set<string>
  cutLater: Set<string>
}

/**
 * Sends what leaves within a step, each at its moment, while lines break and come back and the system is ill-treated. Resolves when all is
 * acknowledged; what was on its way when the ports were closed goes along into the next steps.
 */
async function carry(step: SimulationStep, wires: Wires): Promise<void> {
  const { connections, wait, progress } = wires
  const doings: (Transmission | LineChange | SystemChange)[] = [...step.system, ...step.lines, ...step.messages].sort((a, b) => a.at - b.at)
  for (const doing of doings) {
    await wait(Math.min(doing.at, step.at))
    if ('fault' in doing) await illTreat(doing, wires)
    else if ('isUp' in doing) await change(doing, wires)
    else {
      progress.messages += 1
      progress.values += doing.values
      expect(
        connections.send(doing).then(() => void (progress.acknowledged += doing.values)),
        wires,
      )
    }
  }
  await wait(step.at)
  await acknowledged(wires)
}

/** Whoever waits for all hears of a refusal, also when it came before he did. */
function expect(sent: Promise<void>, { waiting }: Wires): void {
  sent.catch(() => undefined)
  waiting.push(sent)
}

/** Everything that was sent, unless nobody can answer. */
async function acknowledged({ waiting, away }: Wires): Promise<void> {
  if (!away.has('broker-away')) await Promise.all(waiting.splice(0))
}

/** Does to the system what is ordered, in the midst of what is on its way. */
async function illTreat({ fault: { type }, begins }: SystemChange, wires: Wires): Promise<void> {
  const { hands, away, progress } = wires
  if (hands === null || hands.refuses(type) !== null) return
  if (begins) {
    away.add(type)
    progress.illTreated += 1
    await hands.begin(type)
    if (type === 'sigkill') away.delete(type)
    return
  }
  away.delete(type)
  await hands.end(type)
  if (type === 'broker-away') await cutNow(wires)
}

/** Breaks the lines that had no port to end at, once what was on its way before is through. */
async function cutNow(wires: Wires): Promise<void> {
  const { connections, cut, cutLater } = wires
  if (cutLater.size > 0) await acknowledged(wires)
  for (const device of cutLater) {
    cut.add(device)
    await connections.cut(device)
  }
  cutLater.clear()
}

const nobody = 'there was nobody to do it'

/** The truth knows what nobody could do. */
function asDone(entry: TruthEntry, hands: SystemHands | null): TruthEntry {
  if (entry.kind !== 'fault' || !isSystemFault(entry.type)) return entry
  const notDone = hands === null ? nobody : hands.refuses(entry.type)
  return notDone === null ? entry : { ...entry, notDone }
}

/** Breaks a line, when all that was sent before is through; brings one back while others send. */
async function change({ device, isUp }: LineChange, wires: Wires): Promise<void> {
  const { connections, progress, away, cut, cutLater } = wires
  if (isUp) {
    if (cutLater.delete(device) || !cut.delete(device)) return
    progress.rejoined += 1
    expect(connections.join(device), wires)
  } else if (away.has('broker-away')) cutLater.add(device)
  else {
    cut.add(device)
    await acknowledged(wires)
    await connections.cut(device)
  }
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
