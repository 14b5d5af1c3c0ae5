import { StoreUnavailable } from '../errors.ts'
import { createInfluxQl, quoteName, type InfluxQl } from './influxql.ts'
import { createInfluxWriter, type InfluxWriter, type WritePrecision } from './writer.ts'

/** Where an InfluxDB is and how to speak to it; `influxConfig` is the same in the words of the configuration. */
export interface InfluxSettings {
  url: string
  /** `v1`: `/write` and user/password; `v2`: `/api/v2/write`, organisation, bucket and token. Both are read over `/query`. */
  api: 'v1' | 'v2'
  /** 1.x database; for 2.x the database of the DBRP mapping, made for the bucket when it is missing. */
  database: string
  org?: string
  bucket?: string
  token?: string
  username?: string
  password?: string
  timeoutMs: number
}

export interface InfluxConnection {
  writer: InfluxWriter
  ql: InfluxQl
  /**
   * Makes what is missing: the database (1.x), or the bucket and its DBRP mapping (2.x). May be called again at any time. Rejects with
   * StoreUnavailable.
   */
  prepare(): Promise<void>
  /** Resolves when the server answers and takes our login. Rejects with StoreUnavailable. */
  ping(): Promise<void>
  /** Bytes that the database takes on the server's disk. */
  bytes(): Promise<number>
  close(): void
}

export function connectInflux(settings: InfluxSettings): InfluxConnection {
  const url = settings.url.replace(/\/+$/, '')
  const headers = authorization(settings)
  const { database, timeoutMs } = settings
  const ql = createInfluxQl({ url, database, headers, timeoutMs })
  const writer = createInfluxWriter({ url, headers, timeoutMs, pathFor: (precision) => writePath(settings, precision) })
  const http = createRequests(url, headers, timeoutMs)
  return {
    writer,
    ql,
    ping: async () => void (settings.api === 'v1' ? await ql.ask(['SHOW DATABASES']) : await http('GET', '/api/v2/buckets?limit=1')),
    prepare:
      settings.api === 'v1'
        ? async () => void (await ql.ask([`CREATE DATABASE ${quoteName(database)}`]))
        : () => prepareBucket(settings, http),
    bytes: settings.api === 'v1' ? () => bytesOfShards(ql, database) : () => bytesOfBucket(settings, http),
    close: () => writer.close(),
  }
}

function authorization({ api, token, username, password }: InfluxSettings): Record<string, string> {
  if (token !== undefined && token !== '') return { authorization: api === 'v2' ? `Token ${token}` : `Bearer ${token}` }
  if (username === undefined || username === '') return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` }
}

function writePath({ api, database, org = '', bucket = database }: InfluxSettings, precision: WritePrecision): string {
  if (api === 'v1') return `/write?${new URLSearchParams({ db: database, precision })}`
  return `/api/v2/write?${new URLSearchParams({ org, bucket, precision })}`
}

type Request = (method: string, path: string, body?: unknown) => Promise<string>

function createRequests(url: string, headers: Record<string, string>, timeoutMs: number): Request {
  return async (method, path, body) => {
    const doing = `asking InfluxDB at ${new URL(url).origin} for ${method} ${path.split('?')[0]}`
    const response = await fetch(`${url}${path}`, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((cause: unknown) => {
      throw new StoreUnavailable(`${doing}: no answer; check that it runs and that influx.url is right`, { cause })
    })
    const text = await response.text()
    if (response.ok) return text
    const unauthorized = response.status === 401 || response.status === 403
    throw new StoreUnavailable(`${doing}: it answered ${response.status} ${text.slice(0, 200)}`, { unauthorized })
  }
}

interface Bucket {
  id: string
  orgID: string
}

/** The bucket by name, made when it is missing, and a default DBRP mapping from `database` to it, which InfluxQL needs. */
async function prepareBucket(settings: InfluxSettings, http: Request): Promise<void> {
  const { id: bucketID, orgID } = (await findBucket(settings, http)) ?? (await createBucket(settings, http))
  const query = new URLSearchParams({ orgID, db: settings.database })
  const { content = [] } = JSON.parse(await http('GET', `/api/v2/dbrps?${query}`)) as { content?: { bucketID: string; default: boolean }[] }
  if (content.some((mapping) => mapping.bucketID === bucketID && mapping.default)) return
  const mapping = { bucketID, orgID, database: settings.database, retention_policy: 'autogen', default: true }
  await http('POST', '/api/v2/dbrps', mapping)
}

async function findBucket({ org = '', bucket = '', database }: InfluxSettings, http: Request): Promise<Bucket | null> {
  const query = new URLSearchParams({ org, name: bucket || database })
  const { buckets = [] } = JSON.parse(await http('GET', `/api/v2/buckets?${query}`)) as { buckets?: Bucket[] }
  return buckets[0] ?? null
}

async function createBucket({ org = '', bucket = '', database }: InfluxSettings, http: Request): Promise<Bucket> {
  const { orgs = [] } = JSON.parse(await http('GET', `/api/v2/orgs?${new URLSearchParams({ org })}`)) as { orgs?: { id: string }[] }
  const [found] = orgs
  if (!found) throw new StoreUnavailable(`preparing InfluxDB: it has no organisation "${org}"; create it or set influx.org`)
  return JSON.parse(await http('POST', '/api/v2/buckets', { orgID: found.id, name: bucket || database, retentionRules: [] })) as Bucket
}

/** 1.x: the statistics of its shards, brought up to date by the server about every 10 s. */
async function bytesOfShards(ql: InfluxQl, database: string): Promise<number> {
  const [shards = []] = await ql.ask([`SHOW STATS FOR 'shard'`])
  const own = shards.filter((shard) => shard.tags['database'] === database)
  return own.reduce((sum, { columns, rows }) => sum + Number(rows[0]?.[columns.indexOf('diskBytes')] ?? 0), 0)
}

/** 2.x: `storage_shard_disk_size{bucket="<id>",…} <bytes>` of its metrics page. */
async function bytesOfBucket(settings: InfluxSettings, http: Request): Promise<number> {
  const bucket = await findBucket(settings, http)
  const lines = (await http('GET', '/metrics')).split('\n')
  const own = lines.filter((line) => line.startsWith('storage_shard_disk_size{') && line.includes(`bucket="${bucket?.id ?? ''}"`))
  return own.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
