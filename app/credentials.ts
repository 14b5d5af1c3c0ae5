import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { DeviceCredentials, Identify, Identity, IssuedSecret, IssueOptions, SecretStanding } from '../domain/identity.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import type { Device, Protocol } from '../domain/network.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import { bodyOf, HeldSecrets, secretOf, type CredentialBody, type Secret } from './held-secrets.ts'

interface CredentialParts {
  documents: DocumentStore
  fleet: CurrentFleet
  randomBytes: (size: number) => Uint8Array
  now: () => number
}

/** How long the secret before stays good after the new one was first used: a device may not have kept the new one. */
const graceMs = 5 * 60_000

/**
 * Device secrets: 128 random bits each, shown once, kept as HMAC-SHA-256 under a key of this installation (a generated secret needs no
 * slow hash). A login is a name with its secret, or the secret alone as a token. All are in memory: a login asks no store.
 */
export async function createCredentials(parts: CredentialParts): Promise<DeviceCredentials> {
  const { documents, randomBytes, now } = parts
  const held = new HeldSecrets()
  for (const { key: device, body, updatedAt } of await documents.list<CredentialBody>('credential'))
    held.set(deviceId(device), secretOf(body, updatedAt))
  return new KeptCredentials(parts, await installationKey(documents, randomBytes, now), held)
}

/** Logins of devices of one protocol only: a password that a field protocol sends in the clear opens nothing else. */
export function identifyOver(protocol: Device['protocol'], { identify }: DeviceCredentials, fleet: CurrentFleet): Identify {
  return async (name, secret) => {
    const identity = await identify(name, secret)
    return identity && fleet().devices.get(identity.device)?.protocol === protocol ? identity : null
  }
}

class KeptCredentials implements DeviceCredentials {
  readonly #parts: CredentialParts
  readonly #key: Buffer
  readonly #held: HeldSecrets
  readonly #listeners: ((device: DeviceId) => void)[] = []
  /** Devices of which something is to be kept at the next sweep. */
  readonly #changed = new Set<DeviceId>()
  readonly #nobody: Buffer

  constructor(parts: CredentialParts, key: Buffer, held: HeldSecrets) {
    this.#parts = parts
    this.#key = key
    this.#held = held
    this.#nobody = this.#digest(parts.randomBytes(32))
  }

