import type { ChildProcess } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import type { RunDesk, SimulatorDesk } from '../../api/parts.ts'
import type { SimulationDetail, SimulationNote, SimulationRequest, SimulatorState } from '../../api/schemas/simulation.ts'
import { faultTypes } from '../../devices-sim/faults/fault.ts'
import type { Scenario } from '../../devices-sim/scenarios/scenario.ts'
import { runId } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import type { LiveNews, Outcome, ProcessServer } from './channel.ts'
import { startChild, type SimulationChild } from './child.ts'
import type { SimulationRecords } from './records.ts'
import { faultNotes, fullRequest, noteOf, type FullRequest } from './wish.ts'

export interface SimulatorParts {
  /** Those that come with the program; asked for once, when somebody wants to see them. */
  scenarios: () => readonly Scenario[]
  records: SimulationRecords
  /** Where the process finds this server. */
  server: () => ProcessServer
  /** Starts a process that serves an order (`simulationProcess`) over its channel. */
  fork: () => ChildProcess
  runs: Pick<RunDesk, 'remove'>
  /** Whether a network or a run has that name. */
  isTaken: (run: string) => boolean
  graceMs: number
  now: () => number
  onTrouble: (doing: string, error: unknown) => void
}

interface Running {
  note: SimulationNote
  child: SimulationChild
  /** Resolves when its record is written. */
  kept: Promise<SimulationNote>
  /** How it is to be called when it ends early; null = nobody ended it. */
  endedAs: 'stopped' | 'interrupted' | null
  savedAt: number
  /** Truth against warnings so far; null = nothing yet. */
  live: LiveNews | null
}

/** Past simulations that are kept. */
const keeps = 20
const stopPatienceMs = 20_000
const saveEveryMs = 5_000

/** What ran when the server was killed is interrupted, whatever its record says. */
export async function markInterrupted(records: SimulationRecords, now: number): Promise<void> {
  for (const note of records.notes()) {
    if (note.state !== 'running') continue
    const simulation = { ...note, state: 'interrupted' as const, phase: null, endedAt: now }
    const kept = (await records.read(note.run)) ?? { score: null, strip: null, live: null, places: null }
    await records.put({ ...kept, simulation })
  }
}

/** Plays scenarios against this server, one at a time, each in a process of its own. */
export class Simulator implements SimulatorDesk {
  readonly #parts: SimulatorParts
  readonly #faults = faultNotes()
  #scenarios: readonly Scenario[] | null = null
  #running: Running | null = null
  #isStarting = false

  constructor(parts: SimulatorParts) {
    this.#parts = parts
  }

