import Type from 'typebox'
import { LevelName, Moment, nullable } from './words.ts'

const ComparedValue = nullable(
  Type.Object({
    value: nullable(Type.Number()),
    flag: Type.Integer(),
    tests: Type.String({ description: 'Names of the marks behind the flag' }),
  }),
)

const ComparedWarning = nullable(
  Type.Object({ id: Type.String(), level: LevelName, state: Type.String(), raisedAt: nullable(Moment), endedAt: nullable(Moment) }),
)

/** What a replay does not have as it was: `a` then, `b` in the replay; null = not there. */
export const ReplayNote = Type.Object({
  network: Type.String({ description: 'Of which network the deliveries are' }),
  from: nullable(Moment),
  to: nullable(Moment),
  configured: Type.Boolean({ description: 'True: under another configuration than the network has' }),
  given: Type.Integer({ description: 'Deliveries and ticks of the clock' }),
  damaged: Type.Integer({ description: 'Deliveries that the journal had lost' }),
  readingsDiffer: Type.Integer(),
  warningsDiffer: Type.Integer(),
  readings: Type.Array(Type.Object({ series: Type.String(), at: Moment, a: ComparedValue, b: ComparedValue }), {
    description: 'The first 200 that differ; series as they are called in the network',
  }),
  warnings: Type.Array(
    Type.Object({ rule: Type.String(), station: Type.String(), at: nullable(Moment), a: ComparedWarning, b: ComparedWarning }),
    { description: 'The first 200 that differ' },
  ),
})
export type ReplayNote = Type.Static<typeof ReplayNote>
