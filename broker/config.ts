import Type, { type Static } from 'typebox'
import { parseDuration } from '../domain/time.ts'

const duration = (fallback: string, description: string) =>
  Type.String({ pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(w|d|h|min|m|s|ms)\\s*)+$', default: fallback, description })
const count = (fallback: number, description: string, minimum = 1) => Type.Integer({ minimum, default: fallback, description })

/** Limits of the MQTT broker. Address and port belong to the process (`server`). */
export const BrokerConfig = Type.Object(
  {
    profile: Type.Union([Type.Literal('strict'), Type.Literal('interop')], {
      default: 'strict',
      description:
        'What clients are held to. strict: own topics, the login as client id; interop: open topics, client ids and keep-alive times as asked, for interoperability tests, on loopback only.',
    }),
    maxConnections: count(20_000, 'Most connections in all; more are closed at once.'),
    maxStrangers: count(
      20,
      'Most connections of one address that log in at a time; more wait unread for their turn, at most `connectWithin`.',
    ),
    maxPacketBytes: count(256_000, 'Largest packet of a client that has logged in; a larger one closes its connection.', 1_000),
    maxFirstPacketBytes: count(4_000, 'Largest packet before the login.', 256),
    maxTopicLevels: Type.Integer({ minimum: 5, maximum: 100, default: 16, description: 'Most levels of a topic or filter.' }),
    maxClientIdBytes: count(64, 'Longest client id; the id is replaced by the login in any case.'),
    maxSubscriptions: count(16, 'Most filters that one client may hold; more are answered with a refusal.'),
    maxFilters: count(8, 'Most filters of one SUBSCRIBE or UNSUBSCRIBE; more close the connection.'),
    maxInFlight: count(
      20,
      'Most messages of one client that are not kept yet; no more of it is read meanwhile. More QoS 2 messages that wait for their release close its connection.',
    ),
    wrongLogins: count(
      5,
      'Wrong logins of an address or a user name, over MQTT and HTTP together, that are answered at once in a minute; more wait, ten a second.',
    ),
    publishesPerSecond: count(
      5_000,
      'Messages a second that a device may send on average; more are held back over MQTT and answered 429 over HTTP.',
    ),
    publishBurst: count(20_000, 'Messages that a device may send at once after a pause.'),
    connectWithin: duration('5s', 'How long a new connection may take to log in.'),
    keepAliveAtLeast: duration('10s', 'Shorter keep-alive times are taken as this.'),
    keepAliveAtMost: duration('600s', 'Longer keep-alive times, and none at all, are taken as this.'),
    drainWithin: duration('5s', 'A client that takes nothing of what is sent to it for so long is cut off.'),
    offlineQueue: count(
      1_000,
      'Most messages kept for one client with a persistent session while it is away; more are dropped and counted.',
    ),
    outgoing: count(
      10_000,
      'Most messages on their way to subscribers; more observations wait, 50,000 at most; beyond, they are dropped and counted.',
    ),
    outgoingSimulated: Type.Boolean({
      default: false,
      description: 'Programs that subscribe hear of simulations and replays too, each message marked with its run.',
    }),
  },
  { additionalProperties: false, default: {}, description: 'The MQTT broker.' },
)

export type BrokerConfig = Static<typeof BrokerConfig>

/** A client that takes nothing holds up what others are sent for so long at most, ms. */
const longestDrainMs = 5_000

/** What is wrong with limits that are right each by itself, a sentence each with the setting in front. */
export function brokerFaults({ connectWithin, keepAliveAtLeast, keepAliveAtMost, drainWithin }: BrokerConfig): string[] {
  const ms = (text: string): number => parseDuration(text) ?? 0
  const faults: string[] = []
  if (ms(connectWithin) <= 0) faults.push('broker.connectWithin: nobody could log in within no time; set it to 5s')
  if (ms(keepAliveAtLeast) > ms(keepAliveAtMost))
    faults.push(`broker.keepAliveAtLeast: ${keepAliveAtLeast} is more than broker.keepAliveAtMost (${keepAliveAtMost})`)
  if (ms(drainWithin) <= 0 || ms(drainWithin) > longestDrainMs)
    faults.push(
      `broker.drainWithin: ${drainWithin} is not above 0 and up to 5s: one client that takes nothing holds the others up for so long`,
    )
  return faults
}
