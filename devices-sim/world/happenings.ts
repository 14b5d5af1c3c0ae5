import type { Substance } from './amounts.ts'

/** What may happen beside the weather, with what `size` means. */
export const happeningKinds = {
  storm: 'mm that fall in the middle of its path',
  spill: 'kg of `substance` that get into the water',
  discharge: 'so many times more than usual goes through the works',
  release: 'm3/s more than usual leave the reservoir',
  bloom: 'so many times more algae than usual, at its height',
  filling: 'm by which the tank fills',
  stagnation: 'so many times staler air, at its height (below 0: fresher)',
  drought: 'share of the rain of the season that stays away, 0 to 1',
  thirst: 'so many times more water than usual is taken',
} as const
export type HappeningKind = keyof typeof happeningKinds

/** Something that happens at one place, or everywhere, for a while. */
export interface Happening {
  id: string
  kind: HappeningKind
  /** Null = everywhere. */
  station: string | null
  /** Epoch ms. */
  from: number
  to: number
  size: number
  /** Of a spill. */
  substance: Exclude<Substance, 'water'>
}

/** How strong all happenings of a kind are at a place and moment: the sum of size × shape; 0 = nothing happens. */
export type Strength = (kind: Exclude<HappeningKind, 'storm' | 'spill'>, station: string | null, at: number) => number

export const nothingHappens: Strength = () => 0

export function createStrength(happenings: readonly Happening[]): Strength {
  if (happenings.length === 0) return nothingHappens
  return (kind, station, at) => {
    let sum = 0
    for (const happening of happenings) {
      if (happening.kind !== kind || (happening.station !== null && happening.station !== station)) continue
      sum += happening.size * shapeAt(happening, at)
    }
    return sum
  }
}

/** 0 outside; how much of its size is there. */
function shapeAt({ kind, from, to }: Happening, at: number): number {
  const part = (at - from) / (to - from)
  if (part < 0 || part >= 1) return 0
  switch (kind) {
    case 'discharge':
      return Math.sin(part * Math.PI) ** 0.5
    case 'bloom':
    case 'stagnation':
      return Math.sin(part * Math.PI) ** 2
    case 'filling':
      return part < 0.8 ? part / 0.8 : (1 - part) / 0.2
    default:
      return Math.min(1, 10 * part, 10 * (1 - part))
  }
}
