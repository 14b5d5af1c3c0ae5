import { createCipheriv, createDecipheriv } from 'node:crypto'

/** How encrypted bytes stand on the wire (unverified: HJ 212-2025 prints `braces`; ask the vendor). */
export type Sm4Wire = 'bytes' | 'hex' | 'braces'

/** A 128-bit key. */
export type Sm4Key = Buffer

const blockBytes = 16
const [mark, end] = [Buffer.from('CP=&&'), Buffer.from('&&')]

/** A key from 32 hexadecimal digits; null for anything else. */
export function readSm4Key(hex: string): Sm4Key | null {
  return /^[0-9a-fA-F]{32}$/.test(hex) ? Buffer.from(hex, 'hex') : null
}

/**
 * Encrypts the data area of a plain segment as HJ 212-2025 annex A.2 does: whole blocks of 16 bytes by SM4-ECB without padding; what
 * remains stays plain. A segment without a data area comes back as it is.
 */
export function encryptSegment(segment: Buffer, key: Sm4Key, wire: Sm4Wire): Buffer {
  const area = areaOf(segment)
  if (area === null) return segment
  const blocks = area.to - area.from - ((area.to - area.from) % blockBytes)
  const cipher = createCipheriv('sm4-ecb', key, null).setAutoPadding(false)
  const secret = cipher.update(segment.subarray(area.from, area.from + blocks))
  return Buffer.concat([segment.subarray(0, area.from), written(secret, wire), segment.subarray(area.from + blocks)])
}

/** Turns it back. Null when there is no data area, or what stands there is not written in this way. */
export function decryptSegment(segment: Buffer, key: Sm4Key, wire: Sm4Wire): Buffer | null {
  const area = areaOf(segment)
  const parts = area === null ? null : split(segment.subarray(area.from, area.to), wire)
  if (area === null || parts === null) return null
  const decipher = createDecipheriv('sm4-ecb', key, null).setAutoPadding(false)
  const plain = decipher.update(parts.secret)
  return Buffer.concat([segment.subarray(0, area.from), plain, parts.rest, segment.subarray(area.to)])
}

/** From behind `CP=&&` to the last `&&`: encrypted bytes may hold anything. */
function areaOf(segment: Buffer): { from: number; to: number } | null {
  const place = segment.indexOf(mark)
  const to = segment.length - end.length
  const from = place + mark.length
  return place < 0 || to < from ? null : { from, to }
}

function written(secret: Buffer, wire: Sm4Wire): Buffer {
  if (wire === 'bytes' || secret.length === 0) return secret
  const hex = secret.toString('hex').toUpperCase()
  return Buffer.from(wire === 'hex' ? hex : `{${(hex.match(/../g) ?? []).map((byte) => `0x${byte}`).join(',')}}`)
}

/** The encrypted bytes, a whole number of blocks, and the plain rest shorter than one. */
function split(area: Buffer, wire: Sm4Wire): { secret: Buffer; rest: Buffer } | null {
  if (wire === 'bytes') {
    const blocks = area.length - (area.length % blockBytes)
    return { secret: area.subarray(0, blocks), rest: area.subarray(blocks) }
  }
  const text = area.toString('latin1')
  const shape = wire === 'hex' ? /^(?:[0-9A-Fa-f]{32})*/ : /^(?:\{0x[0-9A-Fa-f]{2}(?:,0x[0-9A-Fa-f]{2})*\})?/
  const head = shape.exec(text)?.[0] ?? ''
  const secret = Buffer.from(wire === 'hex' ? head : head.replace(/0x|[{},]/g, ''), 'hex')
  const rest = area.subarray(head.length)
  return secret.length % blockBytes === 0 && rest.length < blockBytes ? { secret, rest } : null
}
