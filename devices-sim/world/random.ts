// Taken once: the hash runs some million times for a week of readings.
const { cos, floor, hypot, imul, log, sqrt, PI } = Math

/**
 * Chance as a function: the same seed and keys give the same number, whatever was drawn before. So a simulation that starts anew in the
 * middle draws what it would have drawn. Mixing as in MurmurHash3's finaliser; good enough for weather, not for secrets.
 */
export function uniform(seed: number, a: number, b = 0, c = 0): number {
  return mix(mix(mix(mix(seed ^ 0x9e3779b9) ^ fold(a)) ^ fold(b)) ^ fold(c)) / 4294967296
}

/** A normal number (mean 0, deviation 1) from the same keys, by Box and Muller. */
export function normal(seed: number, a: number, b = 0): number {
  const radius = sqrt(-2 * log(1 - uniform(seed, a, b, 1)))
  return radius * cos(2 * PI * uniform(seed, a, b, 2))
}

/** A number between two ends. */
export function between(low: number, high: number, seed: number, a: number, b = 0, c = 0): number {
  return low + (high - low) * uniform(seed, a, b, c)
}

/**
 * A slowly wandering number of deviation 1: normal numbers at the ticks of `periodMs`, joined smoothly. Made of the time alone, so it
 * needs no memory.
 */
export function wander(at: number, periodMs: number, seed: number, key: number): number {
  const place = at / periodMs
  const tick = floor(place)
  const part = place - tick
  const weight = part * part * (3 - 2 * part)
  const mean = normalAt(tick, seed, key) * (1 - weight) + normalAt(tick + 1, seed, key) * weight
  return mean / hypot(1 - weight, weight)
}

/** Ticks that are remembered, one in each place of a table: a tick is asked for until the next one comes. */
const remembered = 1 << 16
const ticks = { seed: floats(), key: floats(), tick: floats().fill(NaN), normal: floats() }

function floats(): Float64Array {
  return new Float64Array(remembered)
}

/** The normal number at a tick, drawn once as long as nothing else takes its place. */
function normalAt(tick: number, seed: number, key: number): number {
  const place = mix(imul(key, 0x9e3779b1) ^ imul(tick, 0x85ebca77) ^ seed) & (remembered - 1)
  if (ticks.tick[place] === tick && ticks.key[place] === key && ticks.seed[place] === seed) return ticks.normal[place] ?? 0
  ticks.tick[place] = tick
  ticks.key[place] = key
  ticks.seed[place] = seed
  return (ticks.normal[place] = normal(seed, key, tick))
}

/** A whole number made of a name, for use as a key. */
export function keyOf(name: string): number {
  let hash = 0x811c9dc5
  for (let place = 0; place < name.length; place += 1) hash = imul(hash ^ name.charCodeAt(place), 0x01000193)
  return hash | 0
}

/** Keys may be times beyond 32 bits. */
function fold(key: number): number {
  return (key | 0) ^ imul(floor(key / 4294967296), 0x27d4eb2f)
}

function mix(value: number): number {
  let hash = value | 0
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
