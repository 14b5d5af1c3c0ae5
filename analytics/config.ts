import Type from 'typebox'

/** How rules are watched. */
export const AnalyticsConfig = Type.Object(
  {
    retrospectiveAfter: Type.String({
      description:
        'A warning from back-filled readings whose onset is further than this behind the clock is marked retrospective and notifies nobody.',
      default: '1h',
    }),
    jobGrace: Type.String({
      description: 'How long after the full hour the hourly jobs of the real fleet wait for readings on their way.',
      default: '5m',
    }),
    samplesPerSeries: Type.Integer({
      description:
        'Readings of one series kept in memory for re-runs (21 bytes each). A re-run that needs older ones reads them from the store.',
      default: 2048,
      minimum: 64,
    }),
    checkpointEvery: Type.Integer({
      description: 'Commits between two checkpoints of the rules; after a crash so many are read again at most.',
      default: 256,
      minimum: 1,
    }),
    queueCommits: Type.Integer({
      description: 'Commits that may wait for the rules in memory; beyond that they are read back from the store when their turn comes.',
      default: 32,
      minimum: 1,
    }),
    dirtyWindows: Type.Integer({
      description: 'Hours of series touched by late readings that may wait for the next hourly job; beyond that they are done at once.',
      default: 50_000,
      minimum: 1,
    }),
  },
  { additionalProperties: false, default: {} },
)
export type AnalyticsConfig = Type.Static<typeof AnalyticsConfig>
