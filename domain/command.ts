import Type from 'typebox'
import type { DeviceId } from './ids.ts'
import { statistics } from './sampling.ts'

const strict = { additionalProperties: false }
const kind = <Kind extends string>(name: Kind) => Type.Literal(name)
const moment = (description: string) => Type.Integer({ minimum: 0, description: `${description}, epoch ms UTC` })
const everyMs = Type.Integer({ minimum: 1_000, maximum: 86_400_000, description: 'interval between two readings, ms' })

/** Send again what was measured from `from` (inclusive) to `to` (exclusive), epoch ms; `everyMs` tells which of a station's records. */
const resend = {
  kind: kind('resend'),
  from: moment('inclusive'),
  to: moment('exclusive'),
  everyMs: Type.Union([everyMs, Type.Null()], { description: "which of a station's records, by their interval; null = all" }),
}
/** The statistic of the series that is to be filled, for protocols that keep records of some only; no part of the message over MQTT. */
const statistic = Type.Optional(
  Type.Enum([...statistics], { description: 'HJ 212: what the records must hold, such as mean; left out: what there is of that interval' }),
)
const setInterval = { kind: kind('set-interval'), everyMs }
/** A request in the words of a field protocol: what its own page lists, with the fields that the standard names. */
const request = {
  kind: kind('request'),
  code: Type.String({ pattern: '^[0-9A-F]{2,4}$', description: 'HJ 212: CN, such as 1061; SL 651: function code, such as 45' }),
  fields: Type.Record(Type.String({ pattern: '^[A-Za-z]{1,20}$' }), Type.String({ maxLength: 200 }), {
    description: 'by name, such as { "RtdInterval": "60" }',
    maxProperties: 10,
  }),
}
const sampleNow = { kind: kind('sample-now') }
const syncClock = { kind: kind('sync-clock') }

/** What a device may be asked. Over MQTT a JSON message on `devices/{device}/commands`, over a field protocol a request of its own. */
export const Command = Type.Union([
  Type.Object({ ...resend, statistic }, { ...strict, description: 'Send again what was measured in a range' }),
  Type.Object(setInterval, { ...strict, description: 'Measure at another interval' }),
  Type.Object(sampleNow, { ...strict, description: 'Measure now and send it' }),
  Type.Object(syncClock, { ...strict, description: 'Set the clock' }),
  Type.Object(request, { ...strict, description: 'A request of a field protocol, in its own words' }),
])
export type Command = Type.Static<typeof Command>

const id = { id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$', description: 'names the command in the topic of the reply' }) }

/** A command as it goes to `devices/{device}/commands`. */
export const CommandMessage = Type.Union([
  Type.Object({ ...id, ...resend }, strict),
  Type.Object({ ...id, ...setInterval }, strict),
  Type.Object({ ...id, ...sampleNow }, strict),
  Type.Object({ ...id, ...syncClock, now: moment('our clock when the command was sent') }, strict),
])
export type CommandMessage = Type.Static<typeof CommandMessage>

/**
 * What became of a command: `done`; `refused` by the device; `busy`, it cannot just now, ask again later; `no-answer` in the time the protocol allows; `unreachable`, it is not
 * connected; `unsupported`, its protocol or firmware cannot.
 */
export const commandOutcomes = ['done', 'refused', 'busy', 'no-answer', 'unreachable', 'unsupported'] as const
export type CommandOutcome = (typeof commandOutcomes)[number]

/** The answer of a device on `devices/{device}/commands/{id}/reply`. */
export const CommandReply = Type.Object(
  {
    outcome: Type.Enum(['done', 'refused', 'unsupported']),
    detail: Type.Optional(Type.String({ maxLength: 500, description: 'one sentence for people' })),
  },
  { description: 'Other members are passed over' },
)
export type CommandReply = Type.Static<typeof CommandReply>

export interface CommandResult {
  outcome: CommandOutcome
  /** One sentence for people. */
  detail: string
}

/** Asks one device and waits for its answer, as long as its protocol allows. Never rejects for what a device does. */
export type SendCommand = (device: DeviceId, command: Command) => Promise<CommandResult>
