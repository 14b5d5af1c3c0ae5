import type { DeviceId } from '../domain/ids.ts'
import { KeptSecret, type KeptSecretBody } from './kept-secret.ts'

/** How a secret is kept. */
export interface CredentialBody extends KeptSecretBody {
  madeAt: number
  firstUsedAt: number | null
  /** It was chosen by somebody, or is as short as its field protocol wants it: no token. */
  chosen?: true
  /** The secret before, while it is good as well. */
  earlier?: KeptSecretBody & { until: number; chosen?: true; unused?: true }
}

/** A secret in use. */
export interface Secret {
  kept: KeptSecret
  madeAt: number
  firstUsedAt: number | null
  chosen: boolean
  earlier: { kept: KeptSecret; until: number; chosen: boolean; isUsed: boolean } | null
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

  devices(): DeviceId[] {
    return [...this.#byDevice.keys()]
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
    for (const token of tokensOf(secret)) this.#byDigest.set(token, device)
    if (secret.earlier) this.#overlapping.add(device)
  }

  remove(device: DeviceId): void {
    const old = this.#byDevice.get(device)
    if (!old) return
    for (const token of tokensOf(old)) this.#byDigest.delete(token)
    this.#byDevice.delete(device)
    this.#overlapping.delete(device)
  }
}

/** Digests of the secrets that may stand alone. */
const tokensOf = ({ kept, chosen, earlier }: Secret): string[] =>
  [{ kept, chosen }, ...(earlier ? [earlier] : [])].flatMap((one) => (one.chosen || !one.kept.hmac ? [] : [one.kept.hmac.toString('hex')]))

/** A secret from what is kept; `updatedAt` stands for what earlier releases did not keep. */
export function secretOf(body: CredentialBody, updatedAt: number): Secret {
  const earlier = body.earlier
    ? {
        kept: new KeptSecret(body.earlier),
        until: body.earlier.until,
        chosen: body.earlier.chosen === true,
        isUsed: body.earlier.unused !== true,
      }
    : null
  const { madeAt = updatedAt, firstUsedAt = null, chosen = false } = body
  return { kept: new KeptSecret(body), madeAt, firstUsedAt, chosen, earlier }
}

/** What is kept of a secret. */
export function bodyOf({ kept, madeAt, firstUsedAt, chosen, earlier }: Secret): CredentialBody {
  return {
    ...kept.body(),
    madeAt,
    firstUsedAt,
    ...(chosen && { chosen }),
    ...(earlier && { earlier: earlierBodyOf(earlier) }),
  }
}

function earlierBodyOf({ kept, until, chosen, isUsed }: NonNullable<Secret['earlier']>): NonNullable<CredentialBody['earlier']> {
  return { ...kept.body(), until, ...(chosen && { chosen }), ...(!isUsed && { unused: true }) }
}

/** The passwords of a device that are kept as HMAC. */
export function softOnes(secret: Secret | undefined): KeptSecret[] {
  if (secret === undefined) return []
  return [secret, ...(secret.earlier ? [secret.earlier] : [])].filter(({ chosen, kept }) => chosen && kept.isQuick).map(({ kept }) => kept)
}
