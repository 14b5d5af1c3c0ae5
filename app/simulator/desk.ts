import type { ChildProcess } from 'node:child_process'
import { createReadStream, existsSync } from 'node:fs'
import type { RunDesk, SimulationStarted, SimulatorDesk } from '../../api/parts.ts'
import type {
  LoadRequest,
  ReplayRequest,
  SimulationDetail,
  SimulationNote,
  SimulationRequest,
  SimulatorState,
} from '../../api/schemas/simulation.ts'
import type { Scenario } from '../../devices-sim/scenarios/scenario.ts'
import { runId } from '../../domain/ids.ts'
import type { Network } from '../../domain/network.ts'
import { freeName } from '../run-name.ts'
import type { ProcessServer } from './channel.ts'
import { detailOf, nothingYet, play, type Playing } from './playing.ts'
import { planLoad, planReplay, planScenario, type Plan } from './plans.ts'
import type { SimulationRecords } from './records.ts'
import { faultNotes, noteOf } from './wish.ts'

export interface SimulatorParts {
  /** Those that come with the program; asked for once, when somebody wants to see them. */
  scenarios: () => readonly Scenario[]
  records: SimulationRecords
  /** Where the process finds this server. */
  server: () => ProcessServer
  /** Starts a process that serves an order (`simulationProcess`) over its channel. */
  fork: () => ChildProcess
  runs: Pick<RunDesk, 'remove' | 'removed'>
  /** All networks of the server, those of runs too. */
  networks: () => readonly Network[]
  graceMs: number
  now: () => number
  onTrouble: (doing: string, error: unknown) => void
}

/** Past simulations that are kept. */
const keeps = 20
const stopPatienceMs = 20_000

/** What ran when the server was killed is interrupted, whatever its record says. */
export async function markInterrupted(records: SimulationRecords, now: number): Promise<void> {
  for (const note of records.notes()) {
    if (note.state !== 'running') continue
    const simulation = { ...note, state: 'interrupted' as const, phase: null, endedAt: now }
    await records.put({ ...nothingYet, ...(await records.read(note.run)), simulation })
  }
}

/** Plays scenarios, loads and replays against this server, one at a time, each in a process of its own. */
export class Simulator implements SimulatorDesk {
  readonly #parts: SimulatorParts
  readonly #faults = faultNotes()
  #scenarios: readonly Scenario[] | null = null
  #running: Playing | null = null
  #isStarting = false

  constructor(parts: SimulatorParts) {
    this.#parts = parts
  }

  state(): SimulatorState {
    const running = this.#running?.note ?? null
    const sources = this.#parts.networks().map(({ id, name, run }) => ({ network: id, name, run }))
    return { scenarios: this.#known().map(noteOf), faults: this.#faults, sources, running, past: this.#past(), keeps }
  }

  async find(run: string): Promise<SimulationDetail | null> {
    const running = this.#running
    return running?.note.run === run ? detailOf(running) : this.#parts.records.read(run)
  }

  start(request: SimulationRequest, by: string): Promise<SimulationStarted> {
    return this.#alone(() => planScenario(request, this.#known(), this.#parts.now()), by)
  }

  load(request: LoadRequest, by: string): Promise<SimulationStarted> {
    return this.#alone(() => planLoad(request, this.#parts.now()), by)
  }

  replay(request: ReplayRequest, by: string): Promise<SimulationStarted> {
    return this.#alone(() => this.#planReplay(request), by)
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

  #planReplay(request: ReplayRequest): Plan | string {
    const { networks, records, now } = this.#parts
    return planReplay(request, { networks: networks(), isPast: records.has, now: now() })
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

  /** Begins what is planned, unless something runs or nothing can be planned: then a sentence says why. */
  async #alone(make: () => Plan | string, by: string): Promise<SimulationStarted> {
    if (this.#running || this.#isStarting) return { kind: 'busy', problem: busy(this.#running) }
    const plan = make()
    if (typeof plan === 'string') return { kind: 'wrong', problem: plan }
    this.#isStarting = true
    try {
      return { started: await this.#begin(plan, by) }
    } finally {
      this.#isStarting = false
    }
  }

  /** A name of its own: of no network, no run that is there or was, and no record. */
  async #freeName(wanted: string): Promise<string> {
    const { records, networks, runs } = this.#parts
    const used = new Set([...networks().flatMap(({ id, run }) => [id, run]), ...(await runs.removed())])
    return freeName(wanted, (name) => used.has(name) || records.has(name))
  }

  async #begin(plan: Plan, by: string): Promise<SimulationNote> {
    const { records, server, graceMs, now } = this.#parts
    for (const { run } of this.#past().slice(keeps - 1)) await this.#remove(run)
    const run = await this.#freeName(plan.name)
    const note: SimulationNote = { ...atStart, ...plan.note, run, by, startedAt: now() }
    await records.put({ ...nothingYet, simulation: note })
    const order = { run, work: plan.workFor(run), server: server(), truth: records.truthFile(run), graceMs }
    const running = play(this.#parts, order, note)
    this.#running = running
    void running.kept.then(() => (this.#running = null))
    return note
  }
}

const atStart: Omit<SimulationNote, keyof Plan['note'] | 'run' | 'by' | 'startedAt'> = {
  ...({ state: 'running', phase: 'starting' } as const),
  ...{ problem: null, endedAt: null, account: null, truth: null, figures: null },
  progress: { at: null, messages: 0, values: 0, acknowledged: 0, rejoined: 0 },
}

const busy = (running: Playing | null): string =>
  running === null
    ? 'Another simulation is just being started; one runs at a time.'
    : `The simulation ${running.note.run} runs, and one runs at a time: wait for its end, or stop it.`
