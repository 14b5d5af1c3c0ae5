import type { FastifyPluginAsync, FastifyReply } from 'fastify'
import { detailOf, type ApiAnswer } from './api-client.ts'
import { goOn, takeForms, type Fields, type FormParts } from './forms.ts'
import { loadSimulator } from './load-simulator.ts'
import { noticePage } from './pages/notice.tsx'
import { simulatorPage, type SimulatorData } from './pages/simulator.tsx'
import type { Show, Visit } from './visit.ts'

/** The forms of the simulator: start, stop, remove. The api decides who may. */
export function addSimulatorForms({ visitOf, show }: FormParts): FastifyPluginAsync {
  return async (app) => {
    app.post('/sim', async (request, reply) => {
      const visit = await visitOf(request)
      const fields = request.body as Fields
      const answer = await visit.asking.send('POST', '/api/v1/simulator', orderIn(fields))
      return answer.status === 201 ? goOn(reply, answer, '/sim') : refuse(reply, answer, { visit, show, fields })
    })
    app.post('/sim/load', async (request, reply) => {
      const visit = await visitOf(request)
      const fields = request.body as Fields
      const { devices = '', minutes = '' } = fields
      const answer = await visit.asking.send('POST', '/api/v1/simulator/load', { devices: Number(devices), minutes: Number(minutes) })
      return answer.status === 201 ? goOn(reply, answer, '/sim') : refuse(reply, answer, { visit, show, fields })
    })
    await app.register(async (large) => {
      large.removeContentTypeParser(formType)
      takeForms(large, mostConfiguration)
      large.post('/sim/replay', { bodyLimit: mostConfiguration }, async (request, reply) => {
        const visit = await visitOf(request)
        const fields = request.body as Fields
        const order = replayIn(fields, await loadSimulator(visit.asking), visit.page.now)
        const answer = await visit.asking.send('POST', '/api/v1/simulator/replay', order)
        return answer.status === 201 ? goOn(reply, answer, '/sim') : refuse(reply, answer, { visit, show, fields })
      })
    })
    app.post<{ Params: { id: string } }>('/sim/:id/stop', async (request, reply) => {
      const visit = await visitOf(request)
      const run = encodeURIComponent(request.params.id)
      const answer = await visit.asking.send('POST', `/api/v1/simulator/${run}/stop`)
      return answer.status === 200 ? goOn(reply, answer, `/sim/${run}`) : refuse(reply, answer, { visit, show, fields: {} })
    })
    app.post<{ Params: { id: string } }>('/sim/:id/remove', async (request, reply) => {
      const visit = await visitOf(request)
      const answer = await visit.asking.send('DELETE', `/api/v1/simulator/${encodeURIComponent(request.params.id)}`)
      return answer.status === 200 ? goOn(reply, answer, '/sim') : refuse(reply, answer, { visit, show, fields: {} })
    })
  }
}

const formType = 'application/x-www-form-urlencoded'
/** A network file of some thousand stations, as a form writes it. */
const mostConfiguration = 8 * 1_048_576

interface Refused {
  visit: Visit
  show: Show
  fields: Fields
}

const onThePage: ReadonlySet<number> = new Set([400, 404, 409])

/** The page again with what was wrong, the login, or why not. */
async function refuse(reply: FastifyReply, answer: ApiAnswer, { visit, show, fields }: Refused): Promise<FastifyReply> {
  const { asking, page } = visit
  if (answer.status === 401) return goOn(reply, answer, `/login?next=${encodeURIComponent('/sim')}`)
  if (!onThePage.has(answer.status)) return show(reply, answer.status, noticePage(answer.status, detailOf(answer.json), page), page)
  const { say } = page.t.simulator
  const sentence = answer.status === 409 ? say.busy : answer.status === 404 ? page.t.problem.notFound.reason : say.wrong
  const problem = page.language === 'en' ? detailOf(answer.json) || sentence : sentence
  return show(reply, answer.status, simulatorPage({ ...(await loadSimulator(asking)), fields, problem }, page), page)
}

/** What the fields ask for; an empty one asks for nothing. */
function orderIn(fields: Fields): Record<string, unknown> {
  const { scenario = '', seed = '', stations = '', hours = '', speed = 'usual', start = '', factor = '1', share = '0.2' } = fields
  const more = Object.keys(fields).flatMap((name) => (name.startsWith('fault-') ? [name.slice('fault-'.length)] : []))
  const startAt = start === '' ? NaN : Date.parse(`${start}Z`)
  return {
    scenario,
    ...(seed !== '' && { seed: Number(seed) }),
    ...(stations !== '' && { stations: Number(stations) }),
    ...(hours !== '' && { hours: Number(hours) }),
    ...(speed !== 'usual' && { speed: speed === 'max' ? speed : Number(speed) }),
    ...(!Number.isNaN(startAt) && { start: startAt }),
    faults: { factor: Number(factor), more, share: Number(share) },
  }
}

const hourMs = 3_600_000

/** A time that is replayed; left empty, the last hours up to now, of a past simulation all of it. */
function replayIn(fields: Fields, { state }: SimulatorData, now: number): Record<string, unknown> {
  const { network = '', from = '', hours = '', speed = 'max', configuration = '' } = fields
  const source = state.sources.find((one) => one.network === network)
  const isPast = state.past.some(({ run }) => run === source?.run)
  const lastsMs = Number(hours) * hourMs || 24 * hourMs
  const wanted = from === '' ? NaN : Date.parse(`${from}Z`)
  const begun = Number.isNaN(wanted) ? now - lastsMs : wanted
  const isWhole = isPast && Number.isNaN(wanted)
  return {
    network,
    ...(!isWhole && { from: begun, to: begun + lastsMs }),
    ...(speed !== 'max' && { speed: Number(speed) }),
    ...(configuration.trim() !== '' && { configuration }),
  }
}
