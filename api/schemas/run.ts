import Type from 'typebox'
import { Moment } from './words.ts'

/** A simulation or replay with its own network, devices and clock. */
export const RunNote = Type.Object({
  run: Type.String(),
  network: Type.String(),
  clock: Type.Enum(['wall', 'run'], { description: 'wall: now; run: the newest tick of the run, before the first one its newest reading' }),
  createdAt: Moment,
})
export type RunNote = Type.Static<typeof RunNote>

/** GET /runs */
export const RunList = Type.Object({
  runs: Type.Array(RunNote),
  removed: Type.Array(Type.String(), { description: 'Names of runs that were taken away; a name is used once' }),
})
export type RunList = Type.Static<typeof RunList>

/** Names of runs. */
export const runPattern = /^[a-z0-9][a-z0-9-]{0,62}$/

/** Body of POST /runs */
export const RunRequest = Type.Object(
  {
    run: Type.String({ pattern: runPattern.source, description: 'Name of the run: a-z, 0-9 and -' }),
    network: Type.Unsafe<Record<string, unknown>>({ type: 'object', description: 'The content of a network file' }),
    clock: Type.Enum(['wall', 'run'], { default: 'run' }),
  },
  {
    additionalProperties: false,
    examples: [
      {
        run: 'trial',
        network: {
          network: { id: 'trial', name: { en: 'Trial', zh: '试验' }, timeZone: 'Asia/Shanghai' },
          stations: [{ id: 'trial-gauge', kind: 'river', sensors: [{ parameter: 'water_level', every: '5m', stages: { warning: 3 } }] }],
          devices: [{ id: 'trial-logger', protocol: 'mqtt', stations: ['trial-gauge'] }],
        },
        clock: 'run',
      },
    ],
  },
)
export type RunRequest = Type.Static<typeof RunRequest>

/** Answer of POST /runs: the secrets are shown this once. */
export const RunCreated = Type.Object({
  summary: RunNote,
  secrets: Type.Array(Type.Object({ device: Type.String(), secret: Type.String() })),
})
export type RunCreated = Type.Static<typeof RunCreated>

/** Body of POST /runs/{run}/clock */
export const ClockRequest = Type.Object(
  { at: Type.Integer({ minimum: 0, description: 'Where the clock of the run stands, epoch ms; it never goes back' }) },
  { additionalProperties: false, examples: [{ at: 1_700_000_000_000 }] },
)
export type ClockRequest = Type.Static<typeof ClockRequest>

export const ClockMoved = Type.Object({ run: Type.String(), at: Moment })
export type ClockMoved = Type.Static<typeof ClockMoved>

/** One delivery of a capture: its bytes as text or base64, and when they were received then. */
export const CapturedDelivery = Type.Object(
  {
    receivedAt: Type.Integer({ minimum: 0, description: 'When it was received, epoch ms' }),
    source: Type.Enum(['mqtt', 'http', 'hj212', 'sl651', 'szy206', 'tick'], {
      description: 'The wire it came over; tick: a reading of the clock',
    }),
    device: Type.String({ maxLength: 200 }),
    topic: Type.String({ maxLength: 1_000 }),
    text: Type.Optional(Type.String()),
    base64: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
export type CapturedDelivery = Type.Static<typeof CapturedDelivery>

/** Body of POST /runs/{run}/deliveries */
export const CapturedDeliveries = Type.Object(
  { deliveries: Type.Array(CapturedDelivery, { maxItems: 1_000, description: 'In the order of their numbers' }) },
  {
    additionalProperties: false,
    examples: [
      {
        deliveries: [
          {
            ...{ receivedAt: 1_795_313_700_000, source: 'mqtt', device: 'trial-logger', topic: 'devices/trial-logger/readings' },
            text: '{"seq":1,"at":"2026-11-22T02:15:00+08:00","values":{"water_level":2.1}}',
          },
        ],
      },
    ],
  },
)
export type CapturedDeliveries = Type.Static<typeof CapturedDeliveries>

export const DeliveriesTaken = Type.Object({
  accepted: Type.Integer({ description: 'On disk now' }),
  leftOut: Type.Integer({ description: 'Of devices that are none of the run' }),
})
export type DeliveriesTaken = Type.Static<typeof DeliveriesTaken>
