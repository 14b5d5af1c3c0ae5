import { statSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { SimulationNote } from '../../api/schemas/simulation.ts'
import type { SimulateProgress } from '../../devices-sim/simulate.ts'
import { account, counted, lookedAt, nothing, settleRun, since, type ValueAccount } from '../commands/account.ts'
import type { ApiClient } from '../commands/client.ts'
import { LiveTruthWatch, placesOf } from '../scoring/live-truth.ts'
import { heldAgainst, scoreDocument } from '../scoring/score-truth.ts'
import { stripOf } from '../scoring/truth-strip.ts'
import type { Outcome } from './channel.ts'
import { scenarioOf } from './scenarios.ts'
import { sendSimulation } from './send.ts'
import { simulationOf, type FullRequest } from './wish.ts'
import type { WorkParts } from './work.ts'

const tellEveryMs = 250
const accountEveryMs = 2_000

/** Plays a scenario over the real wires and holds the server against what was true; a stopped one has no score. */
export async function playScenario(request: FullRequest, { client, server, truth, graceMs, tell, stop }: WorkParts): Promise<Outcome> {
  const made = simulationOf(scenarioOf(request.scenario), request, Object.keys(server.field))
  const live = new LiveTruthWatch(made)
  const simulation = { ...made, steps: () => live.follow(toldAtFirst(made.steps(), () => tell({ phase: 'sending' }))) }
  let last: SimulateProgress | null = null
  const timer = setInterval(() => last && tell({ progress: progressOf(last) }), tellEveryMs)
  const sent = new AbortController()
  try {
    let before = nothing
    const looking = tellLive(client, { run: request.run, before: () => before, live, tell, until: sent.signal })
    const progress = await sendSimulation(client, {
      onBegun: async () => void (before = await counted(client, request.run)),
      ...{ simulation, truth, speed: request.speed, stop },
      field: new Map(Object.entries(server.field)),
      onStep: (now) => (last = now),
    })
    sent.abort()
    tell({ progress: progressOf(progress) })
    tell({ phase: 'settling' })
    await looking
    // its end is behind its last reading: an hour later every gauge would be called silent
    if (!stop.aborted) await settleRun(client, request.run, simulation.endAt - 1, graceMs)
    const result = await account(client, request.run, progress.values, before)
    tell({ account: result })
    const brief = briefOf(progress, truth)
    if (stop.aborted) {
      tell({ live: live.against((await lookedAt(client, request.run)).warnings) })
      return { account: result, truth: brief, figures: null, isDone: false, results: {} }
    }
    tell({ phase: 'scoring' })
    const { score, matches, notes } = await heldAgainst(client, truth)
    const [document, strip] = [scoreDocument(score), stripOf(matches, notes)]
    const results = { score: document, strip, places: placesOf(made.file, strip) }
    return { account: result, truth: brief, figures: document.figures, isDone: true, results }
  } finally {
    sent.abort()
    clearInterval(timer)
  }
}

/** What the truth file holds; null when it was not written to its end. */
function briefOf({ truth: written }: SimulateProgress, file: string): Outcome['truth'] {
  if (written === null) return null
  const { events, crossings, faults, readings } = written
  return { events, crossings, faults, readings, bytes: statSync(file).size }
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

interface Looking {
  run: string
  /** What devices of these names had sent before the run began. */
  before: () => ValueAccount
  live: LiveTruthWatch
  tell: WorkParts['tell']
  until: AbortSignal
}

/**
 * Tells every few seconds what became of the values so far and what was warned of beside what is true, and the less often the longer the
 * server needs to say it. The truth comes from this process, which makes it: the server only keeps what it is told for those who look.
 */
async function tellLive(client: Pick<ApiClient, 'get'>, { run, before, live, tell, until }: Looking): Promise<void> {
  for (let pauseMs = accountEveryMs; !until.aborted;) {
    await wait(pauseMs, undefined, { signal: until }).catch(() => undefined)
    if (until.aborted) return
    const asked = performance.now()
    // a server that does not answer just now is asked again
    const seen = await lookedAt(client, run).catch(() => null)
    if (seen !== null) {
      if (!until.aborted) tell({ account: since(before(), seen.account) })
      tell({ live: live.against(seen.warnings) })
    }
    pauseMs = Math.max(accountEveryMs, 10 * (performance.now() - asked))
  }
}

const progressOf = ({ at, messages, values, acknowledged, rejoined }: SimulateProgress): SimulationNote['progress'] => ({
  at: at === 0 ? null : at,
  ...{ messages, values, acknowledged, rejoined },
})
