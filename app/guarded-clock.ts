import type { DeviceId } from '../domain/ids.ts'
import type { World } from './clock.ts'

/** A system clock that left the monotonic one and is not believed (yet). */
export interface Doubt {
  /** The system clock minus ours, ms. */
  byMs: number
  /** When it was seen, by our clock, epoch ms. */
  at: number
  /** Devices whose readings fit the system clock, and those whose readings fit ours. */
  agree: number
  differ: number
}

export type JumpOutcome = 'doubted' | 'believed' | 'taken-back'

/** Our clock: the system clock as long as it goes on as the monotonic one does. See docs/decisions/0002-time.md. */
export interface GuardedClock {
  /** Epoch ms. Goes back only when a system clock that went back is believed in the end. */
  now(): number
  doubt(): Doubt | null
  /**
   * A live reading of the real fleet that came since the doubt began, with a time of its own: its moment, or `ahead` when it was refused for
   * being in the future. Nothing happens while there is no doubt.
   */
  witness(device: DeviceId, observedAt: number | 'ahead'): void
  /** Jumps since start, by what became of them. */
  jumps(): Readonly<Record<JumpOutcome, number>>
}

/** A step of the system clock up to this is followed at once: half a silence of readings that come every minute is far longer. */
export const mostStepMs = 60_000
/** So long a jump must stand when no device says anything. */
const settleMs = 10 * 60_000
/** So long devices are listened to before they decide, unless so many of them agree. */
const listenMs = 60_000
const enoughDevices = 3
/** A live reading is this far from the clock of its device at most. */
const liveMs = 10 * 60_000

/** @param tell called when a jump is seen and when it ends; must not ask for the time */
export function createGuardedClock(
  world: Pick<World, 'now' | 'monotonic' | 'uptime'>,
  tell: (outcome: JumpOutcome, byMs: number) => void,
): GuardedClock {
  const asleepAtStart = world.uptime() - world.monotonic()
  /** What the system clock shows minus what the monotonic one does, as believed. */
  let base = world.now() - world.monotonic()
  let newest = -Infinity
  let doubt: Doubted | null = null
  const jumps = { doubted: 0, believed: 0, 'taken-back': 0 }
  /** The monotonic clock stands while the machine sleeps: that much was counted already. */
  let sleptMs = 0

  function end(outcome: JumpOutcome, byMs: number): void {
    jumps[outcome] += 1
    if (outcome !== 'doubted') doubt = null
    tell(outcome, byMs)
  }

  /** How far the system clock is from ours. */
  function offset(): number {
    const byMs = world.now() - (base + world.monotonic())
    if (Math.abs(byMs) <= mostStepMs || doubt !== null) return byMs
    const woken = world.uptime() - world.monotonic() - asleepAtStart - sleptMs
    sleptMs += woken
    base += woken
    return byMs - woken
  }

  function follow(): void {
    const byMs = offset()
    if (Math.abs(byMs) <= mostStepMs) {
      base += byMs
      if (doubt !== null) end('taken-back', doubt.byMs)
    } else if (doubt === null || Math.abs(byMs - doubt.byMs) > mostStepMs) {
      const elapsed = world.monotonic()
      doubt = { byMs, at: base + elapsed, since: elapsed, words: new Map() }
      end('doubted', byMs)
    } else if (isBelieved(doubt, world.monotonic())) {
      base += byMs
      newest = -Infinity
      end('believed', byMs)
    } else doubt.byMs = byMs
  }

  return {
    now: () => {
      follow()
      return (newest = Math.max(newest, Math.round(base + world.monotonic())))
    },
    doubt: () => {
      follow()
      return doubt === null ? null : { byMs: doubt.byMs, at: Math.round(doubt.at), ...heard(doubt) }
    },
    witness: (device, observedAt) => {
      if (doubt === null) return
      const word = wordOf(doubt, observedAt, base + world.monotonic())
      if (word !== null) doubt.words.set(device, word)
    },
    jumps: () => jumps,
  }
}

interface Doubted {
  byMs: number
  at: number
  /** By the monotonic clock. */
  since: number
  /** True = the device's newest reading fits the system clock. At most one word a device of the fleet. */
  words: Map<DeviceId, boolean>
}

function heard({ words }: Doubted): { agree: number; differ: number } {
  const agree = [...words.values()].filter(Boolean).length
  return { agree, differ: words.size - agree }
}

function isBelieved(doubt: Doubted, elapsed: number): boolean {
  const { agree, differ } = heard(doubt)
  if (agree > differ) return agree >= enoughDevices || elapsed - doubt.since >= listenMs
  return differ === 0 && elapsed - doubt.since >= settleMs
}

/** True when a reading fits the system clock, false when it fits ours, null when it says nothing. No reading comes before it is made. */
function wordOf({ byMs }: Doubted, observedAt: number | 'ahead', ours: number): boolean | null {
  if (observedAt === 'ahead') return byMs > 0 ? true : null
  const near = Math.min(liveMs, Math.abs(byMs) / 2)
  const [earlier, later] = [Math.min(ours, ours + byMs), Math.max(ours, ours + byMs)]
  if (observedAt < earlier - near || observedAt > later + near) return null
  return observedAt > earlier + near === byMs > 0
}
