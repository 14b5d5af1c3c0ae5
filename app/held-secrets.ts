import type { DeviceId } from '../domain/ids.ts'

/** How a secret is kept. */
export interface CredentialBody {
  /** Hex of HMAC-SHA-256 of the secret under the installation's key. */
  hmac: string
  madeAt: number
  firstUsedAt: number | null
  /** It was chosen by somebody: too short to stand alone as a token. */
  chosen?: true
  /** The secret before, while it is good as well. */
  earlier?: { hmac: string; until: number; chosen?: true }
}

/** A secret in use. */
export interface Secret {
  hmac: Buffer
  madeAt: number
  firstUsedAt: number | null
  chosen: boolean
  earlier: { hmac: Buffer; until: number; chosen: boolean } | null
}

/** All secrets, by device and by what a token's digest is. */
export class HeldSecrets {
  readonly #byDevice = new Map<DeviceId, Secret>()
  readonly #byDigest = new Map<string, DeviceId>()
  readonly #overlapping = new Set<DeviceId>()

  get(device: DeviceId): Secret | undefined {
    return this.#byDevice.get(device)
  }

  byToken(hmac: Buffer): DeviceId | undefined {
    return this.#byDigest.get(hmac.toString('hex'))
  }

  overlapping(): (readonly [DeviceId, Secret])[] {
    return [...this.#overlapping].flatMap((device) => {
      const secret = this.#byDevice.get(device)
      return secret ? [[device, secret] as const] : []
    })
  }

  set(device: DeviceId, secret: Secret): void {
    this.remove(device)
    this.#byDevice.set(device, secret)
    if (!secret.chosen) this.#byDigest.set(secret.hmac.toString('hex'), device)
    if (!secret.earlier) return
    if (!secret.earlier.chosen) this.#byDigest.set(secret.earlier.hmac.toString('hex'), device)
    this.#overlapping.add(device)
  }

  remove(device: DeviceId): void {
    const old = this.#byDevice.get(device)
    if (!old) return
    for (const hmac of [old.hmac, old.earlier?.hmac]) if (hmac) this.#byDigest.delete(hmac.toString('hex'))
    this.#byDevice.delete(device)
    this.#overlapping.delete(device)
  }
}

/** A secret from what is kept; `updatedAt` stands for what earlier releases did not keep. */
export function secretOf(body: CredentialBody, updatedAt: number): Secret {
  const earlier = body.earlier
    ? { hmac: Buffer.from(body.earlier.hmac, 'hex'), until: body.earlier.until, chosen: body.earlier.chosen === true }
    : null
  const { madeAt = updatedAt, firstUsedAt = null, chosen = false } = body
  return { hmac: Buffer.from(body.hmac, 'hex'), madeAt, firstUsedAt, chosen, earlier }
}

/** What is kept of a secret. */
export function bodyOf({ hmac, madeAt, firstUsedAt, chosen, earlier }: Secret): CredentialBody {
  return {
    hmac: hmac.toString('hex'),
    madeAt,
    firstUsedAt,
    ...(chosen && { chosen }),
    ...(earlier && {
      earlier: { hmac: earlier.hmac.toString('hex'), until: earlier.until, ...(earlier.chosen && { chosen: true as const }) },
    }),
  }
}
