import Type from 'typebox'
import { parseDuration } from '../domain/time.ts'

/** A length of time in the configuration, such as `10s`. */
export const duration = (fallback: string, description: string) =>
  Type.String({ pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(w|d|h|min|m|s|ms)\\s*)+$', default: fallback, description })
/** A number of things, at least one. */
export const count = (fallback: number, description: string) => Type.Integer({ minimum: 1, default: fallback, description })

/** Where a gateway listens. `name` is the protocol's. */
export const listenSettings = (name: string, port: number, enabled = true) => ({
  enabled: Type.Boolean({ default: enabled, description: `Listen for stations of ${name}.` }),
  host: Type.String({ default: '127.0.0.1', description: `Address that ${name} listens on. The protocol has no security of its own.` }),
  port: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: port,
    description: `Port of ${name}; 0, or server.port 0, picks a free one.`,
  }),
})

/** The bounds of the lines of a gateway. */
export const lineSettings = {
  maxConnections: count(10_000, 'Most connections in all; more are closed at once. As many peers where datagrams are taken.'),
  maxStrangers: count(2_000, 'Most connections of one address that have not logged in; carriers put whole fleets behind one.'),
  maxInFlight: count(64, 'Most messages of one connection that wait for the journal; then it is read no further.'),
  passwordTries: count(5, 'Wrong passwords after which a connection is closed.'),
  loginWithin: duration('10m', 'How long a connection may be without a frame of a known station.'),
  idle: duration('2h', 'A connection that sends nothing for so long is closed.'),
  frameWithin: duration('10s', 'A frame that stops in the middle for so long is given up.'),
}

/** Ms of a checked length of time. */
export function msOf(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new RangeError(`opening a gateway: "${text}" is not a length of time; write it like 5s`)
  return ms
}
