import { lineRefusals } from '../refusals.ts'

/** Why a connection, a frame or some bytes were not taken. None of it is journalled or answered; all of it is counted. */
export const szy206Refusals = {
  ...lineRefusals,
  'bad-length': 'a frame says that it is shorter than its fixed fields',
  picture: 'the length of a frame says 1, as those of pictures do: where it ends is not described',
  'bad-end': '16H does not stand where the length of the frame says',
  'bad-crc': 'the check byte does not fit',
  'wrong-direction': 'a frame that only a centre sends',
  'unknown-station': 'no device of any network has the station address',
  'unknown-function': 'an AFN that is not known here',
} as const satisfies Record<string, string>
export type Szy206Refusal = keyof typeof szy206Refusals
