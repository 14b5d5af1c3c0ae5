import Type from 'typebox'
import { commandOutcomes } from '../../domain/command.ts'
import { gapCauses, gapStates } from '../../domain/gap.ts'
import { Moment, nullable, RunName } from './words.ts'

export const GapNote = Type.Object({
  id: Type.String(),
  series: Type.String(),
  device: Type.String(),
  run: RunName,
  from: Type.Integer({ description: 'The reading before it, epoch ms' }),
  to: nullable(Type.Integer({ description: 'The reading behind it; null = it lasts' })),
  cause: Type.Enum([...gapCauses], { description: 'See docs/continuity.md' }),
  state: Type.Enum([...gapStates]),
  missing: Type.Integer({ description: 'Readings missing still' }),
  arrived: Type.Integer({ description: 'Late readings that came in it' }),
  arrivedAt: nullable(Type.Integer({ description: 'When the last of them came' })),
  openedAt: Moment,
  endedAt: nullable(Moment),
  request: nullable(
    Type.Object({
      at: Moment,
      tries: Type.Integer(),
      outcome: Type.Enum(['waiting', ...commandOutcomes]),
      detail: Type.String(),
    }),
  ),
})
export type GapNote = Type.Static<typeof GapNote>

/** GET /gaps */
export const GapList = Type.Object({
  gaps: Type.Array(GapNote),
  readingBack: Type.Boolean({ description: 'The ledger still reads back what is stored after a start: more may follow' }),
})
export type GapList = Type.Static<typeof GapList>

const ratio = (description: string) => nullable(Type.Number({ minimum: 0, maximum: 1, description }))

export const SeriesCompleteness = Type.Object({
  series: Type.String(),
  completeness: ratio('Mean over its windows; null where none is summed up yet'),
  windows: Type.Array(Type.Object({ start: Moment, end: Moment, n: Type.Integer(), completeness: Type.Number() })),
})
export type SeriesCompleteness = Type.Static<typeof SeriesCompleteness>

/** GET /completeness */
export const CompletenessPage = Type.Object({
  from: Moment,
  to: Moment,
  size: Type.Enum(['1h', '1d']),
  completeness: ratio('Mean over the series that have one'),
  series: Type.Array(SeriesCompleteness),
})
export type CompletenessPage = Type.Static<typeof CompletenessPage>
