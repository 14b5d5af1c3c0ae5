import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { parseLine, type ParsedField } from '../store/influx/parse-line.ts'

/** How the next write is answered. `kept`: how much of a refused write the server keeps anyway. */
export interface FakeAnswer {
  status: number
  body?: string
  headers?: Record<string, string>
  /** `good`: all lines but the poisoned ones; `all`: the answer is lost after the write; default `none`. */
  kept?: 'none' | 'good' | 'all'
  /** Cuts the connection instead of answering, after keeping what `kept` says. */
  cut?: boolean
  /** The answer comes so late. */
  delayMs?: number
}

export interface FakeInfluxOptions {
  token: string
  org: string
  bucket: string
  /** A line that holds this text is refused for good with 422 and `dropped=`, as a field type conflict is; the others are kept. */
  poison?: string
  /** `InfluxDB 1.x to stand behind it: good writes go there too, and `/query` is answered from it. */
  behind?: { url: string; database: string }
}

export interface FakeInfluxV2 {
  url: string
  /** Answers the coming writes but probes, one each, instead of taking them. */
  answerNext(...answers: FakeAnswer[]): void
  /** Answers every write so, until it is told otherwise: also the probe by which a client asks whether it is to blame. */
  refuseAll(answer: FakeAnswer | null): void
  /** Replaces the token that is valid. */
  rotateToken(token: string): void
  /** What is stored: fields by `measurement,tags time` (time in ms). */
  points(): ReadonlyMap<string, ReadonlyMap<string, ParsedField>>
  /** Writes that came, with their number of lines and the status they got (0: cut). */
  writes(): readonly { lines: number; status: number }[]
  mappings(): readonly { database: string; bucketID: string }[]
  close(): Promise<void>
}

const json = { 'content-type': 'application/json; charset=utf-8' }
const error = (code: string, message: string): string => JSON.stringify({ code, message })

/** What InfluxDB 2.7 says with each status; 429 and 503 carry Retry-After in seconds. */
export const v2Answers = {
  badRequest: (line: string): FakeAnswer => ({ status: 400, body: error('invalid', `unable to parse '${line}': missing fields`) }),
  unauthorized: { status: 401, body: error('unauthorized', 'unauthorized access') },
  notFound: { status: 404, body: error('not found', 'bucket "gone" not found') },
  tooLarge: { status: 413, body: error('request too large', 'unable to read data: points batch is too large') },
  conflict: (dropped: number, kept: FakeAnswer['kept'] = 'good'): FakeAnswer => ({
    status: 422,
    kept,
    body: error(
      'unprocessable entity',
      `failure writing points to database: partial write: field type conflict: input field "value" on measurement "observation" is type string, already exists as type float dropped=${dropped}`,
    ),
  }),
  tooMany: (seconds: number): FakeAnswer => ({
    status: 429,
    body: error('too many requests', 'write rate limit reached'),
    headers: { 'retry-after': String(seconds) },
  }),
  unavailable: { status: 503, body: error('unavailable', 'service unavailable'), headers: { 'retry-after': '2' } },
} as const satisfies Record<string, FakeAnswer | ((...given: never[]) => FakeAnswer)>

