import Type, { type Static } from 'typebox'

/** How the pipeline goes from the journal to the store. */
export const IngestConfig = Type.Object(
  {
    batch: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 8_000,
      description:
        'Most deliveries carried to the store in one transaction. Batches are as small as what waits, and grow to this under load.',
    }),
    maxSeries: Type.Integer({
      minimum: 1,
      default: 200_000,
      description:
        'Most series that are taken in all, in the order of the networks, those of runs last; a counter takes two. Readings of others are quarantined as too-many-series.',
    }),
    gather: Type.String({
      default: '100ms',
      description:
        'Pause after a small batch, so that a steady trickle shares its transactions. A first delivery after a silence goes at once.',
    }),
    retryFrom: Type.String({
      default: '1s',
      description: 'Wait after a first refusal by the store, up to half of it less by chance; it doubles.',
    }),
    retryTo: Type.String({ default: '10s', description: 'Longest wait between two tries of a store that stays away.' }),
  },
  { additionalProperties: false, default: {}, description: 'The pipeline: decode, validate, judge, store.' },
)
export type IngestConfig = Static<typeof IngestConfig>
