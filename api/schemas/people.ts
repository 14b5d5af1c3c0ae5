import Type from 'typebox'
import { PersonNote, RoleName } from './session.ts'
import { Moment, nullable } from './words.ts'

/** GET /users */
export const UserList = Type.Object({ users: Type.Array(PersonNote) })
export type UserList = Type.Static<typeof UserList>

const userName = Type.String({
  pattern: '^(?!me$)[a-z0-9][a-z0-9._-]{0,63}$',
  description: 'Small letters, digits, ".", "_" and "-"; not "me"',
})

/** Body of POST /users */
export const UserRequest = Type.Object(
  { name: userName, role: RoleName },
  { additionalProperties: false, examples: [{ name: 'li.wei', role: 'officer' }] },
)

/** Body of PUT /users/{user}/role */
export const RoleChange = Type.Object({ role: RoleName }, { additionalProperties: false, examples: [{ role: 'administrator' }] })

/** POST /users and /users/{user}/reset: the one-time password is shown this once. */
export const OneTimePassword = Type.Object({ user: Type.String(), password: Type.String() })
export type OneTimePassword = Type.Static<typeof OneTimePassword>

const scopes = ['read', 'warnings', 'data', 'runs', 'devices', 'people', 'audit'] as const

export const KeyNote = Type.Object({
  id: Type.String({ description: 'The first characters of the key' }),
  name: Type.String(),
  scopes: Type.Array(Type.Enum([...scopes])),
  madeBy: Type.String(),
  madeAt: Moment,
  expiresAt: nullable(Moment),
  lastUsedAt: nullable(Type.Integer({ description: 'Epoch ms, to the minute' })),
})
export type KeyNote = Type.Static<typeof KeyNote>

/** GET /keys */
export const KeyList = Type.Object({ keys: Type.Array(KeyNote) })

/** Body of POST /keys */
export const KeyRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, description: 'What it is for' }),
    scopes: Type.Array(Type.Enum([...scopes]), { minItems: 1, uniqueItems: true, description: 'What it may; none includes another' }),
    days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650, description: 'How long it is good; left out: until it is revoked' })),
  },
  { additionalProperties: false, examples: [{ name: 'grafana', scopes: ['read'], days: 365 }] },
)

/** POST /keys: the key is shown this once. */
export const KeyMade = Type.Object({ key: KeyNote, token: Type.String() })
