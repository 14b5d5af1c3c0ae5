import Type from 'typebox'
import { ChannelSettings } from './registry.ts'

/** Where warnings go. */
export const NotifyConfig = Type.Object(
  {
    channels: Type.Array(ChannelSettings, {
      description: 'Ways out for warnings that become active, rise or end. Closed for simulations unless a channel says `simulated: true`.',
      default: [{ kind: 'log', name: 'log' }],
      // holds secrets of receivers
      secret: true,
    }),
  },
  { additionalProperties: false },
)
export type NotifyConfig = Type.Static<typeof NotifyConfig>
