import Type from 'typebox'
import { ObservationRow } from './observation.ts'
import { WarningNote } from './warning.ts'

/** Names of the topics of GET /stream, and of its SSE events. */
export const streamTopics = ['observations', 'warnings'] as const
export type StreamTopic = (typeof streamTopics)[number]

/** Data of an SSE event `observations`: values that a commit made current. */
export const ObservationsEvent = Type.Object({ commit: Type.Integer(), observations: Type.Array(ObservationRow) })
export type ObservationsEvent = Type.Static<typeof ObservationsEvent>

/** Data of an SSE event `warnings`: new versions. */
export const WarningsEvent = Type.Object({ warnings: Type.Array(WarningNote) })
export type WarningsEvent = Type.Static<typeof WarningsEvent>

/** Data of an SSE event `reset`: something was missed that is no longer kept; read the lists again. */
export const ResetEvent = Type.Object({
  reason: Type.Enum(['too-old', 'restarted'], { description: 'The id is behind the ring, or from before the last start' }),
})
export type ResetEvent = Type.Static<typeof ResetEvent>
