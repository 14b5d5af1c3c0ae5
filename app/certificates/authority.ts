import { X509Certificate } from 'node:crypto'
import { mintAuthority, type Order, type Pair } from './mint.ts'
import { readPair, writePair } from './pem-file.ts'

export interface AuthorityParts {
  /** Where its key and certificate are kept, mode 0600. */
  file: string
  randomBytes: (size: number) => Uint8Array
  now: () => number
}

/** The device CA of this installation. Its key never leaves the data folder, but for its backups. */
export interface Authority {
  /** Null until there is one. */
  current(): X509Certificate | null
  /** Makes it at the first call. */
  open(): Promise<Pair>
  /** What a certificate is to be made with: a serial of its own, from `from` on for so many days, never beyond the CA. Opens it. */
  order(days: number): Promise<Order>
}

export const dayMs = 86_400_000
const years20 = 20 * 365.25
/** A peer whose clock is behind by less takes a certificate that was made just now. */
const leewayMs = 3_600_000

/** Throws when its file holds no key and certificate that belong together. */
export function openAuthority({ file, randomBytes, now }: AuthorityParts): Authority {
  let pair = readPair(file)
  let certificate = pair && new X509Certificate(pair.certificate)
  let making: Promise<Pair> | null = null

  const orderOf = (days: number, notAfter = Infinity): Order => {
    const from = inSeconds(now() - leewayMs)
    return { serial: newSerial(randomBytes), from, until: Math.min(inSeconds(now() + days * dayMs), notAfter) }
  }
  const make = async (): Promise<Pair> => {
    const made = await mintAuthority(`Gaugekeeper device CA ${Buffer.from(randomBytes(4)).toString('hex')}`, orderOf(years20))
    writePair(file, made)
    certificate = new X509Certificate(made.certificate)
    return (pair = made)
  }
  const open = async (): Promise<Pair> => pair ?? (making ??= make())
  return {
    current: () => certificate,
    open,
    order: async (days) => orderOf(days, endOf(new X509Certificate((await open()).certificate))),
  }
}

/** When a certificate ends, epoch ms. */
export const endOf = (certificate: X509Certificate): number => Date.parse(certificate.validTo)

/** Times of X.509 are in whole seconds. */
const inSeconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000

/** 128 bits, positive and of full length: it reads the same in every notation. */
function newSerial(randomBytes: (size: number) => Uint8Array): string {
  const bytes = Buffer.from(randomBytes(16))
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0)
  return bytes.toString('hex').toUpperCase()
}
