import type { Codec } from '../../domain/codec.ts'
import { nativeJson } from './native-json.ts'
import { senml } from './senml.ts'
import { thingsboard } from './thingsboard.ts'

/** The payload formats of MQTT and HTTP. To add one: its file and one line here. */
export const codecs: readonly Codec[] = [nativeJson, senml, thingsboard]

/** What a topic carries: a codec reads it; a `message` (status, a reply) holds no values; null is a topic nobody knows. */
export type CodecOf = (topic: string) => Codec | 'message' | null

/** Finds the codec of a topic among ours and those of the field protocols. */
export function createCodecOf(fieldCodecs: readonly Codec[]): CodecOf {
  const all = [...codecs, ...fieldCodecs]
  return (topic) => {
    for (const codec of all) if (codec.reads(topic)) return codec
    return /^devices\/[^/]+\/(?:status|commands\/[^/]+\/reply)$/.test(topic) ? 'message' : null
  }
}
