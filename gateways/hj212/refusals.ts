import { doorRefusals } from '../tcp-door.ts'

/** Why a connection, a frame or some bytes were not taken. None of it is journalled or answered; all of it is counted. */
export const hj212Refusals = {
  ...doorRefusals,
  junk: 'bytes between frames',
  'bad-length': 'four digits do not follow the ## of a frame',
  truncated: 'a frame broke off, or another began before it ended',
  endless: 'a frame that began does not end',
  'wrong-length': 'the length of a frame is not that of its data segment',
  'wrong-crc': 'the CRC does not fit',
  'modbus-crc': 'the CRC is that of Modbus, against the standard; the device does not declare it',
  'hj212-crc': 'the CRC follows the standard; the device declares Modbus',
  'no-command': 'a frame has no CN or no data area',
  'unknown-mn': 'no device of any network has the MN',
  'foreign-address': 'the station may not speak from this address',
  'wrong-password': 'the PW is not the password of the station',
  'too-many-passwords': 'a connection was closed after too many wrong passwords',
  'login-unavailable': 'the password could not be checked',
  'not-draining': 'the station took nothing of what was sent to it',
  'journal-refused': 'the journal took nothing in; the station gets no answer and sends again',
  'unexpected-answer': 'an answer to no request',
  'split-incomplete': 'packets of a message did not come; those that came are kept',
  'split-repeated': 'a packet of a message came again',
} as const satisfies Record<string, string>
export type Hj212Refusal = keyof typeof hj212Refusals

export interface Hj212Refused {
  reason: Hj212Refusal
  /** The MN as sent, where there was one. */
  mn: string | null
  address: string
  /** At most 200 characters. */
  detail: string
}
