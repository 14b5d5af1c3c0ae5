import type { CurrentFleet } from '../domain/fleet.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import type { DocumentStore } from '../store/ports/documents.ts'

/** Devices that somebody put out and nobody has given a secret since: of those that are declared, so as many as there are at most. */
export interface RevokedDevices {
  has(device: DeviceId): boolean
  /** Its writer takes turns: one at a time. */
  add(device: DeviceId): Promise<void>
  /** They have a secret again. */
  takeOut(devices: readonly DeviceId[]): Promise<void>
}

interface RevokedParts {
  documents: DocumentStore
  fleet: CurrentFleet
  now: () => number
}

const key = 'revoked-devices'

export async function openRevokedDevices({ documents, fleet, now }: RevokedParts): Promise<RevokedDevices> {
  const stored = await documents.get<{ devices: string[] }>('setting', key)
  const revoked = new Set((stored?.body.devices ?? []).map((device) => deviceId(device)))
  const keep = (): Promise<void> => documents.put('setting', key, { devices: [...revoked] }, now())
  return {
    has: (device) => revoked.has(device),
    async add(device) {
      if (revoked.has(device)) return
      for (const one of revoked) if (!fleet().devices.has(one)) revoked.delete(one)
      revoked.add(device)
      await keep()
    },
    async takeOut(devices) {
      const before = revoked.size
      for (const device of devices) revoked.delete(device)
      if (revoked.size < before) await keep()
    },
  }
}
