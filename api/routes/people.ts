import Type from 'typebox'
import type { Resource } from '../context.ts'
import { answers, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import type { Person } from '../people.ts'
import { KeyList, KeyMade, KeyRequest, OneTimePassword, RoleChange, UserList, UserRequest } from '../schemas/people.ts'
import { PersonNote } from '../schemas/session.ts'

const shared = { tags: ['people'], security: security.person }
const userParams = strict({ user: Type.String({ maxLength: 64, examples: ['admin'] }) })

const usersRoute = { ...shared, operationId: 'users', summary: 'Who logs in, with their roles', response: answers(200, UserList, 'People') }
const addRoute = {
  ...shared,
  operationId: 'addUser',
  summary: 'Add somebody; the one-time password is shown this once',
  body: UserRequest,
  response: answers(200, OneTimePassword, 'Added'),
}
const roleRoute = {
  ...shared,
  operationId: 'changeRole',
  summary: 'Give somebody another role, from their next request on; the last administrator stays one',
  params: userParams,
  body: RoleChange,
  response: answers(200, PersonNote, 'As it now is'),
}
const removeRoute = {
  ...shared,
  operationId: 'removeUser',
  summary: 'Take somebody away; their sessions end. The last administrator stays',
  params: strict({ user: Type.String({ maxLength: 64, examples: ['nobody'] }) }),
  response: answers(200, strict({ removed: Type.Literal(true) }), 'Gone'),
}
const resetRoute = {
  ...shared,
  operationId: 'resetUser',
  summary: 'Make a new one-time password, shown this once; all sessions of that person end',
  params: userParams,
  response: answers(200, OneTimePassword, 'Made'),
}
const keysRoute = { ...shared, operationId: 'keys', summary: 'Keys of programs, without the keys', response: answers(200, KeyList, 'Keys') }
const makeKeyRoute = {
  ...shared,
  operationId: 'makeKey',
  summary: 'Make a key for a program, with scopes; it is shown this once and sent as Bearer, or over MQTT as the password',
  body: KeyRequest,
  response: answers(200, KeyMade, 'The key'),
}
const revokeKeyRoute = {
  ...shared,
  operationId: 'revokeKey',
  summary: 'End a key, from its next request on',
  params: strict({ key: Type.String({ maxLength: 20, examples: ['gk_AbCdEfGh'] }) }),
  response: answers(200, strict({ revoked: Type.Literal(true) }), 'It is over'),
}
/** People and keys of programs. */
export const people: Resource =
  ({ parts, access }) =>
  async (app) => {
    app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
    app.get('/users', { schema: usersRoute }, async () => ({ users: (await parts.people.list()).map(personNote) }))
    app.post('/users', { schema: addRoute }, async (request) => {
      const { name, role } = request.body
      return parts.people.add(name, role)
    })
    app.put('/users/:user/role', { schema: roleRoute }, async (request) =>
      personNote(found(await parts.people.setRole(request.params.user, request.body.role), request.params.user)),
    )
    app.delete('/users/:user', { schema: removeRoute }, async (request) => {
      if (!(await parts.people.remove(request.params.user))) throw noUser(request.params.user)
      return { removed: true as const }
    })
    app.post('/users/:user/reset', { schema: resetRoute }, async (request) =>
      found(await parts.people.reset(request.params.user), request.params.user),
    )

    app.get('/keys', { schema: keysRoute }, async () => ({
      keys: (await parts.keys.list()).map((key) => ({ ...key, scopes: [...key.scopes] })),
    }))
    app.post('/keys', { schema: makeKeyRoute }, async (request) => {
      const { name, scopes, days } = request.body
      const expiresAt = days === undefined ? null : parts.now() + days * 86_400_000
      const { key, token } = await parts.keys.make({ name, scopes, expiresAt, by: (await access.actor(request)) ?? 'nobody' })
      return { key: { ...key, scopes: [...key.scopes] }, token }
    })
    app.delete('/keys/:key', { schema: revokeKeyRoute }, async (request) => {
      if (!(await parts.keys.revoke(request.params.key))) throw new ApiProblem('not-found', `There is no key ${request.params.key}.`)
      return { revoked: true as const }
    })
  }

const personNote = ({ name, role, mustChangePassword }: Person): PersonNote => ({ name, role, mustChangePassword })

const noUser = (name: string): ApiProblem =>
  new ApiProblem('not-found', `There is no user ${JSON.stringify(name)}. All of them: GET /api/v1/users`)

function found<Thing>(thing: Thing | null, name: string): Thing {
  if (thing === null) throw noUser(name)
  return thing
}
