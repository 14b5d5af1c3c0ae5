import { lineRefusals } from '../refusals.ts'

/** Why a connection, a frame or some bytes were not taken. None of it is journalled or answered; all of it is counted. */
export const hj212Refusals = {
  ...lineRefusals,
  'bad-length': 'four digits do not follow the ## of a frame',
  endless: 'a frame that began does not end',
  'wrong-length': 'the length of a frame is not that of its data segment',
  'wrong-crc': 'the CRC does not fit',
  'foreign-crc': 'the CRC is none of the 256 that the standard gives: another algorithm, or damage',
  'modbus-crc': 'the CRC is that of Modbus, against the standard; the device does not declare it',
  'hj212-crc': 'the CRC follows the standard; the device declares Modbus',
  'no-command': 'a frame has no CN or no data area',
  'unknown-mn': 'no device of any network has the MN',
  'split-incomplete': 'packets of a message did not come; those that came are kept',
  'split-repeated': 'a packet of a message came again',
} as const satisfies Record<string, string>
export type Hj212Refusal = keyof typeof hj212Refusals
