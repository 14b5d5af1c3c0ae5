import Type from 'typebox'
import { LoadNote } from './simulation-load.ts'
import { ReplayNote } from './simulation-replay.ts'
import { LiveTruth, SimulationScore, StripPlaces, TruthStrip } from './simulation-score.ts'
import { Moment, nullable, Words } from './words.ts'

/** What can be rehearsed: a scenario that comes with the program. */
export const ScenarioNote = Type.Object({
  id: Type.String(),
  title: Words,
  about: Words,
  lastsMs: Type.Integer({ description: 'As long as it is when nothing else is said' }),
  stations: Type.Integer({ description: 'Stations of its basin when nothing else is said' }),
  speed: Type.Union([Type.Number(), Type.Literal('max')], { description: 'At which it is usually played' }),
  faults: Type.Array(Type.String(), { description: 'Types of faults that it has by itself' }),
  leftOut: Type.Array(Type.String(), { description: 'What it does to the server itself, which only the command line can do' }),
})
export type ScenarioNote = Type.Static<typeof ScenarioNote>

/** A type of fault that can be ordered. */
export const FaultNote = Type.Object({
  type: Type.String(),
  at: Type.Enum(['value', 'clock', 'wire', 'line'], {
    description: 'Where in the chain: the instrument, or clock, wire and line of the device',
  }),
})
export type FaultNote = Type.Static<typeof FaultNote>

const asFast = Type.Union([Type.Number({ minimum: 1, maximum: 1_000 }), Type.Literal('max')])

export const FaultWish = Type.Object(
  {
    factor: Type.Number({ minimum: 0, maximum: 10, default: 1, description: "Times the scenario's own faults: 0 leaves them out" }),
    more: Type.Array(Type.String(), { maxItems: 100, default: [], description: 'Types of faults that happen besides' }),
    share: Type.Number({ minimum: 0, maximum: 1, default: 0.2, description: 'Share of the places that have them' }),
  },
  { additionalProperties: false },
)
export type FaultWish = Type.Static<typeof FaultWish>

/** Stations of a basin: no fewer hold a place for everything that a scenario may ask for. */
export const stationBounds = { minimum: 21, maximum: 10_000 }
/** Of a scenario: a leap year. */
export const mostHours = 24 * 366

/** Body of POST /simulator */
export const SimulationRequest = Type.Object(
  {
    scenario: Type.String({ maxLength: 40, description: 'One of GET /simulator' }),
    seed: Type.Integer({ minimum: 0, maximum: 999_999_999, default: 1, description: 'Begins all chance' }),
    stations: Type.Optional(
      Type.Integer({
        ...stationBounds,
        description: 'Left out: as the scenario says. With thousands the world takes minutes to be made before the first reading',
      }),
    ),
    speed: Type.Optional({ ...asFast, description: 'Simulated time against real time; max: as fast as acknowledged. Left out: as usual' }),
    start: Type.Optional(
      Type.Integer({
        minimum: 946_684_800_000,
        maximum: 4_102_444_800_000,
        description: 'First moment, epoch ms; left out: the 15th of the month of the scenario, last year',
      }),
    ),
    hours: Type.Optional(Type.Number({ minimum: 0.25, maximum: mostHours, description: 'Left out: as the scenario says' })),
    faults: Type.Optional(FaultWish),
  },
  { additionalProperties: false, examples: [{ scenario: 'flood', seed: 1, speed: 60 }] },
)
export type SimulationRequest = Type.Static<typeof SimulationRequest>

/** Body of POST /simulator/load */
export const LoadRequest = Type.Object(
  {
    devices: Type.Integer({ minimum: 1, maximum: 10_000, default: 10_000, description: 'Each with a login and a connection of its own' }),
    minutes: Type.Number({ minimum: 0.1, maximum: 30, default: 2 }),
    every: Type.Integer({ minimum: 1, maximum: 3_600, default: 60, description: 's between two readings of a device' }),
  },
  { additionalProperties: false, examples: [{ devices: 10_000, minutes: 2, every: 60 }] },
)
export type LoadRequest = Type.Static<typeof LoadRequest>

const anyTime = { minimum: 946_684_800_000, maximum: 4_102_444_800_000 }

