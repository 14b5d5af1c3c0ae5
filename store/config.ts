import Type, { type Static } from 'typebox'

/** A size as DuckDB reads it. */
const size = (fallback: string, description: string) =>
  Type.String({ pattern: '^\\d+(\\.\\d+)?\\s*(MB|GB|TB|MiB|GiB|TiB)$', default: fallback, description })

/** The embedded store: one file in the data folder. */
export const DuckdbConfig = Type.Object(
  {
    memoryLimit: size('1GB', 'Most memory the embedded database takes; larger questions spill to the data folder.'),
    restingMemory: size(
      '16MB',
      'What stays of the file in memory while nobody asks. The system keeps more of it in its own cache, as long as it has room.',
    ),
    threads: Type.Integer({
      minimum: 1,
      maximum: 64,
      default: 1,
      description: 'Threads that share one question. With more than one, those that wait for the others burn processor time.',
    }),
    spillLimit: size('10GB', 'Most disk space that questions larger than the memory may take for a while.'),
    logLimit: size(
      '4MB',
      'Size of the write-ahead log at which it is worked into the file; its rows take twice as much memory, and a start after a crash reads it again.',
    ),
    readers: Type.Integer({ minimum: 1, maximum: 16, default: 2, description: 'Questions answered at the same time; more wait.' }),
    maxWaiting: Type.Integer({
      minimum: 1,
      default: 1_000,
      description: 'Most questions, and most writes, that wait for their turn; more are refused as unavailable.',
    }),
    recentRows: Type.Integer({
      minimum: 0,
      default: 20_000,
      description: 'Committed rows kept in memory for readers close behind, so that they do not go to the disk.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'The embedded store: one DuckDB file in the data folder.' },
)

export type DuckdbConfig = Static<typeof DuckdbConfig>

/** The store that forgets, for trials. */
export const MemoryConfig = Type.Object(
  {
    maxRows: Type.Integer({ minimum: 1, default: 2_000_000, description: 'Most observations it holds; a batch beyond is refused.' }),
  },
  { additionalProperties: false, default: {}, description: 'The store that forgets at the end of the process, for trials.' },
)

export type MemoryConfig = Static<typeof MemoryConfig>

/** What was put aside keeps its bytes only so far: a broken or hostile device must not fill the disk. */
export const QuarantineConfig = Type.Object(
  {
    maxBytes: Type.Integer({
      minimum: 0,
      default: 500_000_000,
      description: 'Most bytes that open entries hold in all. Of what is beyond, only the values are counted, by device and reason.',
    }),
    maxBytesPerDevice: Type.Integer({
      minimum: 0,
      default: 8_000_000,
      description: 'The same for one device; some months of one that sends every five minutes.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'The quarantine: what could not be taken as readings.' },
)

export type QuarantineConfig = Static<typeof QuarantineConfig>

/** Where observations, warnings and everything else is kept. */
export const StoreConfig = Type.Object(
  {
    engine: Type.Union([Type.Literal('duckdb'), Type.Literal('influxdb'), Type.Literal('memory')], {
      default: 'duckdb',
      description:
        'duckdb: one file in the data folder. influxdb: observations in the InfluxDB of influx.url, everything else in the file. memory: forgets at the end of the process.',
    }),
    duckdb: DuckdbConfig,
    memory: MemoryConfig,
    quarantine: QuarantineConfig,
  },
  { additionalProperties: false, default: {}, description: 'Where observations, warnings and everything else is kept.' },
)

export type StoreConfig = Static<typeof StoreConfig>
