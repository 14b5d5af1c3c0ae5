import { actorOf, keyPrefix, type Keys } from '../api/keys.ts'
import type { Identify } from '../domain/identity.ts'
import { deviceId } from '../domain/ids.ts'

/**
 * Logins of programs over MQTT: a key with the scope `read` is the password, and the user name is the key's name or id; or the key stands
 * alone as the user name. Null for what does not look like a key, so that devices are asked for no more than they were.
 */
export function identifyPrograms(keys: Pick<Keys, 'holder'>): Identify {
  return async (name, secret) => {
    const token = Buffer.from(secret).toString()
    const key = token.startsWith(keyPrefix) ? await keys.holder(token) : null
    if (!key?.scopes.includes('read') || !['', key.name, key.id].includes(name)) return null
    return { role: 'service', device: deviceId(actorOf(key)), run: null }
  }
}

/** Asks each in turn. */
export function identifyAmong(...ways: readonly Identify[]): Identify {
  return async (name, secret) => {
    for (const identify of ways) {
      const identity = await identify(name, secret)
      if (identity !== null) return identity
    }
    return null
  }
}
