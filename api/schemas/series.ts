import Type from 'typebox'
import { statistics } from '../../domain/sampling.ts'
import { FlagNumber, Moment, nullable, RunName, Words } from './words.ts'
import { ObservationRow } from './observation.ts'

/** What is measured, in the catalogue's words. */
export const ParameterNote = Type.Object({
  key: Type.String(),
  name: Words,
  unit: Type.String({ description: 'UCUM; every value is in it' }),
  display: Type.String({ description: 'The unit as a reader sees it' }),
  resolution: nullable(Type.Number({ description: 'Smallest step worth showing' })),
})
export type ParameterNote = Type.Static<typeof ParameterNote>

/** A named limit of a sensor: warning 警戒, guarantee 保证, record 历史最高, or another name. */
export const Stage = Type.Object({ name: Type.String(), limit: Type.Number() })
export type Stage = Type.Static<typeof Stage>

/** Whether and how fast the last readings move. */
export const Trend = Type.Object({
  direction: Type.Enum(['rising', 'falling', 'steady', 'unknown'], {
    description: 'unknown: fewer than three trusted readings close enough together',
  }),
  perHour: nullable(Type.Number({ description: 'Median slope of the last (up to five) trusted readings, unit of the parameter per hour' })),
  readings: Type.Integer({ description: 'How many readings it rests on' }),
})
export type Trend = Type.Static<typeof Trend>

/** Where the latest trusted value stands among the stages: what a sentence like "0.42 m above warning level" is made of. */
export const Standing = Type.Object({
  reached: nullable(Stage),
  above: nullable(Type.Number({ description: 'Latest value minus the stage reached' })),
  next: nullable(Stage),
  below: nullable(Type.Number({ description: 'Next stage minus the latest value' })),
})
export type Standing = Type.Static<typeof Standing>

/** The last 24 h in half hours, oldest first; the last cell is the running half hour. All lists have 48 places. */
export const DayCells = Type.Object({
  from: Type.Integer({ description: 'Start of the first cell, epoch ms' }),
  everyMs: Type.Integer({ description: 'Length of a cell: 1,800,000' }),
  completeness: nullable(
    Type.Array(Type.Number(), { description: 'Readings that came / readings expected, 0 to 1; null for an irregular series' }),
  ),
  worst: Type.Array(Type.Integer(), { description: 'Worst flag of the cell (4 > 3 > 1 > 2 > 9); 0 = no reading' }),
  last: Type.Array(nullable(Type.Number()), { description: 'Last value of the cell: a sparkline; null = none' }),
})
export type DayCells = Type.Static<typeof DayCells>

/** One sensor as it is. */
export const SeriesSummary = Type.Object({
  series: Type.String({ description: 'station/parameter/number' }),
  station: Type.String(),
  parameter: ParameterNote,
  number: Type.Integer(),
  everyMs: nullable(Type.Integer({ description: 'Expected interval; null = irregular' })),
  from: Type.Enum(['value', 'counter']),
  statistic: Type.Enum([...statistics], {
    description:
      'What a value stands for: a moment (`value`), or all moments of a period of everyMs. A device whose protocol tells (HJ 212) fills it with nothing else; of others it is what they send',
  }),
  stages: Type.Array(Stage, { description: 'Lowest first' }),
  latest: nullable(ObservationRow),
  ageMs: nullable(Type.Integer({ description: "The station's clock minus observedAt of the latest; null = nothing came yet" })),
  silent: Type.Boolean({ description: 'A regular series that has been quiet for more than three intervals' }),
  trend: Trend,
  standing: nullable(Standing),
  completeness: nullable(Type.Number({ description: 'Of the last 24 h, 0 to 1; null for an irregular series' })),
  run: RunName,
})
export type SeriesSummary = Type.Static<typeof SeriesSummary>

/** One sensor with all that is known of it. */
export const SeriesDetail = Type.Object({
  ...SeriesSummary.properties,
  cells: DayCells,
  recent: Type.Array(Type.Object({ observedAt: Moment, value: nullable(Type.Number()), flag: FlagNumber }), {
    description: 'The last readings, oldest first',
  }),
  range: Type.Object({
    fail: nullable(Type.Array(Type.Number())),
    suspect: nullable(Type.Array(Type.Number())),
  }),
  now: Moment,
})
export type SeriesDetail = Type.Static<typeof SeriesDetail>

/** GET /series */
export const SeriesList = Type.Object({ series: Type.Array(SeriesSummary) })
export type SeriesList = Type.Static<typeof SeriesList>
