import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { detailOf, type ApiAnswer } from './api-client.ts'
import { loginPage } from './pages/login.tsx'
import { noticePage } from './pages/notice.tsx'
import { ownPath } from './context.ts'
import type { Show, Visit, VisitOf } from './visit.ts'

interface FormParts {
  visitOf: VisitOf
  show: Show
}

/** Fields of a form; a body is at most 16 KB. */
type Fields = Readonly<Record<string, string | undefined>>

/**
 * The forms of the pages, which work without any script: log in and out, change the password, acknowledge. Each asks the api, which
 * refuses what a page of another site sends, and goes on to a page.
 */
export function addForms({ visitOf, show }: FormParts): FastifyPluginAsync {
  return async (app) => {
    takeForms(app)
    app.post('/login', async (request, reply) => {
      const visit = await visitOf(request)
      const { user = '', password = '', next } = request.body as Fields
      const answer = await visit.asking.send('POST', '/api/v1/session', { user, password })
      if (answer.status === 200)
        return goOn(reply, answer, mustChange(answer) ? `/login?next=${encodeURIComponent(ownPath(next))}` : ownPath(next))
      return show(reply, answer.status, loginPage({ next: ownPath(next), problem: problemOf(answer, visit) }, visit.page), visit.page)
    })
    app.post('/login/password', async (request, reply) => {
      const visit = await visitOf(request)
      const { current = '', password = '', next } = request.body as Fields
      const answer = await visit.asking.send('POST', '/api/v1/users/me/password', { current, next: password })
      if (answer.status === 200) return goOn(reply, answer, ownPath(next))
      return show(reply, answer.status, loginPage({ next: ownPath(next), problem: problemOf(answer, visit) }, visit.page), visit.page)
    })
    app.post('/logout', async (request, reply) => {
      const { asking } = await visitOf(request)
      return goOn(reply, await asking.send('DELETE', '/api/v1/session'), '/')
    })
    app.post('/w/:id/acknowledge', async (request, reply) => acknowledge(request, reply, await visitOf(request), show))
  }
}

async function acknowledge(request: FastifyRequest, reply: FastifyReply, visit: Visit, show: Show): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const { note = '' } = request.body as Fields
  const path = `/w/${encodeURIComponent(id)}`
  const answer = await visit.asking.send('POST', `/api/v1/warnings/${encodeURIComponent(id)}/acknowledge`, note === '' ? {} : { note })
  if (answer.status === 200) return goOn(reply, answer, path)
  if (answer.status === 401) return goOn(reply, answer, `/login?next=${encodeURIComponent(path)}`)
  return show(reply, answer.status, noticePage(answer.status, detailOf(answer.json), visit.page), visit.page)
}

/** Hands the api's cookies on and shows the next page; 303, so that going back sends nothing twice. */
function goOn(reply: FastifyReply, answer: ApiAnswer, path: string): FastifyReply {
  for (const cookie of answer.cookies) void reply.header('set-cookie', cookie)
  return reply.header('cache-control', 'no-store').redirect(path, 303)
}

/** A refused login in the reader's language; other answers in the api's own words. */
function problemOf(answer: ApiAnswer, { page }: Visit): string {
  if (answer.status === 401) return page.t.say.wrongLogin
  return detailOf(answer.json) || page.t.problem.unavailable.sentence
}

function mustChange({ json }: ApiAnswer): boolean {
  const { user } = json as { user?: { mustChangePassword?: boolean } | null }
  return user?.mustChangePassword === true
}

function takeForms(app: FastifyInstance): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: 16_384 }, (_request, body, done) => {
    const fields: Record<string, string> = Object.create(null) as Record<string, string>
    for (const [name, value] of new URLSearchParams(String(body))) fields[name] ??= value
    done(null, fields)
  })
}
