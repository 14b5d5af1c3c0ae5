import Type, { type Static } from 'typebox'
import { count, duration, lineSettings, listenSettings } from '../settings.ts'

/** The gateway of SL 651. Its stations are the devices of `protocol: sl651` in the networks. */
export const Sl651Config = Type.Object(
  {
    ...listenSettings('SL 651', 9651),
    udp: Type.Boolean({ default: false, description: 'Take datagrams on the same port as well.' }),
    ...lineSettings,
    maxUploadBytes: count(1_048_576, 'Largest upload in several packets, such as a picture.'),
    packetWithin: duration('30s', 'How long the packets of an upload may be apart before a missing one is asked for.'),
    answerWithin: duration('20s', 'How long a station may take to answer a request, before it is sent again (twice at most).'),
  },
  { additionalProperties: false, default: {}, description: 'Stations that speak SL 651.' },
)
export type Sl651Config = Static<typeof Sl651Config>
