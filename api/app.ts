import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import etag from '@fastify/etag'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import fastify, { type FastifyInstance } from 'fastify'
import { parseDuration } from '../domain/time.ts'
import { createAccess, type Caller } from './access.ts'
import { askBeforeRoutes } from './allow.ts'
import { noteRequests, refusedNote } from './audited.ts'
import { addressKey } from '../domain/attempts.ts'
import { createBoard } from './board.ts'
import type { ApiConfig } from './config.ts'
import { createHttpConnections, type HttpConnections } from './connections.ts'
import type { Resource, RouteContext } from './context.ts'
import { ApiProblem } from './errors.ts'
import { addGuards } from './guards.ts'
import { createLiveFeed, type LiveFigures } from './live.ts'
import { createProxies } from './proxies.ts'
import { createRefusals, type Refusal, type Refusals } from './refusals.ts'
import { description } from './openapi.ts'
import type { ApiParts } from './parts.ts'
import { answerProblems } from './problems.ts'
import { requestTimeouts } from './timeouts.ts'
import { audit } from './routes/audit.ts'
import { certificates } from './routes/certificates.ts'
import { clocks } from './routes/clocks.ts'
import { corrections } from './routes/corrections.ts'
import { continuity } from './routes/continuity.ts'
import { deliveries } from './routes/deliveries.ts'
import { devices } from './routes/devices.ts'
import { mappings } from './routes/mappings.ts'
import { observations } from './routes/observations.ts'
import { people } from './routes/people.ts'
import { provisioning } from './routes/provisioning.ts'
import { quarantine } from './routes/quarantine.ts'
import { rollups } from './routes/rollups.ts'
import { runs } from './routes/runs.ts'
import { series } from './routes/series.ts'
import { sessions } from './routes/sessions.ts'
import { simulator } from './routes/simulator.ts'
import { stations } from './routes/stations.ts'
import { stream } from './routes/stream.ts'
import { system } from './routes/system.ts'
import { warnings } from './routes/warnings.ts'
import { createSessions } from './sessions.ts'
import { checkRequests } from './validation.ts'
import { createWrongLogins } from './wrong-logins.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Figures of the live connections, for /metrics. */
    liveFigures(): LiveFigures
    /** What was refused since start, by reason. */
    refused(): ReadonlyMap<Refusal, number>
    connections: HttpConnections
  }
}

/** Every resource under /api/v1. */
const resources: readonly Resource[] = [
  ...[deliveries, stations, series, observations, rollups, continuity, warnings],
  ...[devices, provisioning, certificates, quarantine, clocks, mappings, corrections, runs, simulator, stream, sessions, people, audit],
]

/**
 * The HTTP server, ready to listen; the board of newest values is filled (a store that is away is asked again in the background). Closing
 * it ends the live connections.
 */
export async function createApi(parts: ApiParts, config: ApiConfig): Promise<FastifyInstance> {
  const onFault = parts.onFault ?? (() => undefined)
  const timeouts = requestTimeouts(config)
  const proxies = createProxies(config.trustedProxies)
  const app = fastify({
    bodyLimit: 1_048_576,
    ...(config.trustedProxies.length > 0 ? { trustProxy: proxies.trusts } : {}),
    http: timeouts,
    requestTimeout: timeouts.requestTimeout,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 400 },
  })
  const board = createBoard({ fleet: parts.fleet, telemetry: parts.store.telemetry, live: parts.live, onFault })
  const opened = createSessions({ ...parts, documents: parts.store.documents, ttlMs: ms(config.sessionTtl) })
  const feed = createLiveFeed({
    live: parts.live,
    fleet: parts.fleet,
    ring: config.streamRing,
    patienceMs: ms(config.streamPatience),
    boot: parts.now().toString(36),
  })
  const refusals = createRefusals(parts.audit)
  const connections = createHttpConnections({
    limits: { ...config, waitMs: timeouts.requestTimeout },
    strangerMs: timeouts.headersTimeout,
    isProxy: proxies.trusts,
    onRefused: (reason, address) => refusals.count(reason, { action: 'connect', who: null, target: null, address, detail: '' }),
  })
  connections.guard(app.server)
  const access = createAccess({ ...parts, sessions: opened })
  const context: RouteContext = { parts, config, board, feed, sessions: opened, connections, access }
  await addGround(app, context, { onFault, refusals })
  app.addHook('onRequest', async (request, reply) => {
    // told before anything is read: who follows the stream from here misses nothing of what the answer does not hold
    if (request.method === 'GET' && request.url.startsWith('/api/v1/')) void reply.header('x-event-id', feed.place())
  })
  await app.register(system(context))
  for (const resource of resources) await app.register(resource(context), { prefix: '/api/v1' })
  if (parts.pages) await parts.pages(app)
  const beat = setInterval(() => feed.beat(), ms(config.streamHeartbeat)).unref()
  app.decorate('liveFigures', () => feed.figures())
  app.decorate('refused', () => refusals.counts())
  app.decorate('connections', connections)
  app.addHook('preClose', async () => {
    clearInterval(beat)
    connections.dismiss()
    board.close()
    feed.close()
  })
  await board.start()
  await app.ready()
  return app
}

