import Type, { type Static } from 'typebox'
import { Hj212Config } from './hj212/config.ts'
import { Sl651Config } from './sl651/config.ts'
import { Szy206Config } from './szy206/config.ts'

/** The gateways of the field protocols, one section each. */
export const GatewaysConfig = Type.Object(
  { hj212: Hj212Config, sl651: Sl651Config, szy206: Szy206Config },
  { additionalProperties: false, default: {} },
)
export type GatewaysConfig = Static<typeof GatewaysConfig>