/** Body of POST /simulator/replay */
export const ReplayRequest = Type.Object(
  {
    network: Type.String({ maxLength: 100, description: 'Whose deliveries: one of `sources` of GET /simulator' }),
    from: Type.Optional(
      Type.Integer({ ...anyTime, description: 'What was received from then on, epoch ms; left out: all that is kept in the journal' }),
    ),
    to: Type.Optional(Type.Integer({ ...anyTime, description: 'Up to then; left out: up to now' })),
    lead: Type.Number({
      minimum: 0,
      maximum: 168,
      default: 6,
      description: 'Hours before `from` that are given too, so that tests and rules know what went before; they are not compared',
    }),
    speed: Type.Optional({ ...asFast, description: 'Time of receipt against real time. Left out: max' }),
    configuration: Type.Optional(
      Type.String({ maxLength: 4_000_000, description: 'A network file (YAML) with the same ids; left out: as the network is' }),
    ),
  },
  { additionalProperties: false, examples: [{ network: 'demo', from: 1_795_219_200_000, to: 1_795_305_600_000 }] },
)
export type ReplayRequest = Type.Static<typeof ReplayRequest>

/** Whose deliveries can be replayed. */
export const SourceNote = Type.Object({
  network: Type.String(),
  name: Words,
  run: nullable(Type.String({ description: 'Null: the real fleet' })),
})
export type SourceNote = Type.Static<typeof SourceNote>

export const simulationKinds = ['scenario', 'load', 'replay'] as const
export const simulationStates = ['running', 'done', 'stopped', 'interrupted', 'failed'] as const
export const simulationPhases = ['starting', 'sending', 'settling', 'scoring'] as const

/** What became of the values of a run. received = stored + versions + duplicate + quarantined */
const AccountNote = Type.Object({
  received: Type.Integer(),
  stored: Type.Integer(),
  versions: Type.Integer(),
  duplicate: Type.Integer(),
  quarantined: Type.Integer(),
  warnings: Type.Integer(),
  moreWarnings: Type.Boolean({ description: 'True: there are more than were counted' }),
})

/** One simulation of the desk. */
export const SimulationNote = Type.Object({
  run: Type.String({ description: 'Name of the run whose data it makes' }),
  kind: Type.Enum([...simulationKinds]),
  scenario: Type.String({ description: 'Or `load`, `replay`' }),
  title: Words,
  seed: Type.Integer(),
  stations: Type.Integer(),
  speed: asFast,
  start: Moment,
  end: Moment,
  faults: FaultWish,
  state: Type.Enum([...simulationStates], {
    description: 'stopped: by somebody; interrupted: with its server; neither has a score, for their truth ends too early',
  }),
  phase: nullable(Type.Enum([...simulationPhases], { description: 'What it does just now; null when it runs no more' })),
  problem: nullable(Type.String({ description: 'Why it failed' })),
  by: Type.String({ description: 'Who started it' }),
  startedAt: Moment,
  endedAt: nullable(Moment),
  progress: Type.Object({
    at: nullable(Type.Integer({ description: 'Simulated moment up to which all is acknowledged, epoch ms' })),
    messages: Type.Integer(),
    values: Type.Integer(),
    acknowledged: Type.Integer({ description: 'Of the values, those that the server has acknowledged' }),
    rejoined: Type.Integer({ description: 'Times that a device came back after its line was cut' }),
  }),
  account: nullable({ ...AccountNote, description: 'While it runs: so far' }),
  truth: nullable(
    Type.Object({
      events: Type.Integer(),
      crossings: Type.Integer(),
      faults: Type.Integer(),
      readings: Type.Integer(),
      bytes: Type.Integer(),
    }),
  ),
  figures: nullable(Type.Record(Type.String(), nullable(Type.Number()), { description: 'Of the score, by name' })),
})
export type SimulationNote = Type.Static<typeof SimulationNote>

/** GET /simulator */
export const SimulatorState = Type.Object({
  scenarios: Type.Array(ScenarioNote),
  faults: Type.Array(FaultNote),
  running: nullable(SimulationNote),
  sources: Type.Array(SourceNote),
  past: Type.Array(SimulationNote, { description: 'Newest first' }),
  keeps: Type.Integer({ description: 'So many past ones are kept; the oldest goes, with its data, when another starts' }),
})
export type SimulatorState = Type.Static<typeof SimulatorState>

/** GET /simulator/{run} */
export const SimulationDetail = Type.Object({
  simulation: SimulationNote,
  score: nullable(SimulationScore),
  strip: nullable({ ...TruthStrip, description: 'At the end' }),
  live: nullable({ ...LiveTruth, description: 'While it runs, and of one that has no score: truth against warnings so far' }),
  places: nullable(StripPlaces),
  load: nullable(LoadNote),
  replay: nullable(ReplayNote),
})
export type SimulationDetail = Type.Static<typeof SimulationDetail>
