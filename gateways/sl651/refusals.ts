import { lineRefusals } from '../refusals.ts'

/** Why a connection, a frame or some bytes were not taken. None of it is journalled or confirmed; all of it is counted. */
export const sl651Refusals = {
  ...lineRefusals,
  busy: 'a datagram came while what its station sent before still waits for the journal; the station gets no answer and sends again',
  'bad-end': 'no end character stands where the length of the frame says',
  'bad-crc': 'the CRC does not fit',
  'bad-head': 'the body does not begin with a serial number and a time',
  'wrong-direction': 'a frame that only a centre sends',
  'unknown-station': 'no device of any network has the station address',
  'unknown-function': 'a function code that is not known here',
  'packet-repeated': 'a packet of an upload came again',
  'packets-lost': 'packets of an upload did not come, though they were asked for',
  'upload-too-large': 'an upload in packets is larger than it may be, or there are too many at a time',
} as const satisfies Record<string, string>
export type Sl651Refusal = keyof typeof sl651Refusals
