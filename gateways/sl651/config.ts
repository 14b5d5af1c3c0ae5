import Type, { type Static } from 'typebox'

const duration = (fallback: string, description: string) =>
  Type.String({ pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(w|d|h|min|m|s|ms)\\s*)+$', default: fallback, description })
const count = (fallback: number, description: string) => Type.Integer({ minimum: 1, default: fallback, description })

/** The gateway of SL 651. Its stations are the devices of `protocol: sl651` in the networks. */
export const Sl651Config = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Listen for stations of SL 651.' }),
    host: Type.String({ default: '127.0.0.1', description: 'Address that SL 651 listens on. The protocol has no security of its own.' }),
    port: Type.Integer({
      minimum: 0,
      maximum: 65_535,
      default: 9651,
      description: 'TCP port of SL 651; 0, or server.port 0, picks a free one.',
    }),
    udp: Type.Boolean({ default: false, description: 'Take datagrams on the same port as well.' }),
    maxConnections: count(10_000, 'Most connections in all; more are closed at once. As many peers over UDP.'),
    maxStrangers: count(2_000, 'Most connections of one address that have not logged in; carriers put whole fleets behind one.'),
    maxInFlight: count(64, 'Most uploads of one connection that wait for the journal; then it is read no further.'),
    maxUploadBytes: count(1_048_576, 'Largest upload in several packets, such as a picture.'),
    passwordTries: count(5, 'Wrong passwords after which a connection is closed.'),
    loginWithin: duration('10m', 'How long a connection may be without a frame of a known station.'),
    idle: duration('2h', 'A connection that sends nothing for so long is closed.'),
    frameWithin: duration('10s', 'A frame that stops in the middle for so long is given up.'),
    packetWithin: duration('30s', 'How long the packets of an upload may be apart before a missing one is asked for.'),
    answerWithin: duration('20s', 'How long a station may take to answer a request, before it is sent again (twice at most).'),
  },
  { additionalProperties: false, default: {}, description: 'Stations that speak SL 651.' },
)
export type Sl651Config = Static<typeof Sl651Config>
