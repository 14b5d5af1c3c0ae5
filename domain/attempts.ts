import { remember } from './guessing.ts'

interface AttemptParts {
  now: () => number
  /** Attempts that may fail in a window. */
  allowed: number
  windowMs: number
  /** Keys remembered at most; the one that was quiet longest is forgotten first. */
  keys?: number | undefined
}

/** One attempt that has begun. */
export interface Attempt {
  /** How long the caller should wait, ms; 0 = it is within what is allowed. */
  waitMs: number
  /** It was right: it does not count. */
  forgive(): void
}

/** Counts failed attempts by key. An attempt counts from its beginning, so that a thousand at once are not a thousand free ones. */
export interface Attempts {
  begin(key: string): Attempt
}

export function createAttempts({ now, allowed, windowMs, keys }: AttemptParts): Attempts {
  const times = new Map<string, number[]>()

  const recent = (key: string, at: number): number[] => {
    const list = (times.get(key) ?? []).filter((time) => time > at - windowMs && time <= at)
    remember(times, key, list, keys)
    return list
  }

  return {
    begin(key) {
      const at = now()
      const list = recent(key, at)
      const first = list.at(-allowed)
      if (first !== undefined) return { waitMs: Math.max(1, first + windowMs - at), forgive: () => undefined }
      list.push(at)
      return {
        waitMs: 0,
        forgive: () => {
          const held = times.get(key) ?? []
          const place = held.lastIndexOf(at)
          if (place >= 0) held.splice(place, 1)
        },
      }
    },
  }
}

/** What counts as one address: an IPv4 address, or the /64 of an IPv6 one (a customer holds a whole /64). */
export function addressKey(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1]) return mapped[1]
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? []
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...zeros, ...right].slice(0, 4).join(':')
}
