import { createHash, timingSafeEqual } from 'node:crypto'
import type {} from '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { RunId } from '../domain/ids.ts'
import { ApiProblem, LoginRefused } from './errors.ts'
import { actorOf, keyIdOf, keyPrefix, type ApiKey, type Keys } from './keys.ts'
import { listenerOf } from './listener.ts'
import type { ApiParts } from './parts.ts'
import { roles, type People, type Person } from './people.ts'
import { permissions, type Need, type Permission } from './permissions.ts'
import type { Sessions } from './sessions.ts'

export const sessionCookie = 'gaugekeeper_session'

export type Caller =
  | { kind: 'anonymous' }
  /** The command line on this machine. */
  | { kind: 'cli' }
  | { kind: 'person'; person: Person; token: string; expiresAt: number }
  /** A program. */
  | { kind: 'key'; key: ApiKey }

/** What a caller may see. */
export interface Sight {
  simulatedOnly: boolean
  sees(run: RunId | null): boolean
}

/** Who asks, and what they may. */
export interface Access {
  /** Rejects with login-refused when a token is given and wrong; a cookie that is over is as none. */
  caller(request: FastifyRequest): Promise<Caller>
  /** True when a login or token that stood when the request came no longer does. */
  isOver(request: FastifyRequest): Promise<boolean>
  /** When that login or token runs out, epoch ms; null = it does not by itself. */
  endsAt(request: FastifyRequest): Promise<number | null>
  /** Calls back when logins or tokens ended before their time: whoever holds a live connection asks `isOver`. */
  onEnded(ended: () => void): void
  /** What the caller may read. Rejects with login-needed when that is nothing. */
  sight(request: FastifyRequest): Promise<Sight>
  /** Rejects unless the caller has what the route asks for (`operations`); asked before the route is. The command line may everything. */
  allow(request: FastifyRequest, need: Need): Promise<void>
  /** The name under which the caller acts, for what is kept of it; null for somebody unknown. */
  actor(request: FastifyRequest): Promise<string | null>
}

interface AccessParts {
  people: People
  keys: Keys
  sessions: Sessions
  loopback: ApiParts['loopback']
  cliToken: string
}

const everything: Sight = { simulatedOnly: false, sees: () => true }
const simulated: Sight = { simulatedOnly: true, sees: (run) => run !== null }

export function createAccess({ people, keys, sessions, loopback, cliToken }: AccessParts): Access {
  const cliDigest = digest(cliToken)

  const find = async (request: FastifyRequest): Promise<Caller> => {
    const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (bearer !== undefined) {
      if (cliToken !== '' && timingSafeEqual(digest(bearer), cliDigest)) return { kind: 'cli' }
      const isKey = bearer.startsWith(keyPrefix)
      const key = isKey ? await keys.holder(bearer) : null
      if (key) return { kind: 'key', key }
      throw new LoginRefused(
        isKey ? keyIdOf(bearer) : '',
        'The Bearer token is none of this server: a key may be over; the command line reads its own anew.',
      )
    }
    const token = request.cookies[sessionCookie]
    const holder = token ? await sessions.holder(token) : null
    const person = holder && (await people.person(holder.user))
    if (!token || !person || person.passwordVersion !== holder.passwordVersion) return { kind: 'anonymous' }
    return { kind: 'person', person, token, expiresAt: holder.expiresAt }
  }
  const caller = oncePerRequest(find)

  const sight = async (request: FastifyRequest): Promise<Sight> => {
    const found = await caller(request)
    if (found.kind === 'cli' || (found.kind === 'person' && !found.person.mustChangePassword)) return everything
    if (found.kind === 'key' && found.key.scopes.includes('read')) return everything
    if (loopback[listenerOf(request)]) return simulated
    if (found.kind === 'key') throw scopeNeeded('read', found.key)
    throw found.kind === 'person' ? passwordFirst() : loginNeeded('Nothing may be read without a login here.')
  }

  return {
    caller,
    isOver: async (request) => {
      const { kind } = await caller(request)
      return (await find(request).catch(() => null))?.kind !== kind
    },
    async endsAt(request) {
      const found = await caller(request)
      if (found.kind === 'person') return found.expiresAt
      return found.kind === 'key' ? found.key.expiresAt : null
    },
    onEnded(ended) {
      for (const logins of [keys, sessions, people]) logins.onEnded(ended)
    },
    sight,
    async allow(request, need) {
      if (need === 'anyone' || need === 'device') return
      if (need === 'read') return void (await sight(request))
      mustHave(await caller(request), need)
    },
    async actor(request) {
      const found = await caller(request)
      return nameOf(found)
    },
  }
}

function oncePerRequest<Found>(find: (request: FastifyRequest) => Promise<Found>): (request: FastifyRequest) => Promise<Found> {
  const asked = new WeakMap<FastifyRequest, Promise<Found>>()
  return (request) => {
    const found = asked.get(request) ?? find(request)
    asked.set(request, found)
    return found
  }
}

function mustHave(found: Caller, need: Permission | 'person'): void {
  if (need === 'person' && found.kind !== 'person') throw loginNeeded('This is done by a person.')
  if (need === 'person' || found.kind === 'cli') return
  if (found.kind === 'anonymous') throw loginNeeded(roleNeeded(need))
  if (found.kind === 'key') {
    if (found.key.scopes.includes(need)) return
    throw scopeNeeded(need, found.key)
  }
  if (found.person.mustChangePassword) throw passwordFirst()
  if (roles.indexOf(found.person.role) >= roles.indexOf(permissions[need])) return
  throw new ApiProblem('not-allowed', `${roleNeeded(need)} ${found.person.name} is ${found.person.role}; ask an administrator.`)
}

/** Sees to it that a real thing is not shown to one who may see simulated data only. */
export function mustSee(sight: Sight, run: RunId | null, what: string): void {
  if (!sight.sees(run)) throw loginNeeded(`${what} is real data; without a login only simulated data is shown.`)
}

const loginNeeded = (why: string): ApiProblem =>
  new ApiProblem('login-needed', `${why} Log in with POST /api/v1/session, or send the token of the command line as Bearer.`, {
    headers: { 'www-authenticate': 'Bearer realm="gaugekeeper"' },
  })

function nameOf(caller: Caller): string | null {
  if (caller.kind === 'person') return caller.person.name
  if (caller.kind === 'key') return actorOf(caller.key)
  return caller.kind === 'cli' ? 'command line' : null
}

const scopeNeeded = (need: Permission, { id }: ApiKey): ApiProblem =>
  new ApiProblem('not-allowed', `This needs a key with the scope ${need}; ${id} has not.`)

const roleNeeded = (need: Permission): string => `This needs the role ${permissions[need]}.`

const passwordFirst = (): ApiProblem =>
  new ApiProblem('not-allowed', 'The one-time password still stands; change it first with POST /api/v1/users/me/password.')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
