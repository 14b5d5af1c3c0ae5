import Type from 'typebox'
import { ParameterNote } from './series.ts'
import { LevelName, Moment, nullable, RuleKindName, RunName, WarningStateName, Words } from './words.ts'

export const Acknowledgement = Type.Object({ by: Type.String(), at: Moment, note: nullable(Type.String()) })

export const WarningMarksNote = Type.Object({
  acknowledged: nullable(Acknowledgement),
  blind: Type.Boolean({ description: 'The station went quiet under the warning; only data or a person clears it' }),
  retrospective: Type.Boolean({ description: 'Raised from back-filled data: notified nobody' }),
  drill: Type.Boolean({ description: 'An exercise' }),
})

export const TimelineLine = Type.Object({
  at: Moment,
  what: Type.Enum(['crossed', 'raised', 'level', 'revised', 'blind', 'seen-again', 'acknowledged', 'notified', 'cleared', 'expired']),
  level: nullable(LevelName),
  by: nullable(Type.String()),
  words: Words,
})
export type TimelineLine = Type.Static<typeof TimelineLine>

/** What the decision rests on; frozen at the last change of level or state. */
export const EvidenceNote = Type.Object({
  from: Moment,
  to: Moment,
  trusted: Type.Integer(),
  rejected: Type.Integer(),
  doubtful: Type.Optional(Type.Integer({ description: 'Of those trusted, the ones that quality doubts (flag 3 or 4); left out = none' })),
  value: nullable(Type.Number()),
  limit: nullable(Type.Number()),
  unit: Type.String(),
  figures: Type.Unsafe<Record<string, number | null>>({ type: 'object', additionalProperties: { type: ['number', 'null'] } }),
})

/** What raised a warning and when that was there. */
export const DecisionNote = Type.Object({
  observedAt: nullable(
    Type.Integer({ description: 'When the reading that came last of those that raised it was measured; null = the clock did' }),
  ),
  receivedAt: Type.Integer({ description: 'When that was received, by the clock of the run (ours for the real fleet), epoch ms' }),
  arrivedAt: nullable(Type.Integer({ description: 'The same by our own clock' })),
  keptAt: nullable(
    Type.Integer({
      description: 'When the warning was kept and told of, by our own clock; null = decided by the clock of a run, or replayed',
    }),
  ),
})

/** A warning as it stands (its newest version), or one of its versions. */
export const WarningNote = Type.Object({
  id: Type.String(),
  version: Type.Integer({ description: 'Counts from 1' }),
  rule: Type.String(),
  ruleVersion: Type.String(),
  kind: RuleKindName,
  station: Type.String(),
  stationName: Words,
  series: nullable(Type.String()),
  parameter: nullable(ParameterNote),
  level: LevelName,
  state: WarningStateName,
  marks: WarningMarksNote,
  run: RunName,
  simulated: Type.Boolean({ description: 'True when it has a run: never to be taken for a real one' }),
  recorded: Type.Boolean({ description: 'True when its run replays recorded readings' }),
  onset: Moment,
  raisedAt: nullable(Moment),
  changedAt: Moment,
  endedAt: nullable(Moment),
  evidence: EvidenceNote,
  decided: Type.Optional(nullable(DecisionNote)),
  why: Words,
  clears: Words,
  timeline: Type.Array(TimelineLine),
})
export type WarningNote = Type.Static<typeof WarningNote>

/** GET /warnings, newest onset first. */
export const WarningList = Type.Object({
  warnings: Type.Array(WarningNote),
  more: Type.Boolean({ description: 'True when limit cut the list' }),
  next: nullable(Type.String({ description: 'cursor of the next page; null = this is the last one' })),
})
export type WarningList = Type.Static<typeof WarningList>

/** One message of one channel. `accepted`: the receiver said so. */
export const NotificationNote = Type.Object({
  key: Type.String({ description: 'warning/version/channel: each is sent once' }),
  warning: Type.String(),
  version: Type.Integer(),
  channel: Type.String(),
  log: Type.Array(
    Type.Object({
      at: Moment,
      what: Type.Enum(['queued', 'sent', 'accepted', 'failed', 'given-up']),
      detail: nullable(Type.String()),
    }),
  ),
})
export type NotificationNote = Type.Static<typeof NotificationNote>

/** GET /warnings/{id} */
export const WarningDetail = Type.Object({
  warning: WarningNote,
  versions: Type.Array(WarningNote, { description: 'All versions, oldest first' }),
  notifications: Type.Array(NotificationNote, { description: 'Who was told, and what became of it' }),
})
export type WarningDetail = Type.Static<typeof WarningDetail>

/** Body of POST /warnings/{id}/acknowledge */
export const AcknowledgeRequest = Type.Object(
  { note: Type.Optional(Type.String({ maxLength: 2000, description: 'What the officer adds' })) },
  { additionalProperties: false, examples: [{ note: 'Pump crew called' }] },
)
export type AcknowledgeRequest = Type.Static<typeof AcknowledgeRequest>

/** Answer of POST /warnings/{id}/acknowledge: the warning as it now stands. */
export const Acknowledged = Type.Object({ warning: WarningNote })
export type Acknowledged = Type.Static<typeof Acknowledged>
