import { timingSafeEqual } from 'node:crypto'
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { LoginRefused } from '../../api/errors.ts'
import type { People } from '../../api/people.ts'
import type { Manifest } from '../backup/manifest.ts'
import { takeBackup, type BackupParts } from '../backup/take.ts'
import type { Network } from '../../domain/network.ts'
import { writeNetwork } from '../../domain/network-write.ts'
import { exportCapture, type CaptureOrder } from '../../ingest/journal/capture.ts'
import type { Journal } from '../../ingest/ports.ts'
import type { SupportBundle } from './support.ts'

interface CliRouteParts {
  people: Pick<People, 'setPassword'>
  journal: Pick<Journal, 'read' | 'figures'>
  networks: () => readonly Network[]
  backup: BackupParts
  support: () => Promise<SupportBundle>
  cliToken: string
}

/** One line of the answer to a backup. */
export type BackupStep = { step: string } | { manifest: Manifest } | { failed: string }

/**
 * What only the command line of this machine may ask of a running server (it shows a token that stands in a 0600 file of the data
 * folder): a password that is given, the journal as a capture, a backup, and what somebody needs who helps from afar.
 */
export function addCliRoutes(app: FastifyInstance, { people, journal, networks, backup, support, cliToken }: CliRouteParts): void {
  const mustBeCli = ({ headers }: FastifyRequest): void => {
    if (!isSame(headers.authorization?.replace(/^Bearer /, '') ?? '', cliToken))
      throw new LoginRefused('', 'Only the command line of this machine may ask this.')
  }

  app.post('/cli/users/:name/password', async (request, reply) => {
    mustBeCli(request)
    const { name } = request.params as { name: string }
    const { password } = request.body as { password: string }
    return (await people.setPassword(name, password)) ? reply.code(204).send() : reply.code(404).send(nobody(name))
  })

  app.get('/cli/backup', async (request, reply) => {
    mustBeCli(request)
    const { to = '' } = request.query as { to?: string }
    return reply.type('application/x-ndjson').send(Readable.from(backupLines(backup, to)))
  })

  app.get('/cli/support', async (request) => {
    mustBeCli(request)
    return support()
  })

  app.get('/cli/capture', async (request, reply) => {
    mustBeCli(request)
    const query = request.query as CaptureQuery
    const chosen = chosenNetworks(networks(), query)
    if (chosen.length === 0 && !isAll(query)) return reply.code(404).send(noNetwork(query))
    const { oldest, newest } = journal.figures()
    const range = { from: Number(query.from ?? oldest), to: Number(query.to ?? newest) }
    return reply.type('application/x-ndjson').send(Readable.from(exportCapture(journal, { ...range, ...captured(chosen, query) })))
  })
}

/** What of the journal: numbers, a run or a network, and moments of receipt (epoch ms). */
export interface CaptureQuery {
  from?: string
  to?: string
  run?: string
  network?: string
  since?: string
  until?: string
}

const isAll = ({ run, network }: CaptureQuery): boolean => run === undefined && network === undefined

/** All networks, or those of one run or network. */
const chosenNetworks = (networks: readonly Network[], query: CaptureQuery): Network[] =>
  networks.filter((network) => isAll(query) || network.run === query.run || network.id === query.network)

/** These networks with what their devices sent, or all that was received, and of a time. */
function captured(chosen: readonly Network[], query: CaptureQuery): Pick<CaptureOrder, 'networks' | 'takes'> {
  const { since = '-Infinity', until = 'Infinity' } = query
  const files = chosen.map((network) => ({ run: network.run, network: writeNetwork(network) }))
  const devices = new Set<string>(chosen.flatMap((network) => network.devices.map((device) => device.id)))
  const clocks = new Set(chosen.map((network) => (network.run === null ? 'wall' : `run/${network.run}`)))
  const [first, last] = [Number(since), Number(until)]
  const takes: CaptureOrder['takes'] = ({ device, source, topic, receivedAt }) =>
    receivedAt >= first && receivedAt <= last && (isAll(query) || (source === 'tick' ? clocks.has(topic) : devices.has(device)))
  return { networks: files, takes }
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

const noNetwork = ({ run, network }: CaptureQuery): object => ({
  type: 'about:blank',
  title: 'No such network',
  status: 404,
  detail: run === undefined ? `There is no network ${network}.` : `There is no run ${run}.`,
})

const nobody = (name: string): object => ({
  type: 'about:blank',
  title: 'No such user',
  status: 404,
  detail: `There is no user ${name}.`,
})

function isSame(text: string, secret: string): boolean {
  const [given, expected] = [Buffer.from(text), Buffer.from(secret)]
  return given.length === expected.length && timingSafeEqual(given, expected)
}
