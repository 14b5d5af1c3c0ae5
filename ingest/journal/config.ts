import Type, { type Static } from 'typebox'

/** A length of time as domain/time.ts reads it. */
const duration = (fallback: string, description: string) =>
  Type.String({ pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(w|d|h|min|m|s|ms)\\s*)+$', default: fallback, description })

/** What the storage engine may need to open, and what else is written at a start: the reserve, and the least that the disk must keep. */
export const openingBytes = 20_000_000

/** Bounds of the journal: what is kept, what may wait, and how long a sender is held when there is no room. */
export const JournalConfig = Type.Object(
  {
    maxBytes: Type.Integer({
      minimum: 1_000_000,
      default: 2_000_000_000,
      description:
        'Most bytes of deliveries kept on disk. What the pipeline has carried goes first; when nothing may go, nobody is acknowledged.',
    }),
    minFreeBytes: Type.Integer({
      minimum: openingBytes,
      default: 500_000_000,
      description: 'Free bytes that the disk must keep; below it, nobody is acknowledged. The journal needs 20 MB to open again.',
    }),
    keep: duration('7d', 'How long deliveries stay after they have been carried, for replay and repair.'),
    memoryBytes: Type.Integer({
      minimum: 0,
      default: 32_000_000,
      description: 'Memory for deliveries that were written and not yet carried, so that the reader close behind does not go to the disk.',
    }),
    maxWaiting: Type.Integer({
      minimum: 1,
      default: 200_000,
      description: 'Most deliveries that wait for the disk; more are refused at once.',
    }),
    maxWaitingBytes: Type.Integer({
      minimum: 1_000,
      default: 64_000_000,
      description: 'Most bytes of deliveries that wait for the disk; more are refused at once.',
    }),
    hold: duration('5s', 'How long deliveries wait for room in a full journal before they are refused.'),
    window: duration(
      '5ms',
      'Longest wait of a delivery for others to share its write with; none under load, and 2 ms when nobody else comes.',
    ),
    checkEvery: duration('1s', 'How often free disk space and the age of carried deliveries are looked at.'),
  },
  { additionalProperties: false, default: {}, description: 'The journal: everything received, on disk before it is acknowledged.' },
)

export type JournalConfig = Static<typeof JournalConfig>
