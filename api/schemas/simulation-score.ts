import Type from 'typebox'
import { LevelName, Moment, nullable, Words } from './words.ts'

const count = Type.Integer()
const share = nullable(Type.Number())

const skill = { hits: count, misses: count, falseAlarms: count, pod: share, far: share, csi: share }

const FaultScoreNote = Type.Object({
  type: Type.String(),
  expects: Type.String({ description: 'What a good system does with it' }),
  faults: count,
  faultsSeen: count,
  readings: count,
  readingsSeen: count,
  recall: share,
  harmless: Type.Optional(Type.Integer({ description: 'Readings of the fault that are as near the truth as those of a sound instrument' })),
})

const TestScoreNote = Type.Object({ test: Type.String(), flagged: count, right: count, precision: share })

/** Rules of silence, or of trends: no part of the totals. */
const ApartScoreNote = Type.Object({
  ...skill,
  events: count,
  alarms: count,
  undecided: Type.Integer({ description: 'Warnings that the truth neither bears out nor refutes' }),
  medianLeadMs: share,
})

/** The score of a simulation: the document that `gaugekeeper simulate --score --json` prints. */
export const SimulationScore = Type.Object({
  figures: Type.Record(Type.String(), nullable(Type.Number()), {
    description: 'The figures of docs/scoring.md by name, in the order of the table',
  }),
  failed: Type.Array(Type.String()),
  scenario: Type.String(),
  seed: count,
  run: Type.String(),
  start: Type.String(),
  end: Type.String(),
  stations: count,
  byRule: Type.Array(
    Type.Object({
      rule: Type.String(),
      family: Type.Optional(Type.Enum(['value', 'silence', 'trend'], { description: 'Silence and trends are no part of the totals' })),
      events: count,
      alarms: count,
      ...skill,
      medianLeadMs: Type.Optional(share),
    }),
  ),
  readings: Type.Object({ expected: count, lost: count, wrong: count, doubled: count, leaked: count }),
  warnings: Type.Object({
    ...skill,
    events: count,
    alarms: count,
    levelReached: count,
    meanLeadMs: share,
    medianLeadMs: share,
    falsePerStationMonth: share,
    medianEvidenceMs: Type.Optional(share),
    mostEvidenceMs: Type.Optional(share),
    medianNotifyMs: Type.Optional(share),
    mostNotifyMs: Type.Optional(share),
    medianServerMs: Type.Optional(share),
    mostServerMs: Type.Optional(share),
  }),
  silences: Type.Optional(ApartScoreNote),
  trends: Type.Optional(ApartScoreNote),
  quality: Type.Object({
    byFault: Type.Array(FaultScoreNote),
    byTest: Type.Array(TestScoreNote),
    faulty: count,
    faultySeen: count,
    harmless: Type.Optional(count),
    flagged: count,
    flaggedRight: count,
    recall: share,
    precision: share,
  }),
  forecasts: Type.Object({ crossed: count, within: count, never: count, coverage: share }),
})
export type SimulationScore = Type.Static<typeof SimulationScore>

const place = { rule: Type.String(), station: Type.String() }

/** Something that was true, and the warning of it. */
export const TrueEvent = Type.Object({
  ...place,
  type: Type.String({ description: 'flood, heavy-rain, pollution …' }),
  parameter: Type.String(),
  level: LevelName,
  onset: Moment,
  end: nullable({ ...Moment, description: 'Null: it goes on' }),
  cause: nullable(Type.String({ description: 'Happening of the scenario; null: the weather' })),
  warning: nullable(Type.String({ description: 'Its first warning; null: it was missed, or while the simulation runs: none so far' })),
})
export type TrueEvent = Type.Static<typeof TrueEvent>

/** A warning of a rule that has events, as it was held against the truth. */
export const JudgedWarning = Type.Object({
  ...place,
  id: Type.String(),
  level: LevelName,
  raisedAt: Moment,
  endedAt: nullable(Moment),
  verdict: Type.Enum(['hit', 'again', 'false', 'open'], {
    description: 'again: a second warning of one event; open: of none so far, but the simulation is not far enough to call it false',
  }),
})
export type JudgedWarning = Type.Static<typeof JudgedWarning>

/** Truth against what was detected. */
export const TruthStrip = Type.Object({
  events: Type.Array(TrueEvent),
  warnings: Type.Array(JudgedWarning),
  more: Type.Boolean({ description: 'There were more than are kept' }),
})
export type TruthStrip = Type.Static<typeof TruthStrip>

/** Names and clock of the stations that a strip tells of. */
export const StripPlaces = Type.Object({
  zone: Type.String({ description: 'IANA time zone' }),
  names: Type.Record(Type.String(), Words, { description: 'Station to its name' }),
})
export type StripPlaces = Type.Static<typeof StripPlaces>

/** Truth against what was detected, as far as the clock of a simulation has come. */
export const LiveTruth = Type.Object({
  at: { ...Moment, description: 'The clock of the run: all up to it is acknowledged' },
  strip: TruthStrip,
  faults: Type.Array(
    Type.Object({
      type: Type.String(),
      struck: Type.Integer({ description: 'So many have begun' }),
      now: Type.Integer({ description: 'Of these, so many go on' }),
    }),
  ),
})
export type LiveTruth = Type.Static<typeof LiveTruth>
