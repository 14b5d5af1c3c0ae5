import { statSync } from 'node:fs'
import type { SimulationNote } from '../../api/schemas/simulation.ts'
import type { SimulateProgress } from '../../devices-sim/simulate.ts'
import { account, settleRun } from '../commands/account.ts'
import { clientOf } from '../commands/client.ts'
import { heldAgainst, scoreDocument } from '../scoring/score-truth.ts'
import { stripOf } from '../scoring/truth-strip.ts'
import type { Outcome, ProcessOrder, ProcessTells, ProcessTold } from './channel.ts'
import { scenarioOf } from './scenarios.ts'
import { sendSimulation } from './send.ts'
import { simulationOf } from './wish.ts'

/** Simulates as the process that forked this one orders it; ends when it is done, and when that one is gone. */
export function simulationProcess(): Promise<void> {
  process.once('disconnect', () => process.exit())
  // Ctrl-C goes to the whole group: the server says when to stop
  process.on('SIGINT', () => undefined)
  const tell = (what: ProcessTells): void => void (process.connected && process.send?.(what))
  const stop = new AbortController()
  return new Promise((resolve) =>
    process.on('message', (told: ProcessTold) => {
      if ('stop' in told) return stop.abort()
      simulateAs(told.order, tell, stop.signal)
        .then((outcome) => tell({ outcome }))
        .catch((error: unknown) => tell({ failed: error instanceof Error ? error.message : String(error) }))
        .finally(() => {
          resolve()
          process.disconnect()
        })
    }),
  )
}

const tellEveryMs = 250

async function simulateAs(
  { request, server, truth, graceMs }: ProcessOrder,
  tell: (what: ProcessTells) => void,
  stop: AbortSignal,
): Promise<Outcome> {
  tell({ phase: 'starting' })
  const client = clientOf(server)
  const simulation = simulationOf(scenarioOf(request.scenario), request)
  let last: SimulateProgress | null = null
  const timer = setInterval(() => last && tell({ progress: progressOf(last) }), tellEveryMs)
  try {
    tell({ phase: 'sending' })
    const progress = await sendSimulation(client, { simulation, truth, speed: request.speed, stop, onStep: (now) => (last = now) })
    tell({ progress: progressOf(progress) })
    tell({ phase: 'settling' })
    if (!stop.aborted) await settleRun(client, request.run, simulation.endAt, graceMs)
    const result = await account(client, request.run, progress.values)
    const written = progress.truth && { ...progress.truth, bytes: statSync(truth).size }
    const brief = written && {
      events: written.events,
      crossings: written.crossings,
      faults: written.faults,
      readings: written.readings,
      bytes: written.bytes,
    }
    if (stop.aborted) return { account: result, truth: brief, score: null, strip: null }
    tell({ phase: 'scoring' })
    const { score, matches, notes } = await heldAgainst(client, truth)
    return { account: result, truth: brief, score: scoreDocument(score), strip: stripOf(matches, notes) }
  } finally {
    clearInterval(timer)
  }
}

const progressOf = ({ at, messages, values, rejoined }: SimulateProgress): SimulationNote['progress'] => ({
  at: at === 0 ? null : at,
  ...{ messages, values, rejoined },
})
