import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import type { SystemHands } from '../../devices-sim/faults/system.ts'
import { simulate, type SimulateProgress } from '../../devices-sim/simulate.ts'
import type { Simulation } from '../../devices-sim/simulation.ts'
import { createTruthWriter } from '../../devices-sim/truth/write.ts'
import { realWorld } from '../clock.ts'
import type { ApiClient } from '../commands/client.ts'

export interface Sending {
  simulation: Simulation
  /** File of the truth, whose folder is made; null = nobody asked for it. */
  truth: string | null
  /** Simulated seconds a second; `max` = as fast as the server acknowledges. */
  speed: number | 'max'
  /** Field protocol -> `host:port` of its gateway; left out: none that the simulation speaks. */
  field?: ReadonlyMap<string, string>
  /** Does to the server what the scenario orders; left out: nobody can. */
  hands?: SystemHands | null
  /** A line of MQTT on which a message is not acknowledged for so long is broken, ms; left out: 30 s. */
  answerWithinMs?: number
  /** Called when the server has the run, before anything is sent; left out: nobody. */
  onBegun?: () => Promise<void>
  /** Told after each step of five minutes. */
  onStep: (progress: SimulateProgress) => void
  /** Ends it: what is left of the step in hand goes out at once, and the truth ends there; a server that takes no more ends it in the midst. */
  stop: AbortSignal
}

/** A day of the world at a time: some hundredths of a second for sixty stations, a second for two thousand. */
const warmUpSteps = 288

/**
 * Makes the run of a simulation on a server and sends all of it there. What rained before its start comes first, so that no device is logged
 * in and silent for the minutes that it takes with thousands of stations (a broker ends such connections), and in pieces, between which it
 * can be stopped: then nothing is sent. Rejects where the server refuses.
 */
export async function sendSimulation(
  client: Pick<ApiClient, 'mqtt' | 'send'>,
  { simulation, truth, speed, field = new Map(), hands = null, answerWithinMs, onBegun, onStep, stop }: Sending,
): Promise<SimulateProgress> {
  while (!simulation.warmUp(warmUpSteps)) {
    if (stop.aborted) return nothingSent
    await nextTurn()
  }
  const { file, header } = simulation
  const { run } = header
  const order = { run, network: file, clock: 'run' }
  const { secrets } = await client.send<{ secrets: { device: string; secret: string }[] }>('POST', '/api/v1/runs', order)
  await onBegun?.()
  if (truth !== null) mkdirSync(path.dirname(path.resolve(truth)), { recursive: true })
  return simulate({
    simulation,
    hands,
    field,
    timers: realWorld.timers,
    ...(answerWithinMs !== undefined && { answerWithinMs }),
    url: client.mqtt,
    secrets: new Map(secrets.map(({ device, secret }) => [device, secret])),
    speed,
    truth: truth === null ? null : await createTruthWriter(truth, header),
    clock: async (at) => void (await client.send('POST', `/api/v1/runs/${run}/clock`, { at })),
    now: () => performance.now(),
    sleep: (ms) => wait(ms, undefined, { signal: stop }).catch(() => undefined),
    stop,
    onStep,
  })
}

const nothingSent: SimulateProgress = {
  ...{ at: 0, messages: 0, values: 0, acknowledged: 0, rejoined: 0, unanswered: 0, illTreated: 0, truth: null },
}
