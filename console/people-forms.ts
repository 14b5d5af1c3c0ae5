import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { detailOf, type ApiAnswer } from './api-client.ts'
import { goOn, type Fields, type FormParts } from './forms.ts'
import { loadPeople } from './load-people.ts'
import { noticePage } from './pages/notice.tsx'
import { peoplePage, type PeopleData } from './pages/people.tsx'
import type { Visit } from './visit.ts'

/** What an order to the people page made; null = it goes back to the page. */
type Made = PeopleData['secret']

/** The forms of administrators: people and keys. The api decides who may. */
export function addPeopleForms({ visitOf, show }: FormParts): FastifyPluginAsync {
  /** Shows what was made or what was wrong; goes back to the page when neither is to be told. */
  const peopleAfter = async (
    reply: FastifyReply,
    visit: Visit,
    answer: ApiAnswer,
    madeOf: (json: unknown) => Made,
  ): Promise<FastifyReply> => {
    const { asking, page } = visit
    const isDone = answer.status < 300
    const secret = isDone ? madeOf(answer.json) : null
    if (isDone && secret === null) return goOn(reply, answer, '/people')
    if (!isDone && answer.status !== 400 && answer.status !== 404 && answer.status !== 409)
      return show(reply, answer.status, noticePage(answer.status, detailOf(answer.json), page), page)
    const problem = isDone ? null : detailOf(answer.json)
    return show(reply, answer.status, peoplePage({ ...(await loadPeople(asking)), secret, problem }, page), page)
  }
  const orders: Readonly<Record<string, (request: FastifyRequest, visit: Visit) => Promise<[ApiAnswer, (json: unknown) => Made]>>> = {
    '/people': async (request, { asking, page }) => {
      const { name = '', role = '' } = request.body as Fields
      return [await asking.send('POST', '/api/v1/users', { name, role }), passwordIn(page)]
    },
    '/people/:id/role': async (request, { asking }) => {
      const { role = '' } = request.body as Fields
      return [await asking.send('PUT', `/api/v1/users/${idIn(request)}/role`, { role }), nothingMade]
    },
    '/people/:id/reset': async (request, { asking, page }) => [
      await asking.send('POST', `/api/v1/users/${idIn(request)}/reset`, {}),
      passwordIn(page),
    ],
    '/people/:id/remove': async (request, { asking }) => [await asking.send('DELETE', `/api/v1/users/${idIn(request)}`), nothingMade],
    '/people/keys': async (request, { asking, page }) => [
      await asking.send('POST', '/api/v1/keys', keyAsked(request.body as Fields)),
      keyIn(page),
    ],
    '/people/keys/:id/revoke': async (request, { asking }) => [await asking.send('DELETE', `/api/v1/keys/${idIn(request)}`), nothingMade],
  }
  return async (app) => {
    for (const [path, order] of Object.entries(orders))
      app.post(path, async (request, reply) => {
        const visit = await visitOf(request)
        const [answer, madeOf] = await order(request, visit)
        return peopleAfter(reply, visit, answer, madeOf)
      })
  }
}

const idIn = (request: FastifyRequest): string => encodeURIComponent((request.params as { id: string }).id)
const nothingMade = (): Made => null

const passwordIn =
  ({ t }: Visit['page']) =>
  (json: unknown): Made => {
    const { user, password } = json as { user: string; password: string }
    return { what: t.control.say.passwordOf(user), text: password }
  }

const keyIn =
  ({ t }: Visit['page']) =>
  (json: unknown): Made => {
    const { key, token } = json as { key: { name: string }; token: string }
    return { what: t.control.say.keyOf(key.name), text: token }
  }

/** Scopes come as one field each, days 0 as a key without an end. */
function keyAsked({ name = '', days = '', ...fields }: Fields): { name: string; scopes: string[]; days?: number } {
  const scopes = Object.keys(fields).flatMap((field) => (field.startsWith('scope-') ? [field.slice('scope-'.length)] : []))
  return { name, scopes, ...(Number(days) !== 0 && { days: Number(days) }) }
}
