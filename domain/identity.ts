import type { DeviceId, RunId } from './ids.ts'
import type { Device } from './network.ts'

/** Who stands behind a connection. A `service` reads observations and warnings and sends nothing; the broker gives each its own topic rules. */
export interface Identity {
  role: 'device' | 'service'
  /** The login; of a service the name under which its key acts, which no device can have. */
  device: DeviceId
  run: RunId | null
}

/** Checks a login. Null = refused (unknown, wrong or revoked: the caller is not told which). Compared in constant time. */
export type Identify = (name: string, secret: Uint8Array) => Promise<Identity | null>

/** A device and its secret, shown this once. */
export interface IssuedSecret {
  device: DeviceId
  secret: string
}

export interface IssueOptions {
  overlapMs?: number
  protocols?: ReadonlyMap<DeviceId, Device['protocol']>
}

/** How a device's secret stands; times in epoch ms. */
export interface SecretStanding {
  madeAt: number
  /** The first login with it; null = none yet. */
  firstUsedAt: number | null
  /** Until when the one before is good as well; null = it is over. */
  earlierUntil: number | null
}

/** Makes and takes away device secrets: 128 bit, shown once, kept as HMAC-SHA-256; shorter ones of field protocols as scrypt. */
export interface DeviceCredentials {
  identify: Identify
  /**
   * Makes a new secret for each device, in the order given, all or none. The one before ends at once, or with `overlapMs` that much later,
   * or 5 min after the new one was first used, whatever comes first; the one before that ends in any case, unless nobody has come with the one after it. A station of a field protocol gets what
   * fits its frames: SL 651 four HEX digits, HJ 212 six letters and digits. `protocols` tells those of devices that the fleet does not have yet.
   */
  issue(devices: readonly DeviceId[], options?: IssueOptions): Promise<IssuedSecret[]>
  /** Keeps secrets that were chosen elsewhere, as field protocols have them; they log in with the device's name only. `overlapMs` as for `issue`. */
  keep(secrets: readonly IssuedSecret[], overlapMs?: number): Promise<void>
  /** Ends all secrets of a device; false when there was none. */
  revoke(device: DeviceId): Promise<boolean>
  /** Somebody put it out, and nobody has given it a secret since. */
  isRevoked(device: DeviceId): boolean
  /** Null when the device has no secret. */
  standing(device: DeviceId): SecretStanding | null
  /** Calls back for each device whose login ended: whoever holds a live connection of it ends it within a second. */
  onEnded(end: (device: DeviceId) => void): void
  /** To be called every few seconds: ends what has run out and keeps what was noted of first uses. */
  sweep(): Promise<void>
}
