import { createPrivateKey, createPublicKey, KeyObject, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import type * as X509 from '@peculiar/x509'

/** A certificate with its key, PEM. */
export interface Pair {
  certificate: string
  key: string
}

export interface Order {
  /** Hexadecimal; at most 20 bytes, the first bit 0. */
  serial: string
  /** When it is good, epoch ms; kept in whole seconds. */
  from: number
  until: number
}

/** A signing request that can be signed. */
export interface SigningRequest {
  publicKey: X509.PublicKeyType
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** A CA of its own, ECDSA on P-256 (RFC 5280). It signs certificates and no further CA. */
export async function mintAuthority(name: string, order: Order): Promise<Pair> {
  const x509 = await library()
  const keys = await makeKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...shared(order),
    name: [{ CN: [name] }],
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: pemOf(keys.privateKey) }
}

/** A certificate for a server of these names and addresses, at least one, with a new key. */
export async function mintServer(authority: Pair, names: readonly string[], order: Order): Promise<Pair> {
  const x509 = await library()
  const keys = await makeKeys()
  const certificate = await sign(authority, keys.publicKey, order, {
    name: names[0] ?? 'localhost',
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) ? 'ip' : 'dns', value }) as const)),
    ],
  })
  return { certificate, key: pemOf(keys.privateKey) }
}

/** A certificate with which a device logs in, for the key of its request, or with a new one. */
export async function mintDevice(
  authority: Pair,
  { device, request }: { device: string; request: SigningRequest | null },
  order: Order,
): Promise<{ certificate: string; key: string | null }> {
  const x509 = await library()
  const own = request === null ? await makeKeys() : null
  const certificate = await sign(authority, request?.publicKey ?? own?.publicKey, order, {
    name: device,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  })
  return { certificate, key: own && pemOf(own.privateKey) }
}

/** Reads a signing request (PKCS #10), or says in a sentence why it is not signed. What it asks to be called is not looked at. */
export async function readRequest(pem: string): Promise<SigningRequest | string> {
  const { Pkcs10CertificateRequest } = await library()
  try {
    const request = new Pkcs10CertificateRequest(pem)
    if (!(await request.verify())) return 'the request is not signed with its own key'
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey({
      key: Buffer.from(request.publicKey.rawData),
      format: 'der',
      type: 'spki',
    })
    const bits = details?.modulusLength ?? 0
    if (type === 'ec' ? knownCurves.has(details?.namedCurve ?? '') : type === 'rsa' && bits >= 2_048 && bits <= 4_096) return request
    return 'the key of the request is neither EC on P-256 or P-384 nor RSA of 2048 to 4096 bits'
  } catch {
    return 'this is no signing request (PKCS #10, PEM) with a key that is known here'
  }
}

const knownCurves: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1'])

/** Loaded when something is to be minted: it takes a fifth of a second that no other command should pay. */
async function library(): Promise<typeof X509> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(webcrypto as Crypto)
  return x509
}

interface Subject {
  name: string
  extensions: X509.Extension[]
}

async function sign(authority: Pair, publicKey: X509.PublicKeyType | undefined, order: Order, subject: Subject): Promise<string> {
  if (publicKey === undefined) throw new TypeError(`signing the certificate of ${subject.name}: there is no public key`)
  const x509 = await library()
  const signer = new x509.X509Certificate(authority.certificate)
  const certificate = await x509.X509CertificateGenerator.create({
    ...shared(order),
    subject: [{ CN: [subject.name] }],
    issuer: signer.subjectName,
    publicKey,
    signingKey: await signingKey(authority.key),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      ...subject.extensions,
      await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
    ],
  })
  return `${certificate.toString('pem')}\n`
}

const shared = ({ serial, from, until }: Order) => ({
  serialNumber: serial,
  notBefore: new Date(from),
  notAfter: new Date(until),
  signingAlgorithm: algorithm,
})

const makeKeys = (): Promise<CryptoKeyPair> => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<CryptoKeyPair>

const pemOf = (key: CryptoKey): string => KeyObject.from(key).export({ format: 'pem', type: 'pkcs8' }).toString()

function signingKey(pem: string): Promise<CryptoKey> {
  const der = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' })
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
}
