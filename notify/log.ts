import Type from 'typebox'
import { levels } from '../domain/warning.ts'
import type { Channel, ChannelKind, ChannelParts } from './channel.ts'

/** What all kinds of channels have. */
export const commonSettings = {
  name: Type.String({
    pattern: '^[a-z0-9][a-z0-9-]{0,40}$',
    description: 'Name of the channel: a-z, 0-9 and -; stands in the delivery log',
  }),
  level: Type.Optional(Type.Enum([...levels], { default: 'blue', description: 'Least level that it is told of' })),
  simulated: Type.Optional(Type.Boolean({ default: false, description: 'Open for simulations, replays and drills too' })),
}

const schema = Type.Object(
  { kind: Type.Literal('log', { description: 'A line in the log of the server' }), ...commonSettings },
  { additionalProperties: false },
)

/** Writes each message as one line of the server's log. */
export const logChannel: ChannelKind<typeof schema> = {
  kind: 'log',
  schema,
  create({ name, level = 'blue', simulated = false }, { log }: ChannelParts): Channel {
    return {
      ...{ name, level, simulated },
      fingerprint: 'log',
      async deliver({ id, message: { type, data } }) {
        const mark = data.simulated ? `${data.status.toUpperCase()} (simulated) ` : ''
        const { warning, version, station, why, clears } = data
        const words = type === 'warning.ended' ? clears : why
        log(`${mark}${type} ${data.level} at ${station.id}: ${words.en}`, { channel: name, message: id, warning, version })
        return { kind: 'accepted', detail: 'written to the log' }
      },
    }
  },
}
