import type { Codec } from '../domain/codec.ts'
import { hj212 } from './hj212/codec.ts'
import { sl651 } from './sl651/codec.ts'
import { szy206 } from './szy206/codec.ts'

/** The codecs of the field protocols. To add a protocol: its folder and one line here. */
export const fieldCodecs: readonly Codec[] = [hj212, sl651, szy206]
