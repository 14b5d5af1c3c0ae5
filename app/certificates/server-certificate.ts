import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { dayMs, endOf, type Authority } from './authority.ts'
import { mintServer, type Pair } from './mint.ts'
import { readPair, writePair } from './pem-file.ts'

export interface ServerCertificateParts {
  authority: Authority
  /** Where a certificate of our own is kept. */
  file: string
  /** Names and addresses that one of our own is for, at least one. */
  names: readonly string[]
  /** Files of a certificate (its chain behind it) and its key that are used instead; null = one of our own. */
  given: { certificate: string; key: string } | null
  now: () => number
}

/** What the TLS listeners show of themselves. */
export interface ServerCertificate {
  current(): Pair
  /** When it ends, epoch ms. */
  until(): number
  /** Takes what is new: files that changed, or a new one of our own 30 days before its end. True = there was. Rejects, and stays as it was. */
  refresh(): Promise<boolean>
}

/** Browsers take none that is good for longer than 398 days. */
const goodForDays = 397
const renewBeforeMs = 30 * dayMs

/** Rejects when the files that were given cannot be read or do not belong together. */
export async function openServerCertificate(parts: ServerCertificateParts): Promise<ServerCertificate> {
  const { given } = parts
  const read = given === null ? () => ownPair(parts) : async () => givenPair(given)
  let shown = await read()
  return {
    current: () => shown,
    until: () => endOf(new X509Certificate(shown.certificate)),
    async refresh() {
      const found = await read()
      const isNew = found.certificate !== shown.certificate || found.key !== shown.key
      shown = found
      return isNew
    },
  }
}

function givenPair(files: { certificate: string; key: string }): Pair {
  const pair = { certificate: readFileSync(files.certificate, 'utf8'), key: readFileSync(files.key, 'utf8') }
  if (new X509Certificate(pair.certificate).checkPrivateKey(createPrivateKey(pair.key))) return pair
  throw new TypeError(`the key ${files.key} is not that of the certificate ${files.certificate}`)
}

async function ownPair({ authority, file, names, now }: ServerCertificateParts): Promise<Pair> {
  const signer = await authority.open()
  const kept = readPair(file)
  if (kept !== null && isFit(new X509Certificate(kept.certificate), new X509Certificate(signer.certificate), { names, at: now() }))
    return kept
  const made = await mintServer(signer, names, await authority.order(goodForDays))
  writePair(file, made)
  return made
}

function isFit(kept: X509Certificate, signer: X509Certificate, { names, at }: { names: readonly string[]; at: number }): boolean {
  const isFor = (name: string): boolean => (isIP(name) ? kept.checkIP(name) : kept.checkHost(name)) !== undefined
  return kept.verify(signer.publicKey) && names.every(isFor) && endOf(kept) - at > renewBeforeMs
}
