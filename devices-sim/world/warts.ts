import { between, keyOf, uniform } from './random.ts'

const hour = 3_600_000

/** Something that goes wrong at one place, once in every block of time, at a moment that chance picks. */
interface Wart {
  /** Station, or station/parameter. */
  where: string
  what: 'gap' | 'spike' | 'stuck'
  everyHours: number
  lastsMinutes: number
  /** Height of a spike, or the value at which an instrument sticks, give or take a third; in the parameter's unit. */
  height?: number
}

/** Real gauges have these: a radio that drops out, a branch before the sonde, a wiper that sticks. */
export const demoWarts: readonly Wart[] = [
  { where: 'zhuling', what: 'gap', everyHours: 72, lastsMinutes: 95 },
  { where: 'lower-weir', what: 'gap', everyHours: 60, lastsMinutes: 45 },
  { where: 'gaoxin-air/pm10', what: 'gap', everyHours: 40, lastsMinutes: 120 },
  { where: 'baishui/water_level', what: 'spike', everyHours: 22, lastsMinutes: 1, height: 1.3 },
  { where: 'nanwan/turbidity', what: 'spike', everyHours: 30, lastsMinutes: 5, height: 480 },
  { where: 'gaoxin-air/pm2_5', what: 'spike', everyHours: 36, lastsMinutes: 5, height: 320 },
  { where: 'dongqiao/turbidity', what: 'stuck', everyHours: 96, lastsMinutes: 30 * 60, height: 14 },
]

/** What becomes of a reading on its way out of the instrument. */
export type Fault = { what: 'lost' } | { what: 'raised'; by: number } | { what: 'stuck'; value: number }

/** Answers what goes wrong with one series at a moment; null = nothing. Made of the seed and the time alone. */
export function createFaults(warts: readonly Wart[], seed: number): (station: string, parameter: string, at: number) => Fault | null {
  const byPlace = new Map<string, Wart[]>()
  for (const wart of warts) byPlace.set(wart.where, [...(byPlace.get(wart.where) ?? []), wart])
  const faultOf = (wart: Wart, at: number): Fault | null => {
    const length = wart.everyHours * hour
    const block = Math.floor(at / length)
    const key = keyOf(`${wart.where}:${wart.what}`)
    const lasts = wart.lastsMinutes * 60_000
    const start = block * length + between(0, length - lasts, seed, key, block)
    if (at < start || at >= start + lasts) return null
    if (wart.what === 'gap') return { what: 'lost' }
    const height = (wart.height ?? 1) * (0.7 + 0.6 * uniform(seed, key, block, 9))
    return wart.what === 'stuck' ? { what: 'stuck', value: height } : { what: 'raised', by: height }
  }
  return (station, parameter, at) => {
    for (const where of [station, `${station}/${parameter}`])
      for (const wart of byPlace.get(where) ?? []) {
        const fault = faultOf(wart, at)
        if (fault !== null) return fault
      }
    return null
  }
}
