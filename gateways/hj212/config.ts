import Type, { type Static } from 'typebox'
import { duration, lineSettings, listenSettings } from '../settings.ts'

/** The gateway of HJ 212. Its stations are the devices of `protocol: hj212` in the networks. */
export const Hj212Config = Type.Object(
  {
    ...listenSettings('HJ 212', 9212),
    ...lineSettings,
    splitWithin: duration('5m', 'How long the packets of one message may be apart; later it counts as incomplete.'),
    overTime: duration('10s', 'How long a station may take to acknowledge a request (2017, table 1).'),
    resends: Type.Integer({ minimum: 0, maximum: 99, default: 3, description: 'How often a request is sent again (2017, table 1).' }),
    executeWithin: duration(
      '60s',
      'How long a station may take to carry a request out, from its acknowledgement, or the last data asked for; ten times that in all.',
    ),
    heartbeat: Type.Boolean({ default: false, description: 'Answer CN 9015 of the 2025 edition, which is not verified, with 9013.' }),
    sm4Keys: Type.String({
      default: '',
      description:
        'File of SM4 keys (2025 edition): a line for each device, its id and 32 hexadecimal digits, older keys behind. Read again when it changes.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'Stations that speak HJ 212.' },
)
export type Hj212Config = Static<typeof Hj212Config>
