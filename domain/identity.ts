import type { DeviceId, RunId } from './ids.ts'

/** Who stands behind a connection. A `service` reads judged observations and sends nothing; the broker gives each its own topic rules. */
export interface Identity {
  role: 'device' | 'service'
  device: DeviceId
  run: RunId | null
}

/** Checks a login. Null = refused (unknown, wrong or revoked: the caller is not told which). Compared in constant time. */
export type Identify = (name: string, secret: Uint8Array) => Promise<Identity | null>

/** Makes and takes away device secrets (128 bit, shown once, kept as HMAC-SHA-256). */
export interface DeviceCredentials {
  identify: Identify
  /** Makes a new secret for each device; earlier ones of these devices end. In the order given. */
  issue(devices: readonly DeviceId[]): Promise<{ device: DeviceId; secret: string }[]>
  revoke(device: DeviceId): Promise<boolean>
}
