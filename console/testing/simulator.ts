import type { FastifyInstance, FastifyReply } from 'fastify'
import type { SimulationStarted } from '../../api/parts.ts'
import type { LoadRequest, ReplayRequest, SimulationRequest } from '../../api/schemas/simulation.ts'
import type { SessionNote } from '../../api/schemas/session.ts'
import { sampleSimulator } from '../../api/testing/simulator.ts'

const problem = (status: number, detail: string) => ({ status, detail, code: 'sample', type: 'sample', title: 'sample' })

/** The simulator's part of the sample api: for engineers, with `storm-1` among the past ones unless it is empty. */
export function addSimulator(app: FastifyInstance, empty: boolean, who: (cookie?: string) => SessionNote): { goOn(): void } {
  const desk = sampleSimulator(empty)
  app.addHook('onRequest', async (request, reply) => {
    if (!request.url.startsWith('/api/v1/simulator')) return
    const { user } = who(request.headers.cookie)
    if (user === null) return reply.code(401).send(problem(401, 'This needs the role engineer.'))
    if (user.role !== 'engineer') return reply.code(403).send(problem(403, 'This needs the role engineer.'))
  })
  const notThere = (reply: FastifyReply) => reply.code(404).send(problem(404, 'There is no such simulation.'))
  app.get('/api/v1/simulator', () => desk.state())
  const begun = (answer: SimulationStarted, reply: FastifyReply): FastifyReply => {
    if ('started' in answer) return reply.code(201).send(answer.started)
    const status = answer.kind === 'busy' ? 409 : 400
    return reply.code(status).send(problem(status, answer.problem))
  }
  app.post<{ Body: SimulationRequest }>('/api/v1/simulator', async ({ body }, reply) => begun(await desk.start(body, 'li.wei'), reply))
  app.post<{ Body: LoadRequest }>('/api/v1/simulator/load', async ({ body }, reply) => begun(await desk.load(body, 'li.wei'), reply))
  app.post<{ Body: ReplayRequest }>('/api/v1/simulator/replay', async ({ body }, reply) => begun(await desk.replay(body, 'li.wei'), reply))
  app.get<{ Params: { run: string } }>(
    '/api/v1/simulator/:run',
    async ({ params }, reply) => (await desk.find(params.run)) ?? notThere(reply),
  )
  app.post<{ Params: { run: string } }>(
    '/api/v1/simulator/:run/stop',
    async ({ params }, reply) => (await desk.stop(params.run)) ?? notThere(reply),
  )
  app.delete<{ Params: { run: string } }>('/api/v1/simulator/:run', async ({ params }, reply) =>
    (await desk.remove(params.run)) === 'removed' ? { removed: true } : notThere(reply),
  )
  return desk
}
