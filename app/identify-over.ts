import type { CurrentFleet } from '../domain/fleet.ts'
import type { DeviceCredentials, Identify } from '../domain/identity.ts'
import { deviceId } from '../domain/ids.ts'
import type { Protocol } from '../domain/network.ts'

/** Logins of devices of one protocol only: a password that a field protocol sends in the clear opens nothing else. */
export function identifyOver(protocol: Protocol, { identify }: DeviceCredentials, fleet: CurrentFleet): Identify {
  return async (name, secret) => {
    const named = fleet().devices.get(deviceId(name))
    // its password may be a slow one, which another door is not to be made to compute
    if (named && named.protocol !== protocol) return null
    const identity = await identify(name, secret)
    return identity && fleet().devices.get(identity.device)?.protocol === protocol ? identity : null
  }
}
