/**
 * How an address is served that guesses, at every door: so many wrong logins of a minute at once, then one each `everyMs`; of doors that
 * bound it, so many wait. What waits differs by what can be guessed, and so do the parts that make it wait: the answer to a wrong secret,
 * too long to be found (`login-pace`); every password of a person, names by turns (`api/password-turns`); every password of a station,
 * as many at a time as may still be wrong (`gateways/login-turns`).
 */
export const guessing = { windowMs: 60_000, everyMs: 100, mostWaiting: 20 } as const

/** Addresses and names remembered at most. */
const most = 10_000

/** Puts a value behind the others of a map of addresses or names; the one that was quiet longest is forgotten where there are too many. */
export function remember<Value>(map: Map<string, Value>, key: string, value: Value, mostKeys = most): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= mostKeys) return
  for (const oldest of map.keys()) return void map.delete(oldest)
}
