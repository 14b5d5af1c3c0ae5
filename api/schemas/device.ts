import Type from 'typebox'
import { commandOutcomes } from '../../domain/command.ts'
import { deviceSchema } from '../../domain/network-schema.ts'
import { protocols } from '../../domain/network.ts'
import { ClockNote } from './amendment.ts'
import { CertificateNote } from './certificate.ts'
import { Moment, nullable, RunName } from './words.ts'

/** Counted in values; received = stored + versions + duplicate + quarantined, exact. Refused ones were never acknowledged. */
export const ValueCounts = Type.Object({
  received: Type.Integer(),
  stored: Type.Integer({ description: 'New rows' }),
  versions: Type.Integer({ description: 'New versions of rows that were there: another value for the same moment' }),
  duplicate: Type.Integer(),
  quarantined: Type.Integer(),
  late: Type.Integer({ description: 'Of the stored and versions: beyond the lateness allowed' }),
})
export type ValueCounts = Type.Static<typeof ValueCounts>

export const deviceStates = ['reporting', 'silent', 'never'] as const
/** Whether a device is heard of: `silent` when nothing came for three intervals of its slowest regular sensor, `never` when nothing ever came. */
export type DeviceState = (typeof deviceStates)[number]

export const DeviceNote = Type.Object({
  id: Type.String(),
  protocol: Type.Enum([...protocols]),
  network: Type.String(),
  stations: Type.Array(Type.String()),
  run: RunName,
  simulated: Type.Boolean(),
  state: Type.Enum([...deviceStates]),
  lastReceivedAt: nullable(Moment),
  counts: ValueCounts,
  file: nullable(Type.String({ description: 'Network file that declares it, which wins; null: it came over the api' })),
  secret: nullable(
    Type.Object({
      madeAt: Moment,
      firstUsedAt: nullable(Moment),
      earlierUntil: nullable(Type.Integer({ description: 'Until when the secret before is good as well, epoch ms' })),
    }),
  ),
  certificates: Type.Array(CertificateNote, { description: 'Those that are good now, newest first' }),
  clock: nullable(Type.Pick(ClockNote, ['state', 'offsetMs', 'driftMsPerDay', 'likelyZone', 'says'])),
})
export type DeviceNote = Type.Static<typeof DeviceNote>

/** GET /devices */
export const DeviceList = Type.Object({
  devices: Type.Array(DeviceNote),
  matches: Type.Integer({ description: 'All that are as asked for, on this page or not' }),
  totals: Type.Object(ValueCounts.properties, { description: 'Of all of them' }),
  next: nullable(Type.String({ description: 'cursor of the next page; null = this is the last one' })),
})
export type DeviceList = Type.Static<typeof DeviceList>

const { id: _id, ...declared } = deviceSchema.properties

/** A device as it is declared; the same as in a network file. */
export const DeviceDeclaration = Type.Object(declared, { additionalProperties: false, examples: [{ stations: ['qingxi'] }] })
export type DeviceDeclaration = Type.Static<typeof DeviceDeclaration>

/** PUT /devices/{device} */
export const DeviceKept = Type.Object({
  device: Type.String(),
  created: Type.Boolean(),
  secret: nullable(Type.String({ description: 'Of a new device; shown this once' })),
})
export type DeviceKept = Type.Static<typeof DeviceKept>

/** Body of POST /devices; each row is judged by itself. */
export const DeviceRows = Type.Object(
  {
    devices: Type.Array(Type.Unsafe<Record<string, unknown>>({ type: 'object' }), {
      minItems: 1,
      maxItems: 20_000,
      description: 'Each a declaration with its id; with nothing but an id: the first secret of a device that a file declares',
    }),
  },
  { additionalProperties: false, examples: [{ devices: [{ id: 'rtu-0018', stations: ['qingxi'] }, { id: 'rtu-0017' }] }] },
)

/** POST /devices: one row for each, in their order. */
export const AddedDevices = Type.Object({
  devices: Type.Array(
    Type.Object({
      device: Type.String(),
      secret: nullable(Type.String({ description: 'Shown this once' })),
      problem: nullable(Type.String({ description: 'Why it was not added; the others were' })),
    }),
  ),
})
export type AddedDevices = Type.Static<typeof AddedDevices>

/** POST /devices/{device}/secret and /claim: shown this once. */
export const DeviceSecret = Type.Object({ device: Type.String(), secret: Type.String() })
export type DeviceSecret = Type.Static<typeof DeviceSecret>

/** Answer of POST /devices/{device}/commands */
export const CommandAnswer = Type.Object({
  outcome: Type.Enum([...commandOutcomes]),
  detail: Type.String({ description: 'One sentence' }),
})
export type CommandAnswer = Type.Static<typeof CommandAnswer>

/** Body of POST /claims */
export const ClaimRequest = Type.Object(
  {
    minutes: Type.Integer({ minimum: 1, maximum: 1_440, description: 'How long the window is open' }),
    devices: Type.Optional(
      Type.Array(Type.String({ maxLength: 64 }), {
        minItems: 1,
        maxItems: 20_000,
        description: 'Devices that may claim, whether they have a secret or not; left out: all that have none',
      }),
    ),
  },
  { additionalProperties: false, examples: [{ minutes: 15, devices: ['rtu-0017'] }] },
)

/** POST /claims: the code is shown this once. */
export const ClaimCode = Type.Object({ code: Type.String(), until: Moment })
export type ClaimCode = Type.Static<typeof ClaimCode>

/** Body of POST /devices/{device}/claim */
export const ClaimAttempt = Type.Object(
  { code: Type.String({ maxLength: 64 }) },
  { additionalProperties: false, examples: [{ code: 'k7fm-2qxa-b4cd' }] },
)
