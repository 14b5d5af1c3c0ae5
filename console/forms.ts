import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { MappingPage } from '../api/schemas/mapping.ts'
import type { QuarantinePage } from '../api/schemas/quarantine.ts'
import { detailOf, type ApiAnswer } from './api-client.ts'
import { loginPage } from './pages/login.tsx'
import { noticePage } from './pages/notice.tsx'
import { ownPath } from './context.ts'
import { repairKindOf, withWord } from './repair.ts'
import type { Show, Visit, VisitOf } from './visit.ts'

export interface FormParts {
  visitOf: VisitOf
  show: Show
}

/** Whom a page is shown to. */
interface Showing {
  visit: Visit
  show: Show
}

/** Fields of a form; a body is at most 16 KB. */
export type Fields = Readonly<Record<string, string | undefined>>

/**
 * The forms of the pages, which work without any script: log in and out, change the password, acknowledge, mend. Each asks the api, which
 * refuses what a page of another site sends, and goes on to a page.
 */
export function addForms({ visitOf, show }: FormParts): FastifyPluginAsync {
  return async (app) => {
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
    app.post('/q/:id/run', async (request, reply) => settle('run', request, reply, { visit: await visitOf(request), show }))
    app.post('/q/:id/close', async (request, reply) => settle('close', request, reply, { visit: await visitOf(request), show }))
    app.post('/q/:id/clock', async (request, reply) => declareClock(request, reply, { visit: await visitOf(request), show }))
    app.post('/q/:id/mapping', async (request, reply) => mapWord(request, reply, await visitOf(request), show))
    app.post('/w/:id/acknowledge', async (request, reply) => acknowledge(request, reply, await visitOf(request), show))
  }
}

async function acknowledge(request: FastifyRequest, reply: FastifyReply, visit: Visit, show: Show): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const { note = '' } = request.body as Fields
  const path = `/w/${encodeURIComponent(id)}`
  const answer = await visit.asking.send('POST', `/api/v1/warnings/${encodeURIComponent(id)}/acknowledge`, note === '' ? {} : { note })
  return showNext(reply, answer, path, { visit, show })
}

/** Runs one entry of the quarantine again, or closes it, and shows what became of it. */
async function settle(how: 'run' | 'close', request: FastifyRequest, reply: FastifyReply, to: Showing): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const { note = '' } = request.body as Fields
  const answer = await to.visit.asking.send('POST', `/api/v1/quarantine/${how}`, { ids: [Number(id)], note, dryRun: false })
  return showNext(reply, answer, `/q/${encodeURIComponent(id)}`, to)
}

/** Declares what the clock of the device of an entry showed when, and shows what the entry would become. */
async function declareClock(request: FastifyRequest, reply: FastifyReply, to: Showing): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const { said = '', when = '', note = '' } = request.body as Fields
  const { asking } = to.visit
  const { entry } = await asking.get<QuarantinePage>(`/api/v1/quarantine/${encodeURIComponent(id)}`)
  const place = `/api/v1/devices/${encodeURIComponent(entry.device)}/clock/corrections`
  const answer = await asking.send('POST', place, { said: said.trim(), when: when.trim(), reason: note, dryRun: false })
  return showNext(reply, answer, `/q/${encodeURIComponent(id)}`, to)
}

/** Sets how one word of the device of an entry is read, and shows what the entry would become. */
async function mapWord(request: FastifyRequest, reply: FastifyReply, visit: Visit, show: Show): Promise<FastifyReply> {
  const { id } = request.params as { id: string }
  const { name = '', value = '', note = '' } = request.body as Fields
  const { entry } = await visit.asking.get<QuarantinePage>(`/api/v1/quarantine/${encodeURIComponent(id)}`)
  const place = `/api/v1/devices/${encodeURIComponent(entry.device)}/mapping`
  const kind = repairKindOf(entry.reason)
  if (kind === null) return showNext(reply, { status: 404, json: null, cookies: [] }, '', { visit, show })
  const held = await visit.asking.get<MappingPage>(place)
  const mapping = withWord(held, kind, name.trim(), value.trim())
  const answer = await visit.asking.send('PUT', place, { ...mapping, basedOn: held.versions[0]?.version ?? 0, reason: note })
  return showNext(reply, answer, `/q/${encodeURIComponent(id)}`, { visit, show })
}

/** The page to go on to when the api did what was asked, the login, or why it did not. */
function showNext(reply: FastifyReply, answer: ApiAnswer, path: string, { visit, show }: Showing): FastifyReply {
  if (answer.status === 200) return goOn(reply, answer, path)
  if (answer.status === 401) return goOn(reply, answer, `/login?next=${encodeURIComponent(path)}`)
  return show(reply, answer.status, noticePage(answer.status, detailOf(answer.json), visit.page), visit.page)
}

/** Hands the api's cookies on and shows the next page; 303, so that going back sends nothing twice. */
export function goOn(reply: FastifyReply, answer: ApiAnswer, path: string): FastifyReply {
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

/** Reads what forms send: a body of at most 16 KB. */
export function takeForms(app: FastifyInstance, bodyLimit = 16_384): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit }, (_request, body, done) => {
    const fields: Record<string, string> = Object.create(null) as Record<string, string>
    for (const [name, value] of new URLSearchParams(String(body))) fields[name] ??= value
    done(null, fields)
  })
}
