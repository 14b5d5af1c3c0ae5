import Type from 'typebox'
import type { Delivery } from '../../domain/delivery.ts'
import { deviceId, runId } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import type { ApiParts, RunSummary } from '../parts.ts'
import type { Resource } from '../context.ts'
import { answers, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import {
  CapturedDeliveries,
  ClockMoved,
  ClockRequest,
  DeliveriesTaken,
  RunCreated,
  RunList,
  RunRequest,
  type CapturedDelivery,
  type RunNote,
} from '../schemas/run.ts'

const params = strict({ run: Type.String({ maxLength: 100, examples: ['flood-2020'] }) })

const listRoute = {
  operationId: 'runs',
  tags: ['runs'],
  summary: 'Simulations and replays',
  security: security.reader,
  response: answers(200, RunList, 'The runs'),
}

const createRoute = {
  operationId: 'createRun',
  tags: ['runs'],
  summary: 'Begin a run with its own network and devices, or resume it (role engineer); the secrets are shown this once',
  security: security.person,
  body: RunRequest,
  response: answers(201, RunCreated, 'The run and the secrets of its devices'),
}

const clockRoute = {
  operationId: 'moveClock',
  tags: ['runs'],
  summary: 'Move the clock of a run forward (role engineer)',
  security: security.person,
  params,
  body: ClockRequest,
  response: answers(200, ClockMoved, 'The tick is in the journal'),
}

const deliverRoute = {
  operationId: 'replayDeliveries',
  tags: ['runs'],
  summary: 'Give deliveries of a capture to a run, with the moments at which they were received (role engineer)',
  security: security.person,
  params,
  body: CapturedDeliveries,
  response: answers(200, DeliveriesTaken, 'They are in the journal'),
}

const removeRoute = {
  operationId: 'removeRun',
  tags: ['runs'],
  summary: 'Take a run away with its network, devices and rows (role engineer)',
  security: security.person,
  params,
  response: answers(200, strict({ removed: Type.Literal(true) }), 'It is gone'),
}

/** Runs: list, create, clock, captured deliveries, remove. */
export const runs: Resource =
  ({ parts }) =>
  async (app) => {
    app.get('/runs', { schema: listRoute }, async () => ({
      runs: (await parts.runs.list()).map(runNote),
      removed: await parts.runs.removed(),
    }))
    // a network of 500 stations is about 400 kB
    app.post('/runs', { schema: createRoute, bodyLimit: 8 * 1_048_576 }, async (request, reply) => {
      const { run, network, clock } = request.body
      if ((await parts.runs.removed()).some((name) => name === run))
        throw new ApiProblem(
          'conflict',
          `A run ${run} was here and was removed; its clock and warnings are known still. Take another name.`,
        )
      const { summary, secrets } = await parts.runs.create(runId(run), network, clock)
      const shown = { summary: runNote(summary), secrets: secrets.map(({ device, secret }) => ({ device, secret })) }
      return reply.code(201).header('cache-control', 'no-store').send(shown)
    })
    app.post('/runs/:run/clock', { schema: clockRoute }, async (request) => {
      const { run } = await known(parts, request.params.run)
      await parts.runs.tick(run, request.body.at)
      return { run, at: request.body.at }
    })
    app.post('/runs/:run/deliveries', { schema: deliverRoute, bodyLimit: 16 * 1_048_576 }, async (request) => {
      const { run } = await known(parts, request.params.run)
      return parts.runs.deliver(run, request.body.deliveries.map(deliveryOf))
    })
    app.delete('/runs/:run', { schema: removeRoute }, async (request) => {
      const { run } = await known(parts, request.params.run)
      await parts.runs.remove(run)
      return { removed: true as const }
    })
  }

async function known({ runs }: ApiParts, name: string): Promise<RunSummary> {
  const all = await runs.list()
  const found = all.find((one) => one.run === name)
  if (found) return found
  const near = hint(
    name,
    all.map((one) => one.run),
  )
  throw new ApiProblem('not-found', `There is no run ${JSON.stringify(name)}${near}. All of them: GET /api/v1/runs`)
}

function deliveryOf({ text, base64, device, ...rest }: CapturedDelivery): Delivery {
  const payload = base64 === undefined ? Buffer.from(text ?? '', 'utf8') : Buffer.from(base64, 'base64')
  return { ...rest, device: deviceId(device), payload }
}

const runNote = ({ run, network, clock, createdAt }: RunSummary): RunNote => ({ run, network, clock, createdAt })
