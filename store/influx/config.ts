import Type, { type Static } from 'typebox'
import { parseDuration } from '../../domain/time.ts'
import type { InfluxSettings } from './connection.ts'

const text = (fallback: string, description: string) => Type.String({ default: fallback, description })

/** Section `influx` of the configuration. */
export const InfluxConfig = Type.Object(
  {
    url: text(
      '',
      'Address of an InfluxDB, e.g. http://127.0.0.1:8086. Set: it is fed beside the embedded store, or is the only telemetry store with store.engine: influxdb. Empty: none.',
    ),
    api: Type.Union([Type.Literal('auto'), Type.Literal('v1'), Type.Literal('v2')], {
      default: 'auto',
      description:
        'v2: /api/v2/write with organisation, bucket and token (2.x, 3.x). v1: /write with database, user and password (1.6 and newer). auto: v2 where a token is set, else v1.',
    }),
    database: text('gaugekeeper', 'Database that InfluxQL reads; made when it is missing. For v2 the database of the DBRP mapping.'),
    org: text('', 'Organisation (v2).'),
    bucket: text('', 'Bucket (v2), made when it is missing. Empty: named as the database.'),
    token: text('', 'Token (v2). Better from the environment: GAUGEKEEPER_INFLUX_TOKEN or GAUGEKEEPER_INFLUX_TOKEN_FILE.'),
    username: text('', 'User (v1); empty: no login.'),
    password: text('', 'Password (v1). Better from the environment: GAUGEKEEPER_INFLUX_PASSWORD or GAUGEKEEPER_INFLUX_PASSWORD_FILE.'),
    timeout: text('10s', 'How long an answer is waited for.'),
    batchRows: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      default: 5_000,
      description: 'About how many rows the second sink writes at once.',
    }),
    longestWait: text(
      '15s',
      'Longest pause between two tries of the second sink while InfluxDB is away; the pauses grow from half a second.',
    ),
    systemEvery: text('1min', 'How often the figures of the system are written.'),
  },
  { additionalProperties: false, default: {}, description: 'InfluxDB, for Grafana and at scale.' },
)

export type InfluxConfig = Static<typeof InfluxConfig>

/** The connection that the configuration describes; null when it names no server. */
export function influxSettings(config: InfluxConfig): InfluxSettings | null {
  if (config.url === '') return null
  const { url, database, org, token, username, password } = config
  const api = config.api === 'auto' ? (token === '' ? 'v1' : 'v2') : config.api
  const bucket = config.bucket === '' ? database : config.bucket
  return { url, api, database, org, bucket, token, username, password, timeoutMs: parseDuration(config.timeout) ?? 10_000 }
}
