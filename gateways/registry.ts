import type { Codec } from '../domain/codec.ts'
import { hj212 } from './hj212/codec.ts'
import { sl651 } from './sl651/codec.ts'

/** The codecs of the field protocols. To add a protocol: its folder and one line here. */
export const fieldCodecs: readonly Codec[] = [hj212, sl651]
