import { createHmac } from 'node:crypto'
import { takeTurns } from '../domain/in-turn.ts'
import type { PasswordLines, Passwords } from '../api/passwords.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { DeviceCredentials, Identity, IssuedSecret, IssueOptions, SecretStanding } from '../domain/identity.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import type { Protocol } from '../domain/network.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import { bodyOf, HeldSecrets, secretOf, softOnes, type CredentialBody, type Secret } from './held-secrets.ts'
import { KeptSecret } from './kept-secret.ts'
import { secretFor } from './new-secret.ts'
import { openRevokedDevices, type RevokedDevices } from './revoked-devices.ts'

interface CredentialParts {
  documents: DocumentStore
  fleet: CurrentFleet
  passwordLine: PasswordLines
  randomBytes: (size: number) => Uint8Array
  now: () => number
}

/** Device secrets as the process keeps them. */
export interface KeptCredentials extends DeviceCredentials {
  /** To be called every few seconds: keeps some of the passwords that earlier releases kept as HMAC as scrypt. Rejects with too-many. */
  harden(): Promise<void>
}

type NewSecret = IssuedSecret & Pick<Secret, 'chosen'>

/** How long the secret before stays good after the new one was first used: a device may not have kept the new one. */
const graceMs = 5 * 60_000

/** Stations that wait for scrypt at most: each connection of a field protocol waits for one password at a time. */
const waitingAtMost = 10_000
/** Longest secret that is looked at, bytes. */
const longestSecret = 512
/** Passwords hardened at a time: 20,000 of them in an hour and a half, beside all else. */
const hardenedAtOnce = 20

/**
 * Device secrets: 128 random bits each, shown once, kept as HMAC-SHA-256 under a key of this installation (a generated secret needs no
 * slow hash). A login is a name with its secret, or the secret alone as a token. All are in memory: a login asks no store.
 * Passwords of field protocols, which can be found by trying, are kept as the scrypt of that HMAC, but for those of simulations.
 */
export async function createCredentials(parts: CredentialParts): Promise<KeptCredentials> {
  const { documents, randomBytes, now } = parts
  const held = new HeldSecrets()
  for (const { key: device, body, updatedAt } of await documents.list<CredentialBody>('credential'))
    held.set(deviceId(device), secretOf(body, updatedAt))
  return new Credentials(parts, await installationKey(documents, randomBytes, now), {
    held,
    revoked: await openRevokedDevices(parts),
  })
}

class Credentials implements KeptCredentials {
  readonly #parts: CredentialParts
  readonly #key: Buffer
  readonly #held: HeldSecrets
  readonly #revoked: RevokedDevices
  readonly #passwords: Passwords
  readonly #listeners: ((device: DeviceId) => void)[] = []
  /** Everything that writes: what is kept is the state in memory at its turn, never an older one over a newer. */
  readonly #inTurn = takeTurns()
  /** Devices of which something is to be kept at the next sweep. */
  readonly #changed = new Set<DeviceId>()
  readonly #nobody: KeptSecret
  /** Devices whose password is still to be hardened. */
  readonly #soft: Set<DeviceId>

  constructor(parts: CredentialParts, key: Buffer, { held, revoked }: { held: HeldSecrets; revoked: RevokedDevices }) {
    this.#parts = parts
    this.#key = key
    this.#held = held
    this.#revoked = revoked
    this.#passwords = parts.passwordLine(waitingAtMost)
    this.#nobody = new KeptSecret({ hmac: this.#digest(parts.randomBytes(32)).toString('hex') })
    this.#soft = new Set(held.devices().filter((device) => softOnes(held.get(device)).length > 0))
  }

