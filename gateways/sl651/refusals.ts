import { doorRefusals } from '../tcp-door.ts'

/** Why a connection, a frame or some bytes were not taken. None of it is journalled or confirmed; all of it is counted. */
export const sl651Refusals = {
  ...doorRefusals,
  junk: 'bytes between frames',
  truncated: 'a frame broke off, or another began before it ended',
  'bad-end': 'no end character stands where the length of the frame says',
  'bad-crc': 'the CRC does not fit',
  'bad-head': 'the body does not begin with a serial number and a time',
  'wrong-direction': 'a frame that only a centre sends',
  'unknown-station': 'no device of any network has the station address',
  'foreign-address': 'the station may not speak from this address',
  'wrong-password': 'the password is not that of the station',
  'too-many-passwords': 'a connection was closed after too many wrong passwords',
  'login-unavailable': 'the password could not be checked',
  'unknown-function': 'a function code that is not known here',
  'unexpected-answer': 'an answer to no request',
  'packet-repeated': 'a packet of an upload came again',
  'packets-lost': 'packets of an upload did not come, though they were asked for',
  'upload-too-large': 'an upload in packets is larger than it may be, or there are too many at a time',
  'not-draining': 'the station took nothing of what was sent to it',
  'journal-refused': 'the journal took nothing in; the station gets no confirmation and sends again',
} as const satisfies Record<string, string>
export type Sl651Refusal = keyof typeof sl651Refusals

export interface Sl651Refused {
  reason: Sl651Refusal
  /** Station address as sent, where there was one. */
  station: string | null
  /** Peer. */
  address: string
  /** At most 200 characters. */
  detail: string
}
