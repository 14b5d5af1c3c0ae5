import Type, { type Static } from 'typebox'
import { lineSettings, listenSettings } from '../settings.ts'

const { passwordTries: _, ...settings } = lineSettings

/** The gateway of SZY 206. Its stations are the devices of `protocol: szy206` in the networks. Off by default: much of it is not verified. */
export const Szy206Config = Type.Object(
  { ...listenSettings('SZY 206', 9206, false), ...settings },
  { additionalProperties: false, default: {}, description: 'Stations that speak SZY 206.' },
)
export type Szy206Config = Static<typeof Szy206Config>
