import { createHmac, timingSafeEqual } from 'node:crypto'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { DeviceCredentials, Identity } from '../domain/identity.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import type { DocumentStore } from '../store/ports/documents.ts'

interface CredentialBody {
  /** Hex of HMAC-SHA-256 of the secret under the installation's key. */
  hmac: string
}

interface CredentialParts {
  documents: DocumentStore
  fleet: CurrentFleet
  randomBytes: (size: number) => Uint8Array
  now: () => number
}

/**
 * Device secrets: 128 random bits each, shown once, kept as HMAC-SHA-256 under a key of this installation (a generated secret needs no
 * slow hash). A login is a name with its secret, or the secret alone as a token. All are in memory: a login asks no store.
 */
export async function createCredentials({ documents, fleet, randomBytes, now }: CredentialParts): Promise<DeviceCredentials> {
  const key = await installationKey(documents, randomBytes, now)
  const digest = (secret: Uint8Array | string): Buffer => createHmac('sha256', key).update(secret).digest()
  const byDevice = new Map<DeviceId, Buffer>()
  const byDigest = new Map<string, DeviceId>()

  const keep = (device: DeviceId, hmac: Buffer): void => {
    forget(device)
    byDevice.set(device, hmac)
    byDigest.set(hmac.toString('hex'), device)
  }
  const forget = (device: DeviceId): void => {
    const old = byDevice.get(device)
    if (old) byDigest.delete(old.toString('hex'))
    byDevice.delete(device)
  }
  for (const { key: device, body } of await documents.list<CredentialBody>('credential'))
    keep(deviceId(device), Buffer.from(body.hmac, 'hex'))

  const identityOf = (device: DeviceId): Identity | null => {
    const known = fleet().devices.get(device)
    return known ? { role: 'device', device, run: known.run } : null
  }

  return {
    identify(name, secret) {
      const given = digest(secret)
      const device = name === '' ? byDigest.get(given.toString('hex')) : deviceId(name)
      const expected = device === undefined ? undefined : byDevice.get(device)
      // a name nobody has costs the same comparison as a wrong secret
      const right = timingSafeEqual(given, expected ?? digest('nobody'))
      return Promise.resolve(right && expected && device !== undefined ? identityOf(device) : null)
    },

    async issue(devices) {
      const issued = devices.map((device) => ({ device, secret: Buffer.from(randomBytes(16)).toString('base64url') }))
      const hashed = issued.map(({ device, secret }) => ({ device, hmac: digest(secret) }))
      const at = now()
      await documents.putAll(
        'credential',
        hashed.map(({ device, hmac }) => ({ key: device, body: { hmac: hmac.toString('hex') } satisfies CredentialBody, updatedAt: at })),
      )
      for (const { device, hmac } of hashed) keep(device, hmac)
      return issued
    },

    async revoke(device) {
      forget(device)
      return documents.remove('credential', device)
    },
  }
}

async function installationKey(documents: DocumentStore, randomBytes: (size: number) => Uint8Array, now: () => number): Promise<Buffer> {
  const stored = await documents.get<{ hex: string }>('setting', 'credential-key')
  if (stored) return Buffer.from(stored.body.hex, 'hex')
  const key = Buffer.from(randomBytes(32))
  await documents.put('setting', 'credential-key', { hex: key.toString('hex') }, now())
  return key
}
