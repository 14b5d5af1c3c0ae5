import Type from 'typebox'
import { rejectionReasons } from '../../domain/rejection.ts'
import { ActState, Outcome } from './amendment.ts'
import { Moment, nullable } from './words.ts'

/** Something that was received, acknowledged and put aside, with its bytes and the reason. */
export const QuarantineNote = Type.Object({
  id: Type.Integer(),
  device: Type.String(),
  delivery: Type.Integer(),
  receivedAt: Moment,
  topic: Type.String(),
  reason: Type.Enum([...rejectionReasons]),
  detail: Type.String(),
  values: Type.Integer({ description: 'How many values it stands for' }),
  item: nullable(Type.Integer({ description: 'Index of the item in an array payload; null = the whole delivery' })),
  items: nullable(Type.Array(Type.Integer(), { description: 'All the items that it stands for' })),
  payload: Type.Object({
    bytes: Type.Integer({ description: 'How many the delivery has' }),
    base64: Type.String(),
    text: nullable(Type.String({ description: 'The bytes as text when they are UTF-8' })),
    isCut: Type.Boolean({ description: 'Only the first 512 bytes are here; GET /quarantine/{entry} has all' }),
  }),
  repaired: nullable(
    Type.Object(
      {
        kind: Type.Enum(['run', 'given-up'], { description: 'It was run again, or closed because nobody wants it' }),
        ...{ by: Type.String(), at: Moment, reason: Type.String(), delivery: Type.Integer(), outcome: Outcome },
      },
      { description: 'By whom and when it was run again or closed; null = open' },
    ),
  ),
})
export type QuarantineNote = Type.Static<typeof QuarantineNote>

/** GET /quarantine, newest first. */
export const QuarantineList = Type.Object({
  entries: Type.Array(QuarantineNote),
  next: nullable(Type.Integer({ description: 'Give it as before= to get the next page; null = this was the last' })),
})
export type QuarantineList = Type.Static<typeof QuarantineList>

/** GET /quarantine/groups */
export const QuarantineGroups = Type.Object({
  groups: Type.Array(
    Type.Object({
      device: Type.String(),
      reason: Type.Enum([...rejectionReasons]),
      entries: Type.Integer(),
      values: Type.Integer(),
      newest: Moment,
    }),
  ),
})
export type QuarantineGroups = Type.Static<typeof QuarantineGroups>

const RepairTrial = Type.Object({
  entry: Type.Integer(),
  device: Type.String(),
  reason: Type.Enum([...rejectionReasons]),
  outcome: Outcome,
  observed: nullable(Type.Object({ from: Moment, to: Moment }, { description: 'First and last time of the readings that can be taken' })),
  refused: nullable(Type.String({ description: 'Why it is refused once more; null when all of it can be taken' })),
})

/** GET /quarantine/{entry} */
export const QuarantinePage = Type.Object({
  entry: QuarantineNote,
  decoded: Type.Unknown({ description: 'The payload as JSON; null when it is none' }),
  trial: nullable(RepairTrial),
})
export type QuarantinePage = Type.Static<typeof QuarantinePage>

const RanAgain = Type.Object({
  ...RepairTrial.properties,
  outcome: Type.Union([Outcome, Type.Null()], { description: 'What became of it, or would; null while its order waits for the store' }),
})

/** POST /quarantine/run */
export const RunAgainNote = Type.Object({
  dryRun: Type.Boolean(),
  state: ActState,
  entries: Type.Array(RanAgain, { description: 'Oldest first' }),
  takeable: Type.Integer({ description: 'Entries of which something can be taken: those are run again' }),
  more: Type.Boolean({ description: 'More entries fit than one call takes; call again' }),
})
export type RunAgainNote = Type.Static<typeof RunAgainNote>

/** POST /quarantine/close */
export const GivenUpNote = Type.Object({
  dryRun: Type.Boolean(),
  state: ActState,
  entries: Type.Integer({ description: 'Entries that are closed' }),
  values: Type.Integer({ description: 'Values they stand for; they stay counted as quarantined' }),
  more: Type.Boolean({ description: 'More entries fit than one call takes; call again' }),
})
export type GivenUpNote = Type.Static<typeof GivenUpNote>
