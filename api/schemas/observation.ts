import Type from 'typebox'
import { testNames } from '../../domain/quality-tests.ts'
import { FlagNumber, LonLat, Moment, nullable, RunName } from './words.ts'

export const TestMark = Type.Enum([...testNames], { description: 'A quality test that objected, or a fact about how the value came in' })

/** One judged value. */
export const ObservationRow = Type.Object({
  series: Type.String({ description: 'station/parameter/number' }),
  observedAt: Moment,
  receivedAt: Moment,
  value: nullable(Type.Number({ description: 'In the canonical unit of the parameter; null = missing' })),
  flag: FlagNumber,
  tests: Type.Array(TestMark, { description: 'What set the flag' }),
  device: Type.String(),
  delivery: Type.Integer({ description: 'Number of the delivery in the journal that brought it' }),
  seq: nullable(Type.Integer({ description: "The device's own sequence number" })),
  run: RunName,
  position: nullable(LonLat),
})
export type ObservationRow = Type.Static<typeof ObservationRow>

/** GET /observations */
export const ObservationPage = Type.Object({
  from: Moment,
  to: Moment,
  asOf: nullable(Moment),
  observations: Type.Array(ObservationRow, { description: 'By series as asked, then by observedAt' }),
  next: nullable(Type.String({ description: 'Give it as cursor= to get the next page; null = this was the last' })),
})
export type ObservationPage = Type.Static<typeof ObservationPage>

/** GET /observations/latest */
export const LatestObservations = Type.Object({ observations: Type.Array(ObservationRow) })
export type LatestObservations = Type.Static<typeof LatestObservations>

const figure = () => Type.Optional(Type.Number())

/** One window of one series; windows without a counted value are left out. */
export const WindowRow = Type.Object({
  series: Type.String(),
  start: Moment,
  end: Moment,
  n: Type.Integer({ description: 'Values that counted' }),
  min: figure(),
  mean: figure(),
  max: figure(),
  sum: figure(),
  median: figure(),
  first: figure(),
  last: figure(),
})
export type WindowRow = Type.Static<typeof WindowRow>

/** GET /observations/windows */
export const WindowPage = Type.Object({ from: Moment, to: Moment, everyMs: Type.Integer(), windows: Type.Array(WindowRow) })
export type WindowPage = Type.Static<typeof WindowPage>

export const RollupRow = Type.Object({
  series: Type.String(),
  size: Type.Enum(['1h', '1d']),
  start: Moment,
  end: Moment,
  n: Type.Integer(),
  min: nullable(Type.Number()),
  mean: nullable(Type.Number()),
  max: nullable(Type.Number()),
  sum: nullable(Type.Number()),
  completeness: nullable(Type.Number({ description: 'n / readings expected, 0 to 1; null for an irregular series' })),
})
export type RollupRow = Type.Static<typeof RollupRow>

/** GET /rollups */
export const RollupPage = Type.Object({ from: Moment, to: Moment, rollups: Type.Array(RollupRow) })
export type RollupPage = Type.Static<typeof RollupPage>
