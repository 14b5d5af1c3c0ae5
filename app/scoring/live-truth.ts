import type { LiveTruth, StripPlaces, TruthStrip } from '../../api/schemas/simulation-score.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import { toleranceMs } from '../../devices-sim/score/matching.ts'
import { warningScores } from '../../devices-sim/score/warnings.ts'
import type { SeenWarning } from '../../devices-sim/score/seen.ts'
import type { Simulation, SimulationStep } from '../../devices-sim/simulation.ts'
import type { TruthEvent, TruthFault } from '../../devices-sim/truth/truth.ts'
import { wordsOf } from '../../domain/network-stations.ts'
import { seenWarning } from './seen-warning.ts'
import { stripOf } from './truth-strip.ts'

interface FaultTally {
  struck: number
  /** When those end that go on. */
  until: number[]
}

/** What is true up to the clock of a simulation, held against what was warned of up to now. */
export class LiveTruthWatch {
  readonly #simulation: Pick<Simulation, 'file' | 'ongoing'>
  readonly #over: TruthEvent[] = []
  readonly #faults = new Map<string, FaultTally>()
  #ongoing: readonly TruthEvent[] = []
  #at: number

  constructor(simulation: Pick<Simulation, 'file' | 'header' | 'ongoing'>) {
    this.#simulation = simulation
    this.#at = Date.parse(simulation.header.start)
  }

  /** The same steps; what became known in one is looked at when whoever takes them asks for the next, that is when all of it is acknowledged. */
  *follow(steps: Iterable<SimulationStep>): Generator<SimulationStep, void> {
    for (const step of steps) {
      yield step
      this.#see(step)
    }
  }

  #see({ at, truth }: SimulationStep): void {
    this.#at = at
    for (const entry of truth) {
      if (entry.kind === 'event' && isShown(entry)) this.#over.push(entry)
      else if (entry.kind === 'fault') this.#strike(entry)
    }
    for (const tally of this.#faults.values()) tally.until = tally.until.filter((to) => to > at)
    this.#ongoing = this.#simulation.ongoing().filter(isShown)
  }

  #strike({ type, to }: TruthFault): void {
    const tally = this.#faults.get(type) ?? { struck: 0, until: [] }
    this.#faults.set(type, { struck: tally.struck + 1, until: [...tally.until, to] })
  }

  /** What is true so far beside what was warned of so far, matched as the score matches it at the end. */
  against(notes: readonly WarningNote[]): { truth: LiveTruth; places: StripPlaces } {
    const seen = new Map<SeenWarning, WarningNote>(notes.map((note) => [seenWarning(note), note]))
    const events = [...this.#over, ...this.#ongoing]
    const { matches } = warningScores(events, [...seen.keys()], { stations: 1, spanMs: 1, sentAt: () => null })
    const strip = this.#unended(stripOf({ ...matches, events }, seen))
    const faults = [...this.#faults].map(([type, { struck, until }]) => ({ type, struck, now: until.length }))
    return { truth: { at: this.#at, strip, faults }, places: placesOf(this.#simulation.file, strip) }
  }

  /** Events that go on have no end, and a warning of none may be early. */
  #unended(strip: TruthStrip): TruthStrip {
    const goingOn = new Set(this.#ongoing.map(keyOf))
    return {
      ...strip,
      events: strip.events.map((event) => (goingOn.has(keyOf(event)) ? { ...event, end: null } : event)),
      warnings: strip.warnings.map((one) =>
        one.verdict === 'false' && one.raisedAt + toleranceMs > this.#at ? { ...one, verdict: 'open' } : one,
      ),
    }
  }
}

/** Silences and crossings that a trend ought to forecast are scored apart, and stand in no strip. */
const isShown = ({ ruleKind }: TruthEvent): boolean => ruleKind === undefined

const keyOf = ({ rule, station, parameter, onset }: Pick<TruthEvent, 'rule' | 'station' | 'parameter' | 'onset'>): string =>
  [rule, station, parameter, onset].join(' ')

/** Names and clock of the stations in a strip. */
export function placesOf({ network, stations }: Simulation['file'], { events, warnings }: TruthStrip): StripPlaces {
  const told = new Set([...events, ...warnings].map(({ station }) => station))
  const names = stations.filter(({ id }) => told.has(id)).map(({ id, name }) => [id, wordsOf(name, id)] as const)
  return { zone: network.timeZone, names: Object.fromEntries(names) }
}
