import Type from 'typebox'
import type { Channel, ChannelParts } from './channel.ts'
import { ChannelInvalid } from './errors.ts'
import { logChannel } from './log.ts'
import { webhookChannel } from './webhook.ts'

/** Every kind of channel. A new one is a file of its own and one line in each of the two lists. */
export const channelKinds = [logChannel, webhookChannel] as const
export const ChannelSettings = Type.Union([logChannel.schema, webhookChannel.schema])
export type ChannelSettings = Type.Static<typeof ChannelSettings>

/** Makes the channels of a configuration. Throws ChannelInvalid, before anything is opened. */
export function createChannels(settings: readonly ChannelSettings[], parts: ChannelParts): Channel[] {
  const names = settings.map((one) => one.name)
  const double = names.find((name, place) => names.indexOf(name) !== place)
  if (double !== undefined) throw new ChannelInvalid(double, 'two channels have this name; rename one')
  return settings.map((one) => (one.kind === 'log' ? logChannel.create(one, parts) : webhookChannel.create(one, parts)))
}
