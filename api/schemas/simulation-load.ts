import Type from 'typebox'
import { nullable } from './words.ts'

const percentile = nullable(Type.Number({ description: 'ms; null: nothing was acknowledged' }))
const percentiles = { p50: percentile, p99: percentile, p999: percentile }

/** What many devices at once came to, as `gaugekeeper load` measures it; while it runs, so far. */
export const LoadNote = Type.Object({
  connected: Type.Integer({ description: 'Devices that are logged in, or were at the end' }),
  firstReadingMs: nullable(Type.Integer({ description: 'From the order to the first acknowledged reading' })),
  unacknowledged: Type.Integer(),
  lost: nullable(Type.Integer({ description: 'Acknowledged and not stored; null while it runs' })),
  doubled: nullable(Type.Integer({ description: 'Stored beyond what was offered; null while it runs' })),
  latencyMs: Type.Object(percentiles, { description: 'From when a reading was due to its PUBACK' }),
  serverBytes: nullable(
    Type.Object({ first: Type.Integer(), most: Type.Integer(), last: Type.Integer() }, { description: 'Resident memory of the server' }),
  ),
  timeline: Type.Array(
    Type.Object({
      second: Type.Integer(),
      offered: Type.Integer(),
      acknowledged: Type.Integer(),
      connected: Type.Integer(),
      ...percentiles,
    }),
  ),
})
export type LoadNote = Type.Static<typeof LoadNote>
