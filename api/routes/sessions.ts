import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseDuration } from '../../domain/time.ts'
import { sessionCookie } from '../access.ts'
import { createAttempts, type Attempts } from '../../domain/attempts.ts'
import type { Resource, RouteContext } from '../context.ts'
import { answers } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { listenerOf } from '../listener.ts'
import { createPasswordTurns, type PasswordTurns } from '../password-turns.ts'
import type { Person } from '../people.ts'
import { LoginRequest, PasswordChange, SessionNote } from '../schemas/session.ts'

/** Wrong passwords a minute from one address, and for one user; beyond, those of an address take turns and a user's logins take a second longer. */
const badLogins = 5
const slowerMs = 1_000

const loginRoute = {
  operationId: 'login',
  tags: ['session'],
  summary: 'Log in; the session is a cookie that scripts cannot read and other sites cannot send',
  body: LoginRequest,
  response: answers(200, SessionNote, 'Logged in'),
}
const sessionRoute = {
  operationId: 'session',
  tags: ['session'],
  summary: 'Who is logged in, and what may be seen',
  response: answers(200, SessionNote, 'The session'),
}
const logoutRoute = { operationId: 'logout', tags: ['session'], summary: 'Log out', response: answers(200, SessionNote, 'Logged out') }
const passwordRoute = {
  operationId: 'changePassword',
  tags: ['session'],
  summary: 'Change the own password; all other sessions end',
  security: [{ session: [] as string[] }],
  body: PasswordChange,
  response: answers(200, SessionNote, 'Changed'),
}

/** Login, logout, the own password. */
export const sessions: Resource = (context) => async (app) => {
  const { parts, access, connections } = context
  const turns = createPasswordTurns({ now: parts.now, wrongPasswords: badLogins })
  const byUser = createAttempts({ now: parts.now, allowed: badLogins, windowMs: 60_000 })
  const guards = { turns, byUser, connections }

  app.get('/session', { schema: sessionRoute }, async (request, reply) => {
    const caller = await access.caller(request)
    void reply.header('cache-control', 'no-store')
    return sessionNote(caller.kind === 'person' ? caller.person : null, !(await access.sight(request).catch(() => null))?.simulatedOnly)
  })

  app.post('/session', { schema: loginRoute }, async (request, reply) => {
    const { user, password } = request.body
    const person = await guarded(request, user, guards, () => parts.people.check(user, password))
    await begin(context, reply, person)
    return sessionNote(person, false)
  })

  app.delete('/session', { schema: logoutRoute }, async (request, reply) => {
    const caller = await access.caller(request)
    if (caller.kind === 'person') await context.sessions.close(caller.token)
    void reply.clearCookie(sessionCookie, { path: '/' })
    return sessionNote(null, false)
  })

  app.post('/users/me/password', { schema: passwordRoute }, async (request, reply) => {
    const caller = await access.caller(request)
    if (caller.kind !== 'person')
      throw new ApiProblem('login-needed', 'Log in with POST /api/v1/session; a password is changed by its owner.')
    const { name } = caller.person
    const person = await guarded(request, name, guards, async () => {
      await parts.people.changePassword(name, request.body.current, request.body.next)
      return parts.people.person(name)
    })
    await context.sessions.close(caller.token)
    await begin(context, reply, person)
    return sessionNote(person, false)
  })
}

interface Guards {
  turns: PasswordTurns
  byUser: Attempts
  connections: RouteContext['connections']
}

/** Runs a check of a password within the limits; a wrong one is counted, and nothing else: neither a right one nor what is wrong with a new one. */
async function guarded(
  request: FastifyRequest,
  user: string,
  { turns, byUser, connections }: Guards,
  check: () => Promise<Person | null>,
): Promise<Person> {
  const his = byUser.begin(user)
  // others may be guessing at this user: slower, but never locked out
  if (his.waitMs > 0) await pause(slowerMs)
  // who waits for a turn holds no place among the strangers of the address
  const here = await turns.turn(request.ip, user, () => connections.judged(request.raw))
  const forgive = (): void => {
    here.forgive()
    his.forgive()
  }
  const person = await check().catch((error: unknown) => {
    if (error instanceof ApiProblem && error.code === 'invalid-request') forgive()
    throw error
  })
  if (!person)
    throw new ApiProblem('login-refused', 'User and password do not fit. A lost password is made anew with `gaugekeeper users reset`.', {
      headers: { connection: 'close' },
    })
  forgive()
  return person
}

/**
 * Lax: whoever follows a link in a mail arrives logged in. Requests that change something come with the cookie from our own pages only:
 * the browser says where they come from (guards.ts), and no GET changes anything.
 */
async function begin({ sessions, config }: RouteContext, reply: FastifyReply, person: Person): Promise<void> {
  const token = await sessions.open({ user: person.name, passwordVersion: person.passwordVersion })
  const maxAge = Math.floor((parseDuration(config.sessionTtl) ?? 0) / 1000)
  const secure = listenerOf(reply.request) === 'https'
  void reply.setCookie(sessionCookie, token, { path: '/', httpOnly: true, sameSite: 'lax', secure, maxAge })
  void reply.header('cache-control', 'no-store')
}

function sessionNote(person: Person | null, cli: boolean): SessionNote {
  const user = person && { name: person.name, role: person.role, mustChangePassword: person.mustChangePassword }
  return { user, simulatedOnly: !cli && (person === null || person.mustChangePassword) }
}
