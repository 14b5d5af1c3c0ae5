import Type from 'typebox'
import { proxyPattern } from './proxies.ts'

/** How the api behaves; host and port belong to the process (app/). */
export const ApiConfig = Type.Object(
  {
    hosts: Type.Array(Type.String(), {
      description: 'Names, beside localhost, that the server answers to while bound to loopback (a proxy in front of it).',
      default: [],
    }),
    trustedProxies: Type.Array(Type.String({ pattern: proxyPattern }), {
      description:
        'Proxies in front of the server, as addresses or networks (10.0.0.0/8): limits and the audit log then speak of the address that they name in X-Forwarded-For.',
      default: [],
    }),
    maxConnections: Type.Integer({
      description: 'Most connections over HTTP and HTTPS in all; more are closed at once.',
      default: 20_000,
      minimum: 1,
    }),
    maxStrangers: Type.Integer({
      description:
        'Most connections of one address over which nobody has logged in; more wait unread for their turn, at most `requestWithin`. Those of trusted proxies are not counted.',
      default: 20,
      minimum: 1,
    }),
    requestWithin: Type.String({
      description: 'How long the head and body of a request may take; then its connection is closed.',
      default: '30s',
    }),
    headWithin: Type.String({
      description:
        'How long the head of a request may take, and a connection that says nothing; and the whole request where nobody has logged in. Then its connection is closed.',
      default: '5s',
    }),
    sessionTtl: Type.String({ description: 'How long a login lasts.', default: '12h' }),
    requestsPerMinute: Type.Integer({
      description:
        'Requests a minute that one key or person, else one address, may send; deliveries of devices, /healthz, /readyz and the command line are not counted.',
      default: 1200,
      minimum: 10,
    }),
    streamRing: Type.Integer({ description: 'Live events kept for clients that come back.', default: 10_000, minimum: 1 }),
    streamClients: Type.Integer({ description: 'Live connections at a time.', default: 200, minimum: 1 }),
    streamPatience: Type.String({
      description: 'How long a live client may take nothing of what waits for it before it is dropped.',
      default: '5s',
    }),
    streamHeartbeat: Type.String({ description: 'How often an idle live connection gets a sign of life.', default: '15s' }),
  },
  { additionalProperties: false },
)
export type ApiConfig = Type.Static<typeof ApiConfig>
