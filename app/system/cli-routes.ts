import { timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LoginRefused } from '../../api/errors.ts'
import type { People } from '../../api/people.ts'
import type { Manifest } from '../backup/manifest.ts'
import { takeBackup, type BackupParts } from '../backup/take.ts'
import { GaugekeeperError } from '../../domain/errors.ts'
import type { Network } from '../../domain/network.ts'
import type { Journal } from '../../ingest/ports.ts'
import type { Store } from '../../store/ports/store.ts'
import { capturedLines, noNetwork, type CaptureQuery } from './captured.ts'
import type { SupportBundle } from './support.ts'

interface CliRouteParts {
  people: Pick<People, 'setPassword'>
  journal: Pick<Journal, 'read' | 'figures'>
  networks: () => readonly Network[]
  backup: BackupParts
  store: Pick<Store, 'verify'>
  support: () => Promise<SupportBundle>
  cliToken: string
}

/** One line of the answer to a backup. */
export type BackupStep = { step: string } | { manifest: Manifest } | { failed: string }

/**
 * What only the command line of this machine may ask of a running server (it shows a token that stands in a 0600 file of the data
 * folder): a password that is given, the journal as a capture, a backup, the store read whole, and what somebody needs who helps from afar.
 */
export function addCliRoutes(app: FastifyInstance, { people, journal, networks, backup, store, support, cliToken }: CliRouteParts): void {
  const mustBeCli = ({ headers }: FastifyRequest): void => {
    if (!isSame(headers.authorization?.replace(/^Bearer /, '') ?? '', cliToken))
      throw new LoginRefused('', 'Only the command line of this machine may ask this.')
  }

  app.post('/cli/users/:name/password', async (request, reply) => {
    mustBeCli(request)
    const { name } = request.params as { name: string }
    const { password } = request.body as { password: string }
    return (await people.setPassword(name, password))
      ? reply.code(204).send()
      : reply.code(404).send(notFound('No such user', `There is no user ${name}.`))
  })

  app.get('/cli/backup', async (request, reply) => {
    mustBeCli(request)
    const { to = '' } = request.query as { to?: string }
    return reply.type('application/x-ndjson').send(Readable.from(backupLines(backup, to)))
  })

  app.post('/cli/verify', async (request, reply) => {
    mustBeCli(request)
    // what it meets is among the problems from then on
    await store.verify().catch(ifDamaged)
    return reply.code(204).send()
  })

  app.get('/cli/support', async (request) => {
    mustBeCli(request)
    return support()
  })

  app.get('/cli/capture', async (request, reply) => {
    mustBeCli(request)
    const query = request.query as CaptureQuery
    const lines = capturedLines(journal, networks(), query)
    if (lines === null) return reply.code(404).send(notFound('No such network', noNetwork(query)))
    return reply.type('application/x-ndjson').send(Readable.from(lines))
  })
}

async function* backupLines(parts: BackupParts, to: string): AsyncGenerator<string> {
  const line = (step: BackupStep): string => `${JSON.stringify(step)}\n`
  try {
    const steps = takeBackup(parts, to)
    let step = await steps.next()
    for (; !step.done; step = await steps.next()) yield line({ step: step.value })
    yield line({ manifest: step.value })
  } catch (error) {
    yield line({ failed: error instanceof Error ? error.message : String(error) })
  }
}

const notFound = (title: string, detail: string): object => ({ type: 'about:blank', title, status: 404, detail })

function ifDamaged(error: unknown): void {
  if (!(error instanceof GaugekeeperError && error.code === 'store-corrupt')) throw error
}

function isSame(text: string, secret: string): boolean {
  const [given, expected] = [Buffer.from(text), Buffer.from(secret)]
  return given.length === expected.length && timingSafeEqual(given, expected)
}
