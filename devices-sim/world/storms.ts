import { nothingHappens, type Strength } from './happenings.ts'
import { between, keyOf, uniform, wander } from './random.ts'

/** A place on the plane of the catchment, km east and north of its middle. */
export interface PlaceKm {
  x: number
  y: number
}

/** One storm: where it stands at its start, how it moves, and how much falls in its middle. */
export interface Storm {
  start: number
  durationMs: number
  /** mm in the middle of its path. */
  depth: number
  centre: PlaceKm
  /** km/h. */
  drift: PlaceKm
  radiusKm: number
  /** Where in its life the two bursts lie (0..1) and the share of the first. */
  bursts: readonly [number, number]
  share: number
}

const hour = 3_600_000
/** One chance for a storm in every 48 h; every third has a heavy one, so that a week always shows a flood wave. */
const blockMs = 48 * hour
/** A heavy storm begins so early in its 48 h, in the midst of the catchment: 6 days later there is the next one. */
const heavyWithinMs = 6 * hour
/** No storm outlasts this. */
const longestMs = 10 * hour

/** What makes the rain beside the seed. */
export interface Sky {
  /** From then on the sky gives nothing but light rain; epoch ms. */
  calmFrom?: number | null
  storms?: readonly Storm[]
  strength?: Strength
}

/** mm/h at a moment and a place. */
export type RainAt = (at: number, place: PlaceKm) => number

/**
 * The rain over a catchment, made of the seed and the time alone. `usual`: about three storms a week, each third one heavy (72 to 95 mm in
 * its middle), and now and then a drizzle. Storms of a scenario come on top, its droughts take away.
 */
export function createRain(seed: number, { calmFrom = null, storms: ordered = [], strength = nothingHappens }: Sky = {}): RainAt {
  const storms = new Map<number, Storm | null>()
  let [damp, dampAt] = [0, NaN]
  const stormOf = (block: number): Storm | null => {
    const known = storms.get(block)
    if (known !== undefined) return known
    if (storms.size > 64) storms.clear()
    const made = makeStorm(seed, block)
    storms.set(block, made)
    return made
  }
  return (at, place) => {
    let rain = 0
    for (const storm of ordered) rain += rateOf(storm, at, place, seed)
    if (at !== dampAt) [damp, dampAt] = [wander(at, 5 * hour, seed, keyOf('drizzle')), at]
    const isCalm = calmFrom !== null && at >= calmFrom
    const drizzle = Math.max(0, damp + 0.2 * Math.sin(place.x / 9) - (isCalm ? 1.2 : 1.7))
    const left = 1 - Math.min(1, strength('drought', null, at))
    if (isCalm) return rain + left * drizzle
    const block = Math.floor(at / blockMs)
    return rain + left * (rateOf(stormOf(block), at, place, seed) + rateOf(stormOf(block - 1), at, place, seed) + drizzle)
  }
}

function makeStorm(seed: number, block: number): Storm | null {
  const draw = (low: number, high: number, key: number): number => between(low, high, seed, keyOf('storm'), block, key)
  const isHeavy = block % 3 === 0
  if (!isHeavy && uniform(seed, keyOf('storm?'), block) < 0.1) return null
  return {
    start: block * blockMs + draw(0, isHeavy ? heavyWithinMs : blockMs - longestMs, 1),
    durationMs: draw(isHeavy ? 4 : 2, isHeavy ? 8 : 7, 2) * hour,
    depth: isHeavy ? draw(72, 95, 3) : draw(4, 26, 3),
    centre: isHeavy ? { x: draw(-10, 4, 4), y: draw(-3, 7, 5) } : { x: draw(-18, 12, 4), y: draw(-10, 14, 5) },
    drift: { x: draw(0, 4, 6), y: draw(-2, 2, 7) },
    radiusKm: draw(16, 28, 8),
    bursts: [draw(0.15, 0.4, 9), draw(0.5, 0.8, 10)],
    share: draw(0.35, 0.75, 11),
  }
}

function rateOf(storm: Storm | null, at: number, place: PlaceKm, seed: number): number {
  if (storm === null) return 0
  const life = (at - storm.start) / storm.durationMs
  if (life <= 0 || life >= 1) return 0
  const hours = (at - storm.start) / hour
  const dx = place.x - storm.centre.x - storm.drift.x * hours
  const dy = place.y - storm.centre.y - storm.drift.y * hours
  const nearness = Math.exp(-(dx * dx + dy * dy) / (2 * storm.radiusKm * storm.radiusKm))
  const shape = storm.share * burst(life, storm.bursts[0]) + (1 - storm.share) * burst(life, storm.bursts[1])
  const flicker = Math.exp(0.35 * wander(at, 20 * 60_000, seed, Math.round(place.x * 7 + place.y * 131)))
  return (storm.depth / (storm.durationMs / hour)) * shape * nearness * flicker
}

/** A bump around `middle` with width 0.13 of the storm's life and area 1. */
function burst(life: number, middle: number): number {
  return Math.exp(-((life - middle) ** 2) / (2 * 0.13 * 0.13)) / (0.13 * Math.sqrt(2 * Math.PI))
}
