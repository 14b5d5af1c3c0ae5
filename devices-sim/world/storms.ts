import { nothingHappens, type Strength } from './happenings.ts'
import { atMoments } from './moments.ts'
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

/** mm/h at a moment, at one place. */
export type Rain = (at: number) => number

/** The sky at a moment, the same for all places. */
interface Weather {
  at: number
  /** Rain of the scenario, and of the season. */
  ordered: readonly Falling[]
  usual: readonly Falling[]
  /** How damp the air is, and how damp it must be for a drizzle. */
  damp: number
  drizzlesFrom: number
  /** Share of the rain of the season that a drought leaves. */
  left: number
}

/** A storm in the midst of its life. */
interface Falling {
  storm: Storm
  /** Since it began. */
  hours: number
  /** mm/h in its middle. */
  rate: number
}

/**
 * The rain over a catchment, made of the seed and the time alone: gives what falls at a place. As usual about three storms a week, each third one
 * heavy (72 to 95 mm in its middle), and now and then a drizzle. Storms of a scenario come on top, its droughts take away.
 */
export function createRain(seed: number, sky: Sky = {}): (place: PlaceKm) => Rain {
  const weatherAt = createWeather(seed, sky)
  return (place) => {
    const wave = 0.2 * Math.sin(place.x / 9)
    const flickerKey = Math.round(place.x * 7 + place.y * 131)
    const rateOf = (falling: readonly Falling[], at: number): number => {
      if (falling.length === 0) return 0
      const flicker = Math.exp(0.35 * wander(at, 20 * 60_000, seed, flickerKey))
      let sum = 0
      for (const one of falling) sum += one.rate * nearness(one, place) * flicker
      return sum
    }
    return (at) => {
      const { ordered, usual, damp, drizzlesFrom, left } = weatherAt(at)
      const drizzle = Math.max(0, damp + wave - drizzlesFrom)
      return rateOf(ordered, at) + left * (rateOf(usual, at) + drizzle)
    }
  }
}

function createWeather(seed: number, { calmFrom = null, storms = [], strength = nothingHappens }: Sky): (at: number) => Weather {
  const ofSeason = createStorms(seed)
  return atMoments((at) => {
    const isCalm = calmFrom !== null && at >= calmFrom
    return {
      at,
      ordered: storms.flatMap((storm) => fallingAt(storm, at)),
      usual: isCalm ? [] : ofSeason(at).flatMap((storm) => fallingAt(storm, at)),
      damp: wander(at, 5 * hour, seed, keyOf('drizzle')),
      drizzlesFrom: isCalm ? 1.2 : 1.7,
      left: 1 - Math.min(1, strength('drought', null, at)),
    }
  })
}

/** The storms of the season that may fall at a moment. */
function createStorms(seed: number): (at: number) => Storm[] {
  const storms = new Map<number, Storm | null>()
  const stormOf = (block: number): Storm | null => {
    const known = storms.get(block)
    if (known !== undefined) return known
    if (storms.size > 64) storms.clear()
    const made = makeStorm(seed, block)
    storms.set(block, made)
    return made
  }
  return (at) => {
    const block = Math.floor(at / blockMs)
    return [stormOf(block), stormOf(block - 1)].filter((storm) => storm !== null)
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

/** The storm at a moment; nothing before and after its life. */
function fallingAt(storm: Storm, at: number): Falling[] {
  const life = (at - storm.start) / storm.durationMs
  if (life <= 0 || life >= 1) return []
  const shape = storm.share * burst(life, storm.bursts[0]) + (1 - storm.share) * burst(life, storm.bursts[1])
  return [{ storm, hours: (at - storm.start) / hour, rate: (storm.depth / (storm.durationMs / hour)) * shape }]
}

/** How much of the rain in the middle of a storm falls at a place. */
function nearness({ storm: { centre, drift, radiusKm }, hours }: Falling, place: PlaceKm): number {
  const dx = place.x - centre.x - drift.x * hours
  const dy = place.y - centre.y - drift.y * hours
  return Math.exp(-(dx * dx + dy * dy) / (2 * radiusKm * radiusKm))
}

/** A bump around `middle` with width 0.13 of the storm's life and area 1. */
function burst(life: number, middle: number): number {
  return Math.exp(-((life - middle) ** 2) / (2 * 0.13 * 0.13)) / (0.13 * Math.sqrt(2 * Math.PI))
}