/** A server that speaks InfluxDB 2.x on the wire: write, query, buckets, organisations and DBRP mappings, with token, org and bucket checked. */
export async function startFakeInfluxV2(options: FakeInfluxOptions): Promise<FakeInfluxV2> {
  const state: State = {
    options,
    token: options.token,
    planned: [],
    refusal: null,
    points: new Map(),
    writes: [],
    buckets: new Set(),
    mappings: [],
  }
  const server = createServer((request, response) => {
    answer(state, request, response).catch((cause: unknown) => {
      response.writeHead(500, json).end(error('internal error', String(cause)))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: addressOf(server),
    answerNext: (...answers) => void state.planned.push(...answers),
    refuseAll: (answer) => void (state.refusal = answer),
    rotateToken: (token) => void (state.token = token),
    points: () => state.points,
    writes: () => state.writes,
    mappings: () => state.mappings,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

interface State {
  options: FakeInfluxOptions
  token: string
  planned: FakeAnswer[]
  refusal: FakeAnswer | null
  points: Map<string, Map<string, ParsedField>>
  writes: { lines: number; status: number }[]
  buckets: Set<string>
  mappings: { database: string; bucketID: string; default: boolean }[]
}

function addressOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('starting the fake InfluxDB: it has no port')
  return `http://127.0.0.1:${address.port}`
}

async function answer(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake')
  const body = await textOf(request)
  const send = ({ status, body: text = '', headers = {} }: FakeAnswer): void =>
    void response.writeHead(status, { ...(text === '' ? {} : json), ...headers }).end(text)
  if (url.pathname === '/ping') return send({ status: 204 })
  if (request.headers.authorization !== `Token ${state.token}`) {
    if (url.pathname === '/api/v2/write') state.writes.push({ lines: linesIn(body).length, status: 401 })
    return send(v2Answers.unauthorized)
  }
  if (url.pathname === '/api/v2/write') {
    const { cut, delayMs = 0, ...found } = await write(state, url.searchParams, body)
    state.writes.push({ lines: linesIn(body).length, status: cut ? 0 : found.status })
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (cut) return void request.socket.destroy()
    return send(found)
  }
  if (url.pathname === '/query') return send(await query(state, url, body))
  return send(administer(state, request.method ?? 'GET', url, body))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

const linesIn = (body: string): string[] => body.split('\n').filter((line) => line !== '')

async function write(state: State, query: URLSearchParams, body: string): Promise<FakeAnswer> {
  const { org, bucket, poison } = state.options
  if (query.get('org') !== org) return { status: 404, body: error('not found', `organization name "${query.get('org')}" not found`) }
  if (query.get('bucket') !== bucket) return { status: 404, body: error('not found', `bucket "${query.get('bucket')}" not found`) }
  const lines = linesIn(body)
  if (state.refusal) return state.refusal
  // what is planned is for the points themselves
  if (body.startsWith('probe ')) return { status: 204 }
  const good = lines.filter((line) => poison === undefined || !line.includes(poison))
  const planned = state.planned.shift()
  if (planned) {
    if (planned.kept === 'all') await keep(state, query, lines)
    if (planned.kept === 'good') await keep(state, query, good)
    return planned
  }
  await keep(state, query, good)
  return good.length === lines.length ? { status: 204 } : v2Answers.conflict(lines.length - good.length)
}

async function keep(state: State, query: URLSearchParams, lines: readonly string[]): Promise<void> {
  const perMs = query.get('precision') === 'ns' ? 1_000_000n : 1n
  for (const line of lines) {
    const parsed = parseLine(line)
    const time = BigInt(parsed.time)
    const key = `${parsed.head} ${perMs === 1n ? time : `${time / perMs}+${time % perMs}ns`}`
    const fields = state.points.get(key) ?? new Map<string, ParsedField>()
    for (const [name, value] of parsed.fields) fields.set(name, value)
    state.points.set(key, fields)
  }
  const { behind } = state.options
  if (!behind || lines.length === 0) return
  const address = `${behind.url}/write?${new URLSearchParams({ db: behind.database, precision: query.get('precision') ?? 'ns' })}`
  const response = await fetch(address, { method: 'POST', body: lines.join('\n') })
  if (response.status !== 204) throw new Error(`writing to the InfluxDB behind: ${response.status} ${await response.text()}`)
}

async function query(state: State, url: URL, body: string): Promise<FakeAnswer> {
  const { behind } = state.options
  const mapped = state.mappings.find(({ database }) => database === url.searchParams.get('db'))
  if (!mapped) return { status: 404, body: error('not found', 'dbrp mapping not found') }
  if (!behind) return { status: 200, body: '{"results":[{"statement_id":0}]}' }
  url.searchParams.set('db', behind.database)
  const response = await fetch(`${behind.url}/query${url.search}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
  })
  return { status: response.status, body: await response.text() }
}

const orgId = '0a0b0c0d0e0f0001'
const bucketId = 'b0c0d0e0f0a00001'

function administer(state: State, method: string, url: URL, body: string): FakeAnswer {
  const { org, bucket } = state.options
  const list = (name: string, items: unknown[]): FakeAnswer => ({ status: 200, body: JSON.stringify({ [name]: items }) })
  switch (`${method} ${url.pathname}`) {
    case 'GET /api/v2/orgs':
      return list('orgs', url.searchParams.get('org') === org ? [{ id: orgId, name: org }] : [])
    case 'GET /api/v2/buckets':
      return list('buckets', state.buckets.has(url.searchParams.get('name') ?? '') ? [{ id: bucketId, orgID: orgId, name: bucket }] : [])
    case 'POST /api/v2/buckets': {
      const asked = JSON.parse(body) as { name: string; orgID: string }
      if (asked.orgID !== orgId || asked.name !== bucket) return { status: 400, body: error('invalid', `unexpected bucket ${body}`) }
      state.buckets.add(asked.name)
      return { status: 201, body: JSON.stringify({ id: bucketId, orgID: orgId, name: asked.name }) }
    }
    case 'GET /api/v2/dbrps':
      return list(
        'content',
        state.mappings.filter(({ database }) => database === url.searchParams.get('db')),
      )
    case 'POST /api/v2/dbrps': {
      const { database, bucketID } = JSON.parse(body) as { database: string; bucketID: string }
      state.mappings.push({ database, bucketID, default: true })
      return { status: 201, body }
    }
    case 'GET /metrics':
      return { status: 200, body: metrics, headers: { 'content-type': 'text/plain; version=0.0.4' } }
    default:
      return { status: 404, body: error('not found', 'path not found') }
  }
}

const metrics = `# HELP storage_shard_disk_size Gauge of the disk size for the shard
# TYPE storage_shard_disk_size gauge
storage_shard_disk_size{bucket="${bucketId}",engine="tsm1",id="1",path="/data/1",walPath="/wal/1"} 1024
storage_shard_disk_size{bucket="${bucketId}",engine="tsm1",id="2",path="/data/2",walPath="/wal/2"} 2.5e+03
storage_shard_disk_size{bucket="other",engine="tsm1",id="3",path="/data/3",walPath="/wal/3"} 4096
`