  state(): SimulatorState {
    const running = this.#running?.note ?? null
    return { scenarios: this.#known().map(noteOf), faults: this.#faults, running, past: this.#past(), keeps }
  }

  async find(run: string): Promise<SimulationDetail | null> {
    const running = this.#running
    if (running?.note.run === run) return detailOf(running)
    return this.#parts.records.read(run)
  }

  async start(request: SimulationRequest, by: string): ReturnType<SimulatorDesk['start']> {
    if (this.#running || this.#isStarting) return { kind: 'busy', problem: busy(this.#running) }
    const scenario = this.#known().find(({ id }) => id === request.scenario)
    if (scenario === undefined) return { kind: 'wrong', problem: noScenario(request.scenario, this.#known()) }
    const problem = noFault(request)
    if (problem !== null) return { kind: 'wrong', problem }
    this.#isStarting = true
    try {
      return { started: await this.#begin(scenario, request, by) }
    } finally {
      this.#isStarting = false
    }
  }

  async stop(run: string): Promise<SimulationNote | null> {
    const running = this.#running
    if (running?.note.run !== run) return null
    running.endedAs = 'stopped'
    running.child.stop(stopPatienceMs)
    return running.kept
  }

  async remove(run: string): ReturnType<SimulatorDesk['remove']> {
    if (this.#running?.note.run === run) return 'running'
    if (!this.#past().some((note) => note.run === run)) return 'unknown'
    await this.#remove(run)
    return 'removed'
  }

  async truth(run: string): ReturnType<SimulatorDesk['truth']> {
    const note = this.#past().find((one) => one.run === run)
    const file = this.#parts.records.truthFile(run)
    return note?.truth && existsSync(file) ? createReadStream(file) : null
  }

  /** Ends what runs; it is interrupted then. Resolves when its process is gone. */
  async close(): Promise<void> {
    if (!this.#running) return
    this.#running.endedAs = 'interrupted'
    this.#running.child.kill()
    await this.#running.kept
  }

  #known(): readonly Scenario[] {
    return (this.#scenarios ??= this.#parts.scenarios())
  }

  #past(): SimulationNote[] {
    return this.#parts.records.notes().filter(({ run }) => run !== this.#running?.note.run)
  }

  async #remove(run: string): Promise<void> {
    await this.#parts.runs.remove(runId(run))
    await this.#parts.records.remove(run)
  }

  async #begin(scenario: Scenario, request: SimulationRequest, by: string): Promise<SimulationNote> {
    const { records, now } = this.#parts
    for (const { run } of this.#past().slice(keeps - 1)) await this.#remove(run)
    const full = fullRequest(scenario, request, freeName(this.#parts, `${scenario.id}-${request.seed}`), now())
    const note = noteAtStart(scenario, full, by, now())
    await records.put({ simulation: note, score: null, strip: null, live: null, places: null })
    const running = play(this.#parts, full, note)
    this.#running = running
    void running.kept.then(() => (this.#running = null))
    return note
  }
}

/** Starts the process of a simulation and keeps its record up to date until it ends. */
function play({ fork, server, records, graceMs, now, onTrouble }: SimulatorParts, request: FullRequest, note: SimulationNote): Running {
  const order = { request, server: server(), truth: records.truthFile(note.run), graceMs }
  const put = (detail: SimulationDetail): Promise<void> =>
    records.put(detail).catch((error: unknown) => onTrouble(`keeping the simulation ${note.run}`, error))
  const child = startChild(fork(), order, (told) => {
    if ('live' in told) one.live = told.live
    else one.note = { ...one.note, ...told }
    if (now() - one.savedAt < saveEveryMs) return
    one.savedAt = now()
    void put(detailOf(one))
  })
  const kept = child.ended.then(async (end) => {
    one.note = { ...one.note, ...ending(end, one.endedAs), phase: null, endedAt: now() }
    const outcome = 'outcome' in end && end.outcome.score !== null ? end.outcome : null
    await put(outcome === null ? detailOf(one) : { ...detailOf(one), ...pick(outcome), live: null })
    return one.note
  })
  const one: Running = { note, child, kept, endedAs: null, savedAt: now(), live: null }
  return one
}

const pick = ({ score, strip, places }: Outcome): Pick<SimulationDetail, 'score' | 'strip' | 'places'> => ({ score, strip, places })

/** Without a score: what is known so far. */
const detailOf = ({ note, live }: Pick<Running, 'note' | 'live'>): SimulationDetail => ({
  ...{ simulation: note, score: null, strip: null },
  ...{ live: live?.truth ?? null, places: live?.places ?? null },
})

/** What the end of its process makes of a simulation. */
function ending(end: { outcome: Outcome } | { failed: string }, endedAs: Running['endedAs']): Partial<SimulationNote> {
  // what was counted so far stands
  if ('failed' in end) return { state: endedAs ?? 'failed', problem: endedAs === null ? end.failed : null }
  const { account, truth, score } = end.outcome
  return { state: score === null ? (endedAs ?? 'stopped') : 'done', account, truth, figures: score?.figures ?? null }
}

const noteAtStart = ({ title }: Scenario, request: FullRequest, by: string, now: number): SimulationNote => ({
  ...{ run: request.run, scenario: request.scenario, title, seed: request.seed, stations: request.stations, speed: request.speed },
  ...{ start: request.startAt, end: request.startAt + request.lastsMs, faults: request.faults },
  ...{ state: 'running', phase: 'starting', problem: null, by, startedAt: now, endedAt: null },
  progress: { at: null, messages: 0, values: 0, acknowledged: 0, rejoined: 0 },
  ...{ account: null, truth: null, figures: null },
})

/** The name, or with a number behind it the first that nothing has. */
function freeName({ records, isTaken }: SimulatorParts, wanted: string): string {
  for (let nth = 1; ; nth += 1) {
    const name = nth === 1 ? wanted : `${wanted}-${nth}`
    if (!isTaken(name) && !records.has(name)) return name
  }
}

const busy = (running: Running | null): string =>
  running === null
    ? 'Another simulation is just being started; one runs at a time.'
    : `The simulation ${running.note.run} runs, and one runs at a time: wait for its end, or stop it.`

const noScenario = (wanted: string, scenarios: readonly Scenario[]): string => {
  const names = scenarios.map(({ id }) => id)
  return `There is no scenario ${JSON.stringify(wanted)}${hint(wanted, names)}; these are ${names.join(', ')}.`
}

function noFault({ faults }: SimulationRequest): string | null {
  const unknown = faults?.more.find((type) => !(faultTypes as readonly string[]).includes(type))
  if (unknown === undefined) return null
  return `There is no fault ${JSON.stringify(unknown)}${hint(unknown, faultTypes)}; these are ${faultTypes.join(', ')}.`
}
