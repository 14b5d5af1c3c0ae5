import Type from 'typebox'
import { clockStates } from '../../domain/clock-health.ts'
import { ObservationRow, TestMark } from './observation.ts'
import { Moment, nullable, Words } from './words.ts'

/** Values by what became of them. */
export const Outcome = Type.Object({
  stored: Type.Integer({ description: 'New rows' }),
  versions: Type.Integer({ description: 'New versions of rows that were there' }),
  duplicate: Type.Integer({ description: 'Said nothing new' }),
  quarantined: Type.Integer({ description: 'Refused once more' }),
})

/** Only tried; carried; or on disk, to be carried when the store takes it. */
export const ActState = Type.Enum(['tried', 'carried', 'waiting'], {
  description: 'tried: a dry run; carried: it is done; waiting (202): it is on disk, and is done when the store takes it',
})

/** Another value for some readings: exactly one of the three. */
export const ValueChange = Type.Union([
  Type.Object({ set: Type.Number() }, { additionalProperties: false }),
  Type.Object({ factor: Type.Number(), offset: Type.Number() }, { additionalProperties: false }),
  Type.Object({ reject: Type.Literal(true) }, { additionalProperties: false }),
])

/** A change as it was journalled. */
export const AmendmentNote = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['values', 'clock', 'clock-withdrawn']),
  by: Type.String(),
  reason: Type.String(),
  at: Moment,
  delivery: Type.Integer({ description: 'Number of the delivery that carried it; the versions it made carry the same' }),
  outcome: Outcome,
  refused: Type.Optional(Type.String({ description: 'Why it changed nothing: what was carried before it contradicted it' })),
  series: Type.Optional(Type.String()),
  device: Type.Optional(Type.String()),
  from: Type.Optional(Moment),
  to: Type.Optional(nullable(Moment)),
  change: Type.Optional(ValueChange),
  offsetMs: Type.Optional(Type.Number()),
  driftMsPerDay: Type.Optional(Type.Number()),
  received: Type.Optional(
    Type.Object({ from: Moment, to: Moment }, { description: 'Only for what came in then; absent: whenever it came' }),
  ),
  replaces: Type.Optional(Type.String({ description: 'The clock correction whose place it takes' })),
  correction: Type.Optional(Type.String({ description: 'The clock correction that was taken back' })),
})
export type AmendmentNote = Type.Static<typeof AmendmentNote>

/** What a change does, or would do. */
export const AmendedNote = Type.Object({
  state: ActState,
  id: nullable(Type.String({ description: 'null after a dry run' })),
  readings: Type.Integer({ description: 'Stored readings that it concerns' }),
  preview: Type.Array(
    Type.Object({
      series: Type.String(),
      observedAt: Moment,
      value: nullable(Type.Number()),
      becomes: Type.Object({ observedAt: Moment, value: nullable(Type.Number()) }),
    }),
    { description: 'The first of them' },
  ),
  carried: nullable(AmendmentNote),
})
export type AmendedNote = Type.Static<typeof AmendedNote>

/** GET /observations/corrections */
export const AmendmentList = Type.Object({ corrections: Type.Array(AmendmentNote) })
export type AmendmentList = Type.Static<typeof AmendmentList>

/** GET /observations/versions: all states of one key, oldest first, and what made each. */
export const VersionList = Type.Object({
  series: Type.String(),
  observedAt: Moment,
  versions: Type.Array(
    Type.Object({
      ...ObservationRow.properties,
      version: Type.Integer(),
      knownAt: Moment,
      made: Type.Enum(['received', 'judged', 'revised', 'corrected'], {
        description: 'received from the device; judged again; another value from the device; changed by a person',
      }),
      judgement: nullable(
        Type.Object(
          {
            delivery: Type.Integer({ description: 'Number of the delivery that came in at knownAt' }),
            beside: nullable(
              Type.Integer({ description: 'Moment of the reading of this series that it brought; null = it stands no more' }),
            ),
            raised: Type.Array(TestMark, { description: 'Tests that object since' }),
            withdrawn: Type.Array(TestMark, { description: 'Tests that object no more' }),
          },
          { description: 'What made a judged version; null for others' },
        ),
      ),
      correction: nullable(AmendmentNote),
    }),
  ),
})
export type VersionList = Type.Static<typeof VersionList>

/** GET /devices/{device}/clock */
export const ClockNote = Type.Object({
  device: Type.String(),
  state: Type.Enum([...clockStates]),
  offsetMs: nullable(Type.Number({ description: "The device's time minus ours; positive = it is ahead" })),
  driftMsPerDay: nullable(Type.Number({ description: 'Change of the offset in a day; null before there are three days' })),
  hours: Type.Integer({ description: 'Hours behind the offset, at most 24' }),
  days: Type.Integer({ description: 'Days behind the drift, at most 30' }),
  likelyZone: nullable(Type.String({ description: 'Offset of the zone that its times look written in' })),
  quarantined: Type.Array(Type.Object({ reason: Type.String(), entries: Type.Integer(), values: Type.Integer() })),
  says: Words,
})
export type ClockNote = Type.Static<typeof ClockNote>

export const ClockPage = Type.Object({ clock: ClockNote, corrections: Type.Array(AmendmentNote) })
export type ClockPage = Type.Static<typeof ClockPage>
