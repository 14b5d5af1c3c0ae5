import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import { hint } from '../../domain/nearest.ts'
import { answers, security, strict } from '../documented.ts'
import type { Resource } from '../context.ts'
import { ApiProblem } from '../errors.ts'
import type { SimulationStarted, SimulatorDesk } from '../parts.ts'
import { LoadRequest, ReplayRequest, SimulationDetail, SimulationNote, SimulationRequest, SimulatorState } from '../schemas/simulation.ts'

const params = strict({ run: Type.String({ maxLength: 100, examples: ['storm-1'] }) })
const shared = { tags: ['simulator'], security: security.person }

const stateRoute = {
  ...{ operationId: 'simulator', ...shared },
  summary: 'What can be rehearsed, what runs now, and past simulations (role engineer)',
  response: answers(200, SimulatorState, 'Scenarios, the one that runs, past ones'),
}

const startRoute = {
  ...{ operationId: 'startSimulation', ...shared },
  summary: 'Start a simulation; one runs at a time (role engineer)',
  body: SimulationRequest,
  response: answers(201, SimulationNote, 'It runs'),
}

const loadRoute = {
  ...{ operationId: 'startLoad', ...shared },
  summary: 'Let many devices send a reading so often each (role engineer)',
  body: LoadRequest,
  response: answers(201, SimulationNote, 'It runs'),
}

const replayRoute = {
  ...{ operationId: 'startReplay', ...shared },
  summary:
    'Give what was received once to a run that notifies nobody, also under another configuration, and say what differs (role engineer)',
  body: ReplayRequest,
  response: answers(201, SimulationNote, 'It runs'),
}

const oneRoute = {
  ...{ operationId: 'simulation', ...shared, params },
  summary:
    'One simulation with its score and what was true against what was warned of, while it runs as far as its clock has come (role engineer)',
  response: answers(200, SimulationDetail, 'The simulation'),
}

const stopRoute = {
  ...{ operationId: 'stopSimulation', ...shared, params },
  summary: 'Stop a simulation that runs; its data stays (role engineer)',
  response: answers(200, SimulationNote, 'It has stopped'),
}

const removeRoute = {
  ...{ operationId: 'removeSimulation', ...shared, params },
  summary: 'Take a past simulation away with its data and its truth (role engineer)',
  response: answers(200, strict({ removed: Type.Literal(true) }), 'It is gone'),
}

const truthRoute = {
  ...{ operationId: 'simulationTruth', ...shared, params },
  summary: 'The truth of a simulation: lines of JSON, gzip (role engineer); what they say is in docs/simulator.md',
  response: {
    ...answers(200, Type.Any(), ''),
    200: { description: 'The file', content: { 'application/gzip': { schema: { type: 'string', format: 'binary' } } } },
  },
}

/** The simulator of the server: start, stop, past simulations with their scores. */
export const simulator: Resource =
  ({ parts: { simulator: desk }, access }) =>
  async (app) => {
    app.get('/simulator', { schema: stateRoute }, async () => desk.state())
    const whoAsks = async (request: FastifyRequest): Promise<string> => (await access.actor(request)) ?? 'unknown'
    app.post('/simulator', { schema: startRoute }, async (request, reply) =>
      reply.code(201).send(begun(await desk.start(request.body, await whoAsks(request)))),
    )
    app.post('/simulator/load', { schema: loadRoute }, async (request, reply) =>
      reply.code(201).send(begun(await desk.load(request.body, await whoAsks(request)))),
    )
    app.post('/simulator/replay', { schema: replayRoute, bodyLimit: 5 * 1_048_576 }, async (request, reply) =>
      reply.code(201).send(begun(await desk.replay(request.body, await whoAsks(request)))),
    )
    app.get('/simulator/:run', { schema: oneRoute }, async (request) => {
      const found = await desk.find(request.params.run)
      return found ?? unknown(desk, request.params.run)
    })
    app.post('/simulator/:run/stop', { schema: stopRoute }, async (request) => {
      const { run } = request.params
      const stopped = await desk.stop(run)
      if (stopped) return stopped
      if ((await desk.find(run)) === null) return unknown(desk, run)
      throw new ApiProblem('conflict', `The simulation ${run} does not run any more. What runs is in GET /api/v1/simulator.`)
    })
    app.delete('/simulator/:run', { schema: removeRoute }, async (request) => {
      const { run } = request.params
      const removed = await desk.remove(run)
      if (removed === 'unknown') return unknown(desk, run)
      if (removed === 'running') throw new ApiProblem('conflict', `The simulation ${run} runs; stop it first, then remove it.`)
      return { removed: true as const }
    })
    app.get('/simulator/:run/truth', { schema: truthRoute }, async (request, reply) => {
      const { run } = request.params
      const truth = await desk.truth(run)
      if (truth === null) return unknown(desk, run, 'with a truth that can be read yet')
      return reply.type('application/gzip').header('content-disposition', `attachment; filename="${run}.jsonl.gz"`).send(truth)
    })
  }

function begun(answer: SimulationStarted): SimulationNote {
  if ('problem' in answer) throw new ApiProblem(answer.kind === 'busy' ? 'conflict' : 'invalid-request', answer.problem)
  return answer.started
}

function unknown(desk: SimulatorDesk, run: string, which = ''): never {
  const { running, past } = desk.state()
  const near = hint(
    run,
    [...(running ? [running] : []), ...past].map((one) => one.run),
  )
  throw new ApiProblem(
    'not-found',
    `There is no simulation ${JSON.stringify(run)}${which && ` ${which}`}${near}. All of them: GET /api/v1/simulator`,
  )
}
