import Type, { type Static } from 'typebox'
import { levels } from '../../domain/warning.ts'

/**
 * The truth of one simulation, as lines of JSON: first the header, then what became known, in the order of simulated time, and `end`. The
 * system under test never reads it. Times are epoch ms UTC, values in the parameter's canonical unit; docs/simulator.md explains each line.
 */
export const truthFormat = 1

const closed = { additionalProperties: false }
const at = Type.Integer
const words = <Word extends string>(all: readonly Word[]) => Type.Unsafe<Word>({ type: 'string', enum: [...all] })
const orNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])
const series = { station: Type.String(), parameter: Type.String(), number: Type.Integer({ minimum: 1 }) }

/** What ought to become of one transmission of a reading; `never sent` has none. */
export const outcomes = ['stored', 'duplicate', 'quarantined', 'refused', 'never sent'] as const
export type Outcome = (typeof outcomes)[number]

/**
 * What a good system does with the readings of a fault: at least suspect (flag 3 or 4), fail (4), missing (9), a gap of the series, nothing
 * that shows (its flag stays what it is), or an outcome other than stored.
 */
export const expectations = ['suspect', 'fail', 'missing', 'gap', 'unharmed', 'duplicate', 'quarantined', 'refused'] as const
export type Expectation = (typeof expectations)[number]

/** Kinds of rules whose events are no excursions: nothing heard for too long, and a limit that was crossed after hours of readings. */
export const kindsApart = ['silence', 'trend'] as const

export const headerSchema = Type.Object(
  {
    kind: Type.Literal('header'),
    format: Type.Literal(truthFormat),
    scenario: Type.String(),
    seed: Type.Integer(),
    /** ISO 8601, UTC. */
    start: Type.String(),
    end: Type.String(),
    /** Run under which the readings went to the server. */
    run: Type.String(),
    /** SHA-256 of the network as JSON, hex. */
    network: Type.String(),
    stations: Type.Integer(),
    devices: Type.Integer(),
  },
  closed,
)

export const eventSchema = Type.Object(
  {
    kind: Type.Literal('event'),
    id: Type.String(),
    /** `flood`, `spill`, `discharge`, `low-oxygen` …: what the water, the air or the tank did. */
    type: Type.String(),
    /** Rule of the network whose limits it went beyond. */
    rule: Type.String(),
    /** Of a rule on silence or trends, which is scored apart; left out: a rule on values, rain sums or rates of rise. */
    ruleKind: Type.Optional(words(kindsApart)),
    /** Of a trend: the limit that is crossed at `onset`, and how long before it a forecast of that counts, ms. */
    ahead: Type.Optional(Type.Object({ limit: Type.Number(), withinMs: at() }, closed)),
    ...series,
    /** Highest warning level that it deserves. */
    level: words(levels),
    /** First and last moment at which the noise-free signal was beyond the limit of its lowest level. */
    onset: at(),
    end: at(),
    peak: Type.Object({ at: at(), value: Type.Number() }, closed),
    /** Id of the happening of the scenario that caused it, shared by its stations downstream; null = the weather. */
    cause: orNull(Type.String()),
  },
  closed,
)

export const crossingSchema = Type.Object(
  {
    kind: Type.Literal('crossing'),
    ...series,
    level: words(levels),
    limit: Type.Number(),
    /** Beyond the limit, or back from it. */
    direction: words(['entered', 'left']),
    at: at(),
  },
  closed,
)

export const faultSchema = Type.Object(
  {
    kind: Type.Literal('fault'),
    id: Type.String(),
    /** `spike`, `flat-line`, `clock-skew` …: see docs/simulator.md. */
    type: Type.String(),
    /** `*` = of the system under test: all devices. */
    device: Type.String(),
    /** Null = all that the device serves. */
    station: orNull(Type.String()),
    parameter: orNull(Type.String()),
    from: at(),
    to: at(),
    expects: words(expectations),
    /** Of the system under test, why nobody could do it there; it did not happen then. */
    notDone: Type.Optional(Type.String()),
  },
  closed,
)

export const readingSchema = Type.Object(
  {
    kind: Type.Literal('reading'),
    device: Type.String(),
    ...series,
    /** Time stamp as sent. */
    at: at(),
    /** As sent, in the canonical unit; null = sent as missing. */
    value: orNull(Type.Number()),
    /** Noise-free value at the moment of measurement. */
    true: Type.Number(),
    /** When it was really measured, and when it was first sent (null = never), by the clock of the simulation. */
    made: at(),
    sent: orNull(at()),
    /** Ids of faults that changed it or its way. */
    faults: Type.Array(Type.String()),
    outcome: words(outcomes),
  },
  closed,
)

/** Last line: how many lines of each kind there are, and up to when, where the simulation was stopped before its end. A file without it is cut. */
export const endSchema = Type.Object(
  { kind: Type.Literal('end'), events: at(), crossings: at(), faults: at(), readings: at(), stoppedAt: Type.Optional(at()) },
  closed,
)

export type TruthHeader = Static<typeof headerSchema>
export type TruthEvent = Static<typeof eventSchema>
export type TruthCrossing = Static<typeof crossingSchema>
export type TruthFault = Static<typeof faultSchema>
export type TruthReading = Static<typeof readingSchema>
export type TruthEnd = Static<typeof endSchema>
/** What stands between the header and the end. */
export type TruthEntry = TruthEvent | TruthCrossing | TruthFault | TruthReading