  readonly identify = async (name: string, secret: Uint8Array): Promise<Identity | null> => {
    if (secret.length > longestSecret) return null
    const given = this.#digest(secret)
    const device = name === '' ? this.#held.byToken(given) : deviceId(name)
    const shown = device === undefined ? undefined : this.#held.get(device)
    const [current, earlier] = [shown?.kept ?? this.#nobody, this.#earlierOf(shown)?.kept ?? this.#nobody]
    // a name nobody has costs the same comparisons as a wrong secret
    const fits = [await current.fits(given, this.#passwords), await earlier.fits(given, this.#passwords)]
    // scrypt takes its time: what was right may be over by now
    const kept = device === undefined ? undefined : this.#held.get(device)
    const [isCurrent, isEarlier] = [fits[0] && kept?.kept === current, fits[1] && this.#earlierOf(kept)?.kept === earlier]
    if (device === undefined || !kept || !(isCurrent || isEarlier)) return null
    if (isCurrent) this.#noteUse(device, kept)
    const known = this.#parts.fleet().devices.get(device)
    return known ? { role: 'device', device, run: known.run } : null
  }

  async issue(devices: readonly DeviceId[], { overlapMs = 0, protocols }: IssueOptions = {}): Promise<IssuedSecret[]> {
    const { fleet, randomBytes } = this.#parts
    const protocolOf = (device: DeviceId): Protocol | undefined => protocols?.get(device) ?? fleet().devices.get(device)?.protocol
    const made = devices.map((device) => {
      const { secret, isShort } = secretFor(protocolOf(device), randomBytes)
      return { device, secret, chosen: isShort }
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
    return this.#inTurn(async () => {
      const made = this.#held.get(device) !== undefined
      this.#held.remove(device)
      if (made) this.#end(device)
      if (this.#isReal(device)) await this.#revoked.add(device)
      return (await this.#parts.documents.remove('credential', device)) || there || made
    })
  }

  isRevoked(device: DeviceId): boolean {
    return this.#revoked.has(device)
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
    for (const [device, secret] of this.#held.overlapping())
      if (secret.earlier && secret.earlier.until <= this.#parts.now()) this.#endEarlier(device, secret)
    await this.#inTurn(() => this.#keepChanged())
  }

  async #keepChanged(): Promise<void> {
    const { documents, now } = this.#parts
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

  async harden(): Promise<void> {
    for (const device of [...this.#soft].slice(0, hardenedAtOnce)) {
      if (!this.#isSimulated(device))
        for (const kept of softOnes(this.#held.get(device))) {
          await kept.harden(this.#passwords)
          this.#changed.add(device)
        }
      this.#soft.delete(device)
    }
  }

  #endEarlier(device: DeviceId, secret: Secret): void {
    this.#held.set(device, { ...secret, earlier: null })
    this.#changed.add(device)
    // who has not come with the new secret is still there with the old one, or not at all
    if (secret.firstUsedAt === null) this.#end(device)
  }

  async #replace(secrets: readonly NewSecret[], overlapMs: number): Promise<void> {
    const kept = await this.#keptOf(secrets)
    await this.#inTurn(() => this.#keepMade(secrets, kept, overlapMs))
  }

  async #keepMade(secrets: readonly NewSecret[], kept: readonly KeptSecret[], overlapMs: number): Promise<void> {
    const at = this.#parts.now()
    const made = secrets.flatMap(({ device, chosen }, place) => {
      const [before, now] = [this.#held.get(device), kept[place]]
      const earlier = before && overlapMs > 0 ? { ...this.#inUse(before), until: at + overlapMs } : null
      return now ? [{ device, before, secret: { kept: now, madeAt: at, firstUsedAt: null, chosen, earlier } }] : []
    })
    const documents = made.map(({ device, secret }) => ({ key: device, body: bodyOf(secret), updatedAt: at }))
    await this.#parts.documents.putAll('credential', documents)
    await this.#revoked.takeOut(made.map(({ device }) => device))
    for (const { device, secret } of made) this.#held.set(device, secret)
    for (const { device, before, secret } of made) if (before && !secret.earlier) this.#end(device)
  }

  /** What the device uses: an answer with a new secret may have been lost, and then nobody has come with that one. */
  #inUse(secret: Secret): Omit<NonNullable<Secret['earlier']>, 'until'> {
    const { kept, chosen, firstUsedAt } = secret
    const earlier = firstUsedAt === null ? this.#earlierOf(secret) : null
    return earlier?.isUsed ? earlier : { kept, chosen, isUsed: firstUsedAt !== null }
  }

  /** In their order. Two at a time, so that a long list leaves the line to others. */
  async #keptOf(secrets: readonly NewSecret[]): Promise<KeptSecret[]> {
    const made = secrets.map((one) => ({ ...one, kept: new KeptSecret({ hmac: this.#digest(one.secret).toString('hex') }) }))
    const slow = made.filter(({ device, chosen }) => chosen && !this.#isSimulated(device)).values()
    const hardenRest = async (): Promise<void> => {
      for (const { kept } of slow) await kept.harden(this.#passwords)
    }
    await Promise.all([hardenRest(), hardenRest()])
    return made.map(({ kept }) => kept)
  }

  #isReal(device: DeviceId): boolean {
    return this.#parts.fleet().devices.get(device)?.run === null
  }

  #isSimulated(device: DeviceId): boolean {
    return (this.#parts.fleet().devices.get(device)?.run ?? null) !== null
  }

  #earlierOf(secret: Secret | undefined): Secret['earlier'] {
    return secret?.earlier && secret.earlier.until > this.#parts.now() ? secret.earlier : null
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

async function installationKey(documents: DocumentStore, randomBytes: (size: number) => Uint8Array, now: () => number): Promise<Buffer> {
  const stored = await documents.get<{ hex: string }>('setting', 'credential-key')
  if (stored) return Buffer.from(stored.body.hex, 'hex')
  const key = Buffer.from(randomBytes(32))
  await documents.put('setting', 'credential-key', { hex: key.toString('hex') }, now())
  return key
}
