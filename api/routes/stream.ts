import type { FastifyReply, FastifyRequest } from 'fastify'
import Type from 'typebox'
import { namesOf, oneOf, stationOf } from '../asked.ts'
import type { Resource, RouteContext } from '../context.ts'
import { asked, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import type { LiveWire } from '../live.ts'
import { streamTopics, type StreamTopic } from '../schemas/stream.ts'

const route = {
  operationId: 'stream',
  tags: ['stream'],
  summary: 'Live events as Server-Sent Events; a client that comes back with Last-Event-ID misses nothing, or is told by a reset',
  description:
    'Events: `observations` and `warnings` (see the schemas ObservationsEvent and WarningsEvent), and `reset`: something was missed that is ' +
    'no longer kept, read the lists again. A comment every 15 s is a sign of life. A client that takes nothing for 5 s is dropped.',
  security: security.reader,
  produces: ['text/event-stream'],
  querystring: strict({
    topics: Type.Array(Type.String(), {
      default: [...streamTopics],
      description: `Of ${streamTopics.join(', ')}`,
      examples: [['observations', 'warnings']],
    }),
    stations: Type.Optional(
      Type.Array(Type.String(), { maxItems: 500, description: 'Only of these stations; several with commas', examples: [['qingxi']] }),
    ),
    lastEventId: asked.text(
      'The same as the header Last-Event-ID, for a first connection: the X-Event-Id of the answer that the page was made of',
      'mm73rcw0.12',
    ),
  }),
  response: { 200: { description: 'The events', content: { 'text/event-stream': { schema: Type.String() } } } },
}

/** Live events. */
export const stream: Resource = (context) => async (app) => {
  const watched = new Set<Watch>()
  context.access.onEnded(() => {
    for (const watch of watched) void watch.look()
  })
  app.get('/stream', { schema: route, compress: false, exposeHeadRoute: false }, async (request, reply) => {
    const { parts, access, feed, config } = context
    const sight = await access.sight(request)
    const fleet = parts.fleet()
    const names = request.query.stations && namesOf(request.query.stations)
    const stations = names ? new Set<string>(names.map((name) => stationOf(name, fleet, sight).station.id)) : null
    const topics = new Set(namesOf(request.query.topics).map((name) => oneOf(name, 'topics', streamTopics) as StreamTopic))
    if (feed.figures().clients >= config.streamClients)
      throw new ApiProblem('unavailable', `${config.streamClients} live connections are open, the most there may be; try again later.`, {
        headers: { 'retry-after': '30' },
      })
    const endsAt = await access.endsAt(request)
    const wire = open(request, reply)
    const header = request.headers['last-event-id']
    const lastId = (typeof header === 'string' && header) || request.query.lastEventId || null
    const leave = feed.follow(wire, { topics, stations, simulatedOnly: sight.simulatedOnly }, lastId)
    const watch = watchLogin(context, request, { wire, endsAt })
    watched.add(watch)
    request.raw.once('close', () => {
      watched.delete(watch)
      watch.stop()
      leave()
    })
    // one that ended before it was watched
    await watch.look()
  })
}

/** Takes the connection over from Fastify, with the headers that were set for it. */
function open(request: FastifyRequest, reply: FastifyReply): LiveWire {
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  request.raw.socket.setNoDelay(true)
  raw.on('error', () => undefined)
  return { write: (text) => raw.write(text), onDrain: (listener) => void raw.on('drain', listener), end: () => void raw.destroy() }
}

interface Watch {
  /** Ends the connection when its login is over. */
  look(): Promise<void>
  stop(): void
}

/** A live connection ends with the login it stands on: within a second when that runs out, at once when somebody ended it. */
function watchLogin(
  { access, parts }: RouteContext,
  request: FastifyRequest,
  { wire, endsAt }: { wire: LiveWire; endsAt: number | null },
): Watch {
  const timer = setInterval(() => endsAt !== null && parts.now() >= endsAt && wire.end(), 1_000).unref()
  return {
    async look() {
      try {
        if (await access.isOver(request)) wire.end()
      } catch (error) {
        parts.onFault?.('looking whether the login of a live connection still stands', error)
      }
    },
    stop: () => clearInterval(timer),
  }
}
