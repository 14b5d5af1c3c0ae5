import type { Protocol } from '../domain/network.ts'

type RandomBytes = (size: number) => Uint8Array

/** A secret for a device of a protocol. `isShort`: it can be found by trying, for its protocol has room for no more. */
export function secretFor(protocol: Protocol | undefined, randomBytes: RandomBytes): { secret: string; isShort: boolean } {
  const short = shortSecret(protocol, randomBytes)
  return { secret: short ?? longSecret(randomBytes), isShort: short !== null }
}

/** 128 random bits; none begins with a minus, which a command line would take for an option and a spreadsheet for a formula. */
function longSecret(randomBytes: RandomBytes): string {
  const secret = Buffer.from(randomBytes(16)).toString('base64url')
  return secret.startsWith('-') ? longSecret(randomBytes) : secret
}

/**
 * What a field protocol has room for: SL 651 two bytes, as four HEX digits; HJ 212 six characters (2017, table 3). Too short to stand alone as a token, or
 * to open anything but its gateway. Null for protocols that have room for more, or none at all.
 */
function shortSecret(protocol: Protocol | undefined, randomBytes: RandomBytes): string | null {
  if (protocol === 'sl651') return Buffer.from(randomBytes(2)).toString('hex').toUpperCase()
  return protocol === 'hj212' ? hj212Password(randomBytes) : null
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A password of HJ 212: six letters and digits. */
export function hj212Password(randomBytes: RandomBytes): string {
  let password = ''
  while (password.length < 6) password += [...randomBytes(6)].map((byte) => letters[byte & 63] ?? '').join('')
  return password.slice(0, 6)
}