  readonly identify = async (name: string, secret: Uint8Array): Promise<Identity | null> => {
    const given = this.#digest(secret)
    const device = name === '' ? this.#held.byToken(given) : deviceId(name)
    const kept = device === undefined ? undefined : this.#held.get(device)
    const earlier = kept?.earlier && kept.earlier.until > this.#parts.now() ? kept.earlier.hmac : this.#nobody
    // a name nobody has costs the same comparisons as a wrong secret
    const fits = [timingSafeEqual(given, kept?.hmac ?? this.#nobody), timingSafeEqual(given, earlier)]
    if (device === undefined || !kept || !fits.includes(true)) return null
    if (fits[0]) this.#noteUse(device, kept)
    const known = this.#parts.fleet().devices.get(device)
    return known ? { role: 'device', device, run: known.run } : null
  }

  async issue(devices: readonly DeviceId[], { overlapMs = 0, protocols }: IssueOptions = {}): Promise<IssuedSecret[]> {
    const { fleet, randomBytes } = this.#parts
    const protocolOf = (device: DeviceId): Protocol | undefined => protocols?.get(device) ?? fleet().devices.get(device)?.protocol
    const made = devices.map((device) => {
      const short = shortSecret(protocolOf(device), randomBytes)
      return { device, secret: short ?? newSecret(randomBytes), chosen: short !== null }
    })
    await this.#replace(made, overlapMs)
    return made.map(({ device, secret }) => ({ device, secret }))
  }

  keep(secrets: readonly IssuedSecret[], overlapMs = 0): Promise<void> {
    return this.#replace(
      secrets.map((secret) => ({ ...secret, chosen: true })),
      overlapMs,
    )
  }

  async revoke(device: DeviceId): Promise<boolean> {
    // first here, so that neither a login nor a sweep brings it back while the store works
    const there = this.#held.get(device) !== undefined
    this.#held.remove(device)
    this.#end(device)
    return (await this.#parts.documents.remove('credential', device)) || there
  }

  standing(device: DeviceId): SecretStanding | null {
    const secret = this.#held.get(device)
    if (!secret) return null
    const { madeAt, firstUsedAt, earlier } = secret
    return { madeAt, firstUsedAt, earlierUntil: earlier && earlier.until > this.#parts.now() ? earlier.until : null }
  }

  onEnded(end: (device: DeviceId) => void): void {
    this.#listeners.push(end)
  }

  async sweep(): Promise<void> {
    const { documents, now } = this.#parts
    for (const [device, secret] of this.#held.overlapping())
      if (secret.earlier && secret.earlier.until <= now()) this.#endEarlier(device, secret)
    const kept = [...this.#changed].flatMap((device) => {
      const secret = this.#held.get(device)
      return secret ? { key: device, body: bodyOf(secret), updatedAt: now() } : []
    })
    this.#changed.clear()
    try {
      await documents.putAll('credential', kept)
    } catch (error) {
      for (const { key } of kept) this.#changed.add(deviceId(key))
      throw error
    }
  }

  #endEarlier(device: DeviceId, secret: Secret): void {
    this.#held.set(device, { ...secret, earlier: null })
    this.#changed.add(device)
    // who has not come with the new secret is still there with the old one, or not at all
    if (secret.firstUsedAt === null) this.#end(device)
  }

  async #replace(secrets: readonly (IssuedSecret & Pick<Secret, 'chosen'>)[], overlapMs: number): Promise<void> {
    const at = this.#parts.now()
    const made = secrets.map(({ device, secret, chosen }) => {
      const before = this.#held.get(device)
      const earlier = before && overlapMs > 0 ? { hmac: before.hmac, until: at + overlapMs, chosen: before.chosen } : null
      return { device, before, secret: { hmac: this.#digest(secret), madeAt: at, firstUsedAt: null, chosen, earlier } }
    })
    const documents = made.map(({ device, secret }) => ({ key: device, body: bodyOf(secret), updatedAt: at }))
    await this.#parts.documents.putAll('credential', documents)
    for (const { device, secret } of made) this.#held.set(device, secret)
    for (const { device, before, secret } of made) if (before && !secret.earlier) this.#end(device)
  }

  #noteUse(device: DeviceId, secret: Secret): void {
    if (secret.firstUsedAt !== null) return
    secret.firstUsedAt = this.#parts.now()
    if (secret.earlier) secret.earlier.until = Math.min(secret.earlier.until, secret.firstUsedAt + graceMs)
    this.#changed.add(device)
  }

  #end(device: DeviceId): void {
    for (const listener of this.#listeners) listener(device)
  }

  #digest(secret: Uint8Array | string): Buffer {
    return createHmac('sha256', this.#key).update(secret).digest()
  }
}

/** 128 random bits; none begins with a minus, which a command line would take for an option and a spreadsheet for a formula. */
function newSecret(randomBytes: (size: number) => Uint8Array): string {
  const secret = Buffer.from(randomBytes(16)).toString('base64url')
  return secret.startsWith('-') ? newSecret(randomBytes) : secret
}

/**
 * What a field protocol has room for: SL 651 two bytes, as four HEX digits; HJ 212 six characters (2017, table 3). Too short to stand alone as a token, or
 * to open anything but its gateway. Null for protocols that have room for more, or none at all.
 */
function shortSecret(protocol: Protocol | undefined, randomBytes: (size: number) => Uint8Array): string | null {
  if (protocol === 'sl651') return Buffer.from(randomBytes(2)).toString('hex').toUpperCase()
  return protocol === 'hj212' ? hj212Password(randomBytes) : null
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** A password of HJ 212: six letters and digits. */
export function hj212Password(randomBytes: (size: number) => Uint8Array): string {
  let password = ''
  while (password.length < 6) password += [...randomBytes(6)].map((byte) => letters[byte & 63] ?? '').join('')
  return password.slice(0, 6)
}

async function installationKey(documents: DocumentStore, randomBytes: (size: number) => Uint8Array, now: () => number): Promise<Buffer> {
  const stored = await documents.get<{ hex: string }>('setting', 'credential-key')
  if (stored) return Buffer.from(stored.body.hex, 'hex')
  const key = Buffer.from(randomBytes(32))
  await documents.put('setting', 'credential-key', { hex: key.toString('hex') }, now())
  return key
}
