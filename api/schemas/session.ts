import Type from 'typebox'
import { nullable } from './words.ts'

/** viewer reads; officer acknowledges; engineer also makes runs; administrator also manages devices and people. */
export const RoleName = Type.Enum(['viewer', 'officer', 'engineer', 'administrator'])
export type RoleName = Type.Static<typeof RoleName>

export const PersonNote = Type.Object({
  name: Type.String(),
  role: RoleName,
  mustChangePassword: Type.Boolean({ description: 'The one-time password still stands' }),
})
export type PersonNote = Type.Static<typeof PersonNote>

/** GET and POST /session */
export const SessionNote = Type.Object({
  user: nullable(PersonNote),
  simulatedOnly: Type.Boolean({ description: 'Without a login only simulated data is shown, and only on this machine' }),
})
export type SessionNote = Type.Static<typeof SessionNote>

/** Body of POST /session */
export const LoginRequest = Type.Object(
  { user: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 256 }) },
  { additionalProperties: false },
)
export type LoginRequest = Type.Static<typeof LoginRequest>

/** Body of POST /users/me/password */
export const PasswordChange = Type.Object(
  {
    current: Type.String({ minLength: 1, maxLength: 256 }),
    next: Type.String({ minLength: 10, maxLength: 256, description: 'At least ten characters, and not the current one' }),
  },
  { additionalProperties: false },
)
export type PasswordChange = Type.Static<typeof PasswordChange>
