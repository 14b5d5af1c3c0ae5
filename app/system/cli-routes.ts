import { timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { People } from '../../api/people.ts'
import { exportCapture } from '../../ingest/journal/capture.ts'
import type { Journal } from '../../ingest/ports.ts'

interface CliRouteParts {
  people: Pick<People, 'reset'>
  journal: Pick<Journal, 'read' | 'figures'>
  cliToken: string
}

/**
 * What only the command line of this machine may ask of a running server (it shows a token that stands in a 0600 file of the data
 * folder): a new one-time password, and the journal as a capture.
 */
export function addCliRoutes(app: FastifyInstance, { people, journal, cliToken }: CliRouteParts): void {
  const refused = { type: 'about:blank', title: 'Refused', status: 401, detail: 'Only the command line of this machine may ask this.' }

  app.post('/cli/users/:name/reset', async (request, reply) => {
    if (!isCli(request, cliToken)) return reply.code(401).send(refused)
    const { name } = request.params as { name: string }
    const made = await people.reset(name)
    return made ?? reply.code(404).send({ type: 'about:blank', title: 'No such user', status: 404, detail: `There is no user ${name}.` })
  })

  app.get('/cli/capture', async (request, reply) => {
    if (!isCli(request, cliToken)) return reply.code(401).send(refused)
    const { from, to } = request.query as { from?: string; to?: string }
    const { oldest, newest } = journal.figures()
    const range = [Number(from ?? oldest), Number(to ?? newest)] as const
    return reply.type('application/x-ndjson').send(Readable.from(exportCapture(journal, ...range)))
  })
}

function isCli(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization?.replace(/^Bearer /, '') ?? '')
  const expected = Buffer.from(token)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
