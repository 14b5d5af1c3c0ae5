import type { Codec } from './codec.ts'
import { nativeJson } from './native-json.ts'
import { thingsboard } from './thingsboard.ts'

/** Every payload format. To add one: its file and one line here. */
export const codecs: readonly Codec[] = [nativeJson, thingsboard]

/** What a topic carries: a codec reads it; a `message` (status, a reply) holds no values; null is a topic nobody knows. */
export function codecOf(topic: string): Codec | 'message' | null {
  for (const codec of codecs) if (codec.reads(topic)) return codec
  return /^devices\/[^/]+\/(?:status|commands\/[^/]+\/reply)$/.test(topic) ? 'message' : null
}