/** Asked by those who watch over the process, whatever else comes from their address. */
const signsOfLife: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Whose requests are counted together: those of a key, of a person, else of an address. */
function rateKey(caller: Caller | null, address: string): string {
  if (caller?.kind === 'key') return `key ${caller.key.id}`
  return caller?.kind === 'person' ? `person ${caller.person.name}` : `address ${addressKey(address)}`
}

interface GroundParts {
  onFault: (doing: string, error: unknown) => void
  refusals: Refusals
}

/** What all routes stand on. */
async function addGround(
  app: FastifyInstance,
  { parts, config, access, connections }: RouteContext,
  { onFault, refusals }: GroundParts,
): Promise<void> {
  app.removeContentTypeParser('text/plain')
  const answerWrongLogin = createWrongLogins(parts.pace, (request, error) =>
    refusals.count('login-throttled', { ...refusedNote(request, error), who: null }),
  )
  answerProblems(app, {
    onFault,
    answerWrongLogin(request, refused) {
      connections.judged(request.raw)
      return answerWrongLogin(request, refused)
    },
  })
  checkRequests(app)
  addGuards(app, { loopback: parts.loopback, hosts: config.hosts })
  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: contentSecurityPolicy },
    strictTransportSecurity: false,
    // with none at all a browser's own form would come without its origin
    referrerPolicy: { policy: 'same-origin' },
  })
  await app.register(rateLimit, {
    max: config.requestsPerMinute,
    timeWindow: 60_000,
    cache: 10_000,
    keyGenerator: async (request) => rateKey(await access.caller(request).catch(() => null), request.ip),
    allowList: async (request) =>
      signsOfLife.has(request.routeOptions.url ?? '') || (await access.caller(request).catch(() => null))?.kind === 'cli',
    enableDraftSpec: true,
    errorResponseBuilder: (_request, { after }) =>
      new ApiProblem('too-many', `More requests came than are allowed in a minute; try again in ${after}.`),
  })
  app.addHook('onRequest', async (request) => {
    const caller = await access.caller(request).catch(() => null)
    if (caller !== null && caller.kind !== 'anonymous') connections.judged(request.raw)
  })
  noteRequests(app, { audit: parts.audit, access, refusals })
  askBeforeRoutes(app, access)
  await app.register(etag, { weak: true })
  await app.register(compress, { threshold: 1024, encodings: ['br', 'gzip', 'deflate'], globalDecompression: false })
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/') && !reply.hasHeader('cache-control')) void reply.header('cache-control', 'private, no-cache')
    void reply.header('vary', 'Cookie, Authorization, Accept, Accept-Encoding')
  })
  await app.register(swagger, description(parts.version))
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { validatorUrl: null, tryItOutEnabled: true },
    theme: { title: 'Gaugekeeper API' },
    // Swagger UI writes style attributes; nothing is fetched from elsewhere
    staticCSP: "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; frame-ancestors 'none'",
  })
}

/** Nothing but our own files; pages with inline parts name them in a header of their own. */
const contentSecurityPolicy = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
}

/** app/ has checked the configuration: what is no length of time here is a fault of ours. */
function ms(text: string): number {
  const found = parseDuration(text)
  if (found === null) throw new ApiProblem('internal', `reading the length of time ${JSON.stringify(text)} of the api section`)
  return found
}
