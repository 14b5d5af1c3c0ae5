import { createHash, timingSafeEqual } from 'node:crypto'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { DeviceCredentials } from '../domain/identity.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import { ApiProblem } from './errors.ts'
import { oneTimeCode } from './one-time-code.ts'

/** Windows open at a time. */
const mostWindows = 20

interface ClaimWindow {
  digest: Buffer
  until: number
  /** Null = any device that has no secret yet and was not put out. */
  devices: ReadonlySet<DeviceId> | null
  claimed: Set<DeviceId>
}

/**
 * Claim windows: for some minutes, a device that shows the code gets a secret of its own, once. They are in memory: a restart closes them,
 * which refuses a device and lets nobody in.
 */
export interface Claims {
  /** Opens a window. Rejects with conflict when 20 are open. */
  open(minutes: number, devices: readonly DeviceId[] | null): { code: string; until: number }
  /**
   * A new secret for the device. Rejects with claim-refused, and does not say why: the code is wrong or over, the device is unknown, has
   * claimed in this window already, or has a secret or was put out and is not named by the window.
   */
  claim(device: string, code: string): Promise<string>
  figures(): { given: number; refused: number; open: number }
}

interface ClaimParts {
  credentials: DeviceCredentials
  fleet: CurrentFleet
  randomBytes: (size: number) => Uint8Array
  now: () => number
}

export function createClaims({ credentials, fleet, randomBytes, now }: ClaimParts): Claims {
  let windows: ClaimWindow[] = []
  let [given, refused] = [0, 0]
  const openOnes = (): ClaimWindow[] => (windows = windows.filter((window) => window.until > now()))

  const windowFor = (device: DeviceId, code: string): ClaimWindow | null => {
    const shown = digest(code)
    // all are compared, whichever fits
    const [window] = openOnes().filter((one) => timingSafeEqual(one.digest, shown))
    const known = fleet().devices.get(device)
    if (!window || !known || known.run !== null || window.claimed.has(device)) return null
    const isNew = credentials.standing(device) === null && !credentials.isRevoked(device)
    const named = window.devices === null ? isNew : window.devices.has(device)
    return named ? window : null
  }

  return {
    open(minutes, devices) {
      if (openOnes().length >= mostWindows)
        throw new ApiProblem('conflict', `${mostWindows} claim windows are open, the most there may be; wait until one ends.`)
      const code = oneTimeCode(randomBytes, 3)
      const until = now() + minutes * 60_000
      windows.push({ digest: digest(code), until, devices: devices && new Set(devices), claimed: new Set() })
      return { code, until }
    },

    async claim(name, code) {
      const device = deviceId(name)
      const window = windowFor(device, code)
      if (!window) {
        refused += 1
        throw new ApiProblem('claim-refused', 'Code and device do not fit a claim window that is open. Ask whoever opened it.')
      }
      // taken before the secret is made: two at once are one
      window.claimed.add(device)
      const [made] = await credentials.issue([device]).catch((error: unknown) => {
        window.claimed.delete(device)
        throw error
      })
      if (!made) throw new ApiProblem('internal', `claiming device ${device}: no secret was made`)
      given += 1
      return made.secret
    },

    figures: () => ({ given, refused, open: openOnes().length }),
  }
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
