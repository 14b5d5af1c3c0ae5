import Type, { type Static } from 'typebox'

const duration = (fallback: string, description: string) =>
  Type.String({ pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(w|d|h|min|m|s|ms)\\s*)+$', default: fallback, description })
const count = (fallback: number, description: string) => Type.Integer({ minimum: 1, default: fallback, description })

/** The gateway of HJ 212. Its stations are the devices of `protocol: hj212` in the networks. */
export const Hj212Config = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Listen for stations of HJ 212.' }),
    host: Type.String({ default: '127.0.0.1', description: 'Address that HJ 212 listens on. The protocol has no security of its own.' }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      default: 9212,
      description: 'Port of HJ 212; 0, or server.port 0, picks a free one.',
    }),
    maxConnections: count(10_000, 'Most connections in all; more are closed at once.'),
    maxStrangers: count(2_000, 'Most connections of one address that have not logged in; carriers put whole fleets behind one.'),
    maxInFlight: count(64, 'Most frames of one connection that wait for the journal; then it is read no further.'),
    passwordTries: count(5, 'Wrong passwords after which a connection is closed.'),
    loginWithin: duration('10m', 'How long a connection may be without a frame of a known station.'),
    idle: duration('2h', 'A connection that sends nothing for so long is closed.'),
    frameWithin: duration('10s', 'A frame that stops in the middle for so long is given up.'),
    splitWithin: duration('5m', 'How long the packets of one message may be apart; later it counts as incomplete.'),
    overTime: duration('10s', 'How long a station may take to acknowledge a request (2017, table 1).'),
    resends: Type.Integer({ minimum: 0, maximum: 99, default: 3, description: 'How often a request is sent again (2017, table 1).' }),
    executeWithin: duration('60s', 'How long a station may take to carry a request out, from its last sign of life.'),
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
