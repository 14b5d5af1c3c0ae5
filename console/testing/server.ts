import Fastify, { type FastifyInstance } from 'fastify'
import type { ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import type { SessionNote } from '../../api/schemas/session.ts'
import type { ApiAnswer, ConsoleApi } from '../api-client.ts'
import { readAssets, type Assets } from '../assets.ts'
import { consolePlugin } from '../plugin.ts'
import * as devices from './sample-devices.ts'
import { completeness, gapList } from './sample-gaps.ts'
import * as sample from './sample.ts'
import { warningDetail, warnings } from './sample-warnings.ts'
import { addSimulator } from './simulator.ts'
import { sampleNow } from './sketches.ts'

/** The script and the style as the product has them; `npm test` builds them first. */
export const builtAssets = (): Promise<Assets> => readAssets(fileURLToPath(new URL('../../dist/console', import.meta.url)))

export interface SampleOptions {
  assets: Assets
  /** No station, no device, no warning. */
  empty?: boolean
  /** Logged in as an officer from the beginning. */
  officer?: boolean
  engineer?: boolean
  ready?: boolean
}

export interface SampleServer {
  app: FastifyInstance
  /** What the api was asked, method and path. */
  asked: string[]
  /** Sends a live event to every open stream. */
  emit(event: string, data: unknown): void
  /** Ends every open stream. */
  hangUp(): void
  /** Carries the simulation that runs on by twenty minutes. */
  goOn(): void
}

/** A server with the sample catchment as its api and the console in front of it. */
export async function sampleServer(options: SampleOptions): Promise<SampleServer> {
  const app = Fastify()
  const asked: string[] = []
  const streams = new Set<ServerResponse>()
  app.addHook('onRequest', async (request) => void (request.url.startsWith('/api') && asked.push(`${request.method} ${request.url}`)))
  const { goOn } = sampleApi(app, options, streams)
  const api: ConsoleApi = async ({ method, path, headers, body }): Promise<ApiAnswer> => {
    const answer = await app.inject({ method, url: path, headers: { ...headers }, ...(body !== undefined && { payload: body as object }) })
    const cookies = answer.headers['set-cookie']
    return { status: answer.statusCode, json: answer.json<unknown>(), cookies: cookies === undefined ? [] : [cookies].flat() }
  }
  await app.register(consolePlugin({ api, assets: options.assets, now: () => sampleNow, version: '0.1.0' }))
  const emit = (event: string, data: unknown): void => {
    for (const stream of streams) stream.write(`event: ${event}\nid: 1.1\ndata: ${JSON.stringify(data)}\n\n`)
  }
  const hangUp = (): void => streams.forEach((stream) => stream.end())
  app.addHook('preClose', async () => hangUp())
  return { app, asked, emit, hangUp, goOn }
}

const problem = (status: number, detail: string) => ({ status, detail, code: 'sample', type: 'sample', title: 'sample' })

const officerSession: SessionNote = { user: { name: 'officer', role: 'officer', mustChangePassword: false }, simulatedOnly: false }
const engineerSession: SessionNote = { user: { name: 'li.wei', role: 'engineer', mustChangePassword: false }, simulatedOnly: false }
const firstSession: SessionNote = { user: { name: 'admin', role: 'administrator', mustChangePassword: true }, simulatedOnly: true }
const nobody: SessionNote = { user: null, simulatedOnly: true }

function sampleApi(app: FastifyInstance, options: SampleOptions, streams: Set<ServerResponse>): { goOn(): void } {
  const who = (cookie = ''): SessionNote => {
    if (options.engineer === true) return engineerSession
    if (options.officer === true || cookie.includes('session=good')) return officerSession
    return cookie.includes('session=once') ? firstSession : nobody
  }
  addSession(app, who)
  addStations(app, options.empty === true)
  addWarnings(app, options.empty === true, who)
  app.get('/readyz', (_request, reply) => reply.code(options.ready === false ? 503 : 200).send(devices.readiness(options.ready !== false)))
  app.get<{ Querystring: { device?: string; state?: string } }>('/api/v1/devices', ({ query: { device, state } }) => {
    const list = devices.deviceList()
    const found = list.devices.filter((one) => (device ?? one.id).split(',').includes(one.id) && one.state === (state ?? one.state))
    return options.empty ? { ...list, devices: [], matches: 0 } : { ...list, devices: found, matches: found.length }
  })
  addQuarantine(app, options.empty === true)
  addContinuity(app, options.ready === false)
  const { goOn } = addSimulator(app, options.empty === true, who)
  app.get('/api/v1/stream', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    reply.raw.write('retry: 300\n\n')
    streams.add(reply.raw)
    reply.raw.on('close', () => streams.delete(reply.raw))
  })
  return { goOn }
}

function addContinuity(app: FastifyInstance, readingBack: boolean): void {
  interface Asked {
    station: string
    state?: string
    size: '1h' | '1d'
    from: string
    to: string
  }
  app.get<{ Querystring: Asked }>('/api/v1/gaps', ({ query }) => gapList(query.station, query.state, readingBack))
  app.get<{ Querystring: Asked }>('/api/v1/completeness', ({ query }) =>
    completeness(query.station, query.size, Number(query.from), Number(query.to)),
  )
}

