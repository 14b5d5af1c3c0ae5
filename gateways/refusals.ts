import { doorRefusals } from './tcp-door.ts'

/** Why any field gateway does not take a connection, a frame or some bytes; each protocol adds its own. */
export const lineRefusals = {
  ...doorRefusals,
  junk: 'bytes between frames',
  truncated: 'a frame broke off, or another began before it ended',
  'foreign-address': 'the station may not speak from this address',
  'wrong-password': 'the password is not that of the station',
  'too-many-passwords': 'a connection was closed after too many wrong passwords',
  'login-unavailable': 'the password could not be checked',
  'not-draining': 'the station took nothing of what was sent to it',
  'journal-refused': 'the journal took nothing in; the station gets no answer and sends again',
  'unexpected-answer': 'an answer to no request',
} as const satisfies Record<string, string>
export type LineRefusal = keyof typeof lineRefusals

/** What was refused. None of it is journalled or answered; all of it is counted. */
export interface Refused<Reason extends string> {
  reason: Reason
  /** What the frame calls its station (MN, station address), where there was a frame; at most 60 characters. */
  sender: string | null
  /** The peer's address. */
  address: string
  /** At most 200 characters. */
  detail: string
}
