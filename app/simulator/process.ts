import { statSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { SimulationNote } from '../../api/schemas/simulation.ts'
import type { SimulateProgress } from '../../devices-sim/simulate.ts'
import { account, counted, settleRun } from '../commands/account.ts'
import { clientOf, type ApiClient } from '../commands/client.ts'
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
const accountEveryMs = 2_000

async function simulateAs(
  { request, server, truth, graceMs }: ProcessOrder,
  tell: (what: ProcessTells) => void,
  stop: AbortSignal,
): Promise<Outcome> {
  tell({ phase: 'starting' })
  const client = clientOf(server)
  const made = simulationOf(scenarioOf(request.scenario), request, Object.keys(server.field))
  const simulation = { ...made, steps: () => toldAtFirst(made.steps(), () => tell({ phase: 'sending' })) }
  let last: SimulateProgress | null = null
  const timer = setInterval(() => last && tell({ progress: progressOf(last) }), tellEveryMs)
  const sent = new AbortController()
  try {
    void tellAccounts(client, request.run, tell, sent.signal)
    const progress = await sendSimulation(client, {
      ...{ simulation, truth, speed: request.speed, stop },
      field: new Map(Object.entries(server.field)),
      onStep: (now) => (last = now),
    })
    sent.abort()
    tell({ progress: progressOf(progress) })
    tell({ phase: 'settling' })
    // its end is behind its last reading: an hour later every gauge would be called silent
    if (!stop.aborted) await settleRun(client, request.run, simulation.endAt - 1, graceMs)
    const result = await account(client, request.run, progress.values)
    tell({ account: result })
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
    sent.abort()
    clearInterval(timer)
  }
}

/** The basin is made, with all that rained there before, when its first step is. */
function* toldAtFirst<Step>(steps: Iterable<Step>, tell: () => void): Generator<Step, void> {
  let isFirst = true
  for (const step of steps) {
    if (isFirst) tell()
    isFirst = false
    yield step
  }
}

/** Tells every few seconds what became of the values so far, and the less often the longer the server needs to say it. */
async function tellAccounts(
  client: Pick<ApiClient, 'get'>,
  run: string,
  tell: (what: ProcessTells) => void,
  until: AbortSignal,
): Promise<void> {
  for (let pauseMs = accountEveryMs; !until.aborted;) {
    await wait(pauseMs, undefined, { signal: until }).catch(() => undefined)
    if (until.aborted) return
    const asked = performance.now()
    // a server that does not answer just now is asked again
    const account = await counted(client, run).catch(() => null)
    if (account !== null && !until.aborted) tell({ account })
    pauseMs = Math.max(accountEveryMs, 10 * (performance.now() - asked))
  }
}

const progressOf = ({ at, messages, values, rejoined }: SimulateProgress): SimulationNote['progress'] => ({
  at: at === 0 ? null : at,
  ...{ messages, values, rejoined },
})