function addQuarantine(app: FastifyInstance, empty: boolean): void {
  let mapped = false
  app.get<{ Querystring: { reason?: string } }>('/api/v1/quarantine', ({ query: { reason } }) => {
    const { entries, next } = devices.quarantineList()
    return empty ? { entries: [], next: null } : { entries: entries.filter((one) => reason === undefined || one.reason === reason), next }
  })
  app.get('/api/v1/quarantine/groups', () => (empty ? { groups: [] } : devices.quarantineGroups()))
  app.get<{ Params: { id: string } }>('/api/v1/quarantine/:id', ({ params }, reply) => {
    const found = devices.quarantinePage(Number(params.id), mapped)
    return reply.code(found ? 200 : 404).send(found ?? problem(404, 'There is no such entry.'))
  })
  app.get<{ Params: { id: string } }>('/api/v1/devices/:id/mapping', ({ params }) => devices.mappingPage(params.id))
  app.put<{ Body: { channels?: object } }>('/api/v1/devices/:id/mapping', ({ body }, reply) => {
    mapped = true
    return reply.send(body)
  })
  app.post('/api/v1/devices/:id/clock/corrections', (_request, reply) => reply.send({ id: 'c-1', readings: 0, preview: [], carried: null }))
  app.post('/api/v1/quarantine/close', (_request, reply) => reply.send({ dryRun: false, entries: 1, values: 1, more: false }))
  app.post('/api/v1/quarantine/run', (_request, reply) =>
    mapped
      ? reply.send({ dryRun: false, entries: [], takeable: 1, more: false })
      : reply.code(403).send(problem(403, 'This needs the role engineer.')),
  )
}

function addSession(app: FastifyInstance, who: (cookie?: string) => SessionNote): void {
  app.get('/api/v1/session', (request) => who(request.headers.cookie))
  app.post<{ Body: { user: string; password: string } }>('/api/v1/session', (request, reply) => {
    const { password } = request.body
    if (password === 'once') return reply.header('set-cookie', 'session=once; Path=/').send(firstSession)
    if (password !== 'right') return reply.code(401).send(problem(401, 'User and password do not fit.'))
    return reply.header('set-cookie', 'session=good; Path=/').send(officerSession)
  })
  app.delete('/api/v1/session', (_request, reply) => reply.header('set-cookie', 'session=; Path=/; Max-Age=0').send(nobody))
  app.post<{ Body: { next: string } }>('/api/v1/users/me/password', (request, reply) => {
    if (request.body.next.length < 10) return reply.code(400).send(problem(400, 'body.next: must have at least 10 characters'))
    return reply.header('set-cookie', 'session=good; Path=/').send(officerSession)
  })
}

function addStations(app: FastifyInstance, empty: boolean): void {
  const counts = { stations: 0, reporting: 0, silent: 0, never: 0, warnings: 0, unacknowledged: 0, completeness: null }
  const nothing = { ...sample.stationList(), networks: [], stations: [], lastReceivedAt: null, counts }
  app.get('/api/v1/stations', () => (empty ? nothing : sample.stationList()))
  app.get<{ Params: { id: string } }>('/api/v1/stations/:id', ({ params: { id } }, reply) => {
    if (id === 'private')
      return reply.code(401).send(problem(401, 'Station private is real data; without a login only simulated data is shown.'))
    if (id === 'broken') return reply.code(503).send(problem(503, 'The store does not answer.'))
    const detail = sample.stationDetail(id)
    return reply.code(detail ? 200 : 404).send(detail ?? problem(404, 'There is no such station.'))
  })
  app.get<{ Querystring: { series: string; from: string; to: string } }>('/api/v1/observations', ({ query }) => {
    const [from, to] = [Number(query.from), Number(query.to)]
    const observations = empty ? [] : query.series.split(',').flatMap((series) => sample.observations(series, from, to))
    return { from, to, asOf: null, next: null, observations }
  })
}

function addWarnings(app: FastifyInstance, empty: boolean, who: (cookie?: string) => SessionNote): void {
  const acknowledged = new Map<string, string>()
  app.get<{ Querystring: { station?: string } }>('/api/v1/warnings', ({ query }) => ({
    warnings: empty ? [] : warnings.filter((one) => query.station === undefined || one.station === query.station),
    more: false,
  }))
  app.get<{ Params: { id: string } }>('/api/v1/warnings/:id', ({ params }, reply) => {
    const detail = warningDetail(params.id, acknowledged.get(params.id) ?? null)
    return reply.code(detail ? 200 : 404).send(detail ?? problem(404, 'There is no such warning.'))
  })
  app.post<{ Params: { id: string } }>('/api/v1/warnings/:id/acknowledge', (request, reply) => {
    const { user } = who(request.headers.cookie)
    if (user === null) return reply.code(401).send(problem(401, 'This needs the role officer.'))
    acknowledged.set(request.params.id, user.name)
    return { warning: warningDetail(request.params.id, user.name)?.warning }
  })
}
