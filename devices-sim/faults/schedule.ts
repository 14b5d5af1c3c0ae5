import { mayFreeze } from '../world/air.ts'
import { between, keyOf, uniform } from '../world/random.ts'
import { canStrike, type FaultOrder, type FaultType, type FaultWindow } from './fault.ts'

/** What goes wrong at one place, as a function of time. */
export interface PlaceFaults {
  /** Windows that hold a moment. */
  at(at: number): readonly FaultWindow[]
  /** Windows that begin in (from, to]. */
  beginning(from: number, to: number): readonly FaultWindow[]
}

/** A stretch (from, to] of what somebody watches from `startAt` on. */
export interface Watching {
  from: number
  to: number
  startAt: number
}

/** The windows that he learns of in it: those that begin, and in his first one those that were open before he came. */
export function appearing({ at, beginning }: PlaceFaults, { from, to, startAt }: Watching): readonly FaultWindow[] {
  const begun = beginning(from, to)
  return from < startAt ? [...at(startAt).filter((window) => window.from <= from), ...begun] : begun
}

const none: readonly FaultWindow[] = []

/**
 * The faults of one place: made of the orders, the seed and the time alone, so that a simulation that starts anew has the same ones.
 * @param place `station/parameter`, or a device
 */
export function faultsAt(orders: readonly FaultOrder[], place: string, seed: number): PlaceFaults {
  const own = orders.flatMap((order, i) => {
    const key = keyOf(`${place}:${order.type}:${i}`)
    return isMeant(order, place) && uniform(seed, key) < order.share ? [createWindows(order, place, { seed, key })] : []
  })
  if (own.length === 0) return neverAny
  return {
    at: (at) =>
      found(own, (windows, hold) => {
        const window = windows.near(at)
        if (window.from <= at && at < window.to && isInSeason(window)) hold(window)
      }),
    beginning: (from, to) =>
      found(own, (windows, hold) =>
        windows.within(from, to, (window) => {
          if (from < window.from && window.from <= to && isInSeason(window)) hold(window)
        }),
      ),
  }
}

/** What a place has that none of the orders means. */
export const neverAny: PlaceFaults = { at: () => none, beginning: () => none }

/** Those that are held of each; asked for every place at every moment, of which most have none. */
function found(own: readonly Windows[], look: (windows: Windows, hold: (window: FaultWindow) => void) => void): readonly FaultWindow[] {
  let held: FaultWindow[] | null = null
  const hold = (window: FaultWindow): void => void (held === null ? (held = [window]) : held.push(window))
  for (const windows of own) look(windows, hold)
  return held ?? none
}

/** Nothing freezes in summer, whoever ordered it. */
const isInSeason = ({ type, from }: FaultWindow): boolean => type !== 'ice' || mayFreeze(from)

/**
 * Whether an order means a place: `*` is any station or parameter, a station alone all of its parameters; no instrument has a fault that
 * its kind cannot have.
 */
function isMeant({ type, where }: FaultOrder, place: string): boolean {
  const [wanted = '', parameter = '*'] = where.split('/')
  const [station = '', of = ''] = place.split('/')
  if (of !== '' && !canStrike(type, of)) return false
  return (wanted === '*' || wanted === station) && (parameter === '*' || parameter === of)
}

/** The windows of one order at one place: one in each block of time. */
interface Windows {
  /** That of the block in which a moment lies. */
  near(at: number): FaultWindow
  /** Those of all blocks from one moment to another, one after the other. */
  within(from: number, to: number, see: (window: FaultWindow) => void): void
}

/** Keeps the last window that was asked for. */
function createWindows(order: FaultOrder, place: string, { seed, key }: Omit<Chance, 'block'>): Windows {
  let [known, made] = [NaN, undefined as FaultWindow | undefined]
  const blockOf = (at: number): number => (order.everyMs === null ? 0 : Math.floor(at / order.everyMs))
  const windowIn = (block: number): FaultWindow => {
    if (block !== known || made === undefined) [known, made] = [block, windowOf(order, place, { seed, key, block })]
    return made
  }
  return {
    near: (at) => windowIn(blockOf(at)),
    within(from, to, see) {
      const last = blockOf(to)
      for (let block = blockOf(from); block <= last; block += 1) see(windowIn(block))
    },
  }
}

interface Chance {
  seed: number
  key: number
  block: number
}

function windowOf(order: FaultOrder, place: string, { seed, key, block }: Chance): FaultWindow {
  const { type, everyMs, lastsMs, height } = order
  const from = everyMs === null ? order.at : block * everyMs + between(0, Math.max(0, everyMs - lastsMs), seed, key, block)
  return {
    id: idOf(type, place, everyMs === null ? order.at : from),
    type,
    from: Math.round(from),
    to: Math.round(from + lastsMs),
    height: height === null ? null : height * (0.7 + 0.6 * uniform(seed, key, block, 9)),
    draw: uniform(seed, key, block, 10),
  }
}

const idOf = (type: FaultType, place: string, from: number): string => `${type}:${place}:${Math.round(from / 1000).toString(36)}`
