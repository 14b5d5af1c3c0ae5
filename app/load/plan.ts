import { isEmpty, type LoadOrder, type Pace, type Phase } from '../../devices-sim/load/order.ts'

export const profiles = ['steady', 'ramp', 'soak'] as const
export type Profile = (typeof profiles)[number]

/** A load in the words of the person who orders it. */
export interface LoadWish {
  devices: number
  profile: Profile
  /** Closed loop with so many unacknowledged a device; null = open. */
  window: number | null
  /** Each device's interval, ms of the run's clock. */
  everyMs: number
  /** Length, min of the run's clock. */
  minutes: number
  /** The run's clock against ours. */
  speed: number
  /** Readings/s of all devices together instead of one an interval each; null = by the interval. */
  rate: number | null
  /** Connections that come and go a minute; null = by the profile: a tenth of them in a soak, else none. */
  churn: number | null
}

/** Shares of the rate that a ramp offers one after the other. */
const steps = [0.2, 0.4, 0.6, 0.8, 1]
const minuteMs = 60_000
const leastKeepAliveSeconds = 60
const mostKeepAliveSeconds = 65_535

/** The order without its target. `startAt`: time of the first readings, epoch ms. */
export function orderOf(wish: LoadWish, startAt: number): Omit<LoadOrder, 'host' | 'port' | 'devices'> {
  const intervalSeconds = wish.everyMs / wish.speed / 1000
  return {
    pace: paceOf(wish, perSecondOf(wish)),
    keepAliveSeconds: Math.min(mostKeepAliveSeconds, Math.max(leastKeepAliveSeconds, Math.ceil(2 * intervalSeconds))),
    comingsPerMinute: wish.churn ?? (wish.profile === 'soak' ? wish.devices / 10 : 0),
    drainMs: 30_000,
    startAt,
    stepMs: wish.everyMs,
  }
}

/** A sentence when an open load is too short, or too slow, for a single reading. */
export function noReadingIn(wish: LoadWish, processes: number): string | null {
  const perSecond = perSecondOf(wish)
  if (!isEmpty(paceOf(wish, perSecond), wish.devices, processes)) return null
  const seconds = (wish.minutes * minuteMs) / wish.speed / 1000
  return `no reading is due within ${round(seconds)} s at ${round(perSecond)} readings a second: make it longer, or let more be sent`
}

const perSecondOf = ({ rate, devices, everyMs, speed }: LoadWish): number => rate ?? devices / (everyMs / speed / 1000)

const round = (value: number): string => String(Number(value.toPrecision(3)))

function paceOf({ window, profile, minutes, speed }: LoadWish, perSecond: number): Pace {
  const ms = (minutes * minuteMs) / speed
  if (window !== null) return { kind: 'closed', window, messages: null, ms }
  const phases: Phase[] =
    profile === 'ramp' ? steps.map((share) => ({ perSecond: perSecond * share, ms: ms / steps.length })) : [{ perSecond, ms }]
  return { kind: 'open', phases }
}
