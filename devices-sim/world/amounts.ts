/** What moves with the water, in the order of an amounts vector: water in m3, the rest in g. Concentrations are g/m3 = mg/L. */
export const substances = ['water', 'salt', 'sediment', 'ammonia', 'organic', 'phosphorus'] as const
export type Substance = (typeof substances)[number]

/** Amounts of everything in one parcel of water. */
export type Amounts = Float64Array

export const water = 0
export const sediment = 2

export const noAmounts = (): Amounts => new Float64Array(substances.length)

/** Concentrations of a source of water, mg/L, in the order of an amounts vector; the first is 1. */
export type Concentrations = Float64Array

/** Names the concentrations of a source, mg/L. */
export function carrying(of: Readonly<Record<Exclude<Substance, 'water'>, number>>): Concentrations {
  return new Float64Array([1, of.salt, of.sediment, of.ammonia, of.organic, of.phosphorus])
}

/** Share of each substance that is left after so many hours in the water, from its first-order decay (per day at 20 degrees). */
export function leftAfter(hours: number): Amounts {
  return Float64Array.from(substances, (name) => Math.exp((-decayPerDay[name] * hours) / 24))
}

/** Nitrification, oxidation and uptake; salt stays, sediment is carried. */
const decayPerDay: Readonly<Record<Substance, number>> = { water: 0, salt: 0, sediment: 0, ammonia: 0.25, organic: 0.12, phosphorus: 0.05 }

/** Lets decay what does; what is gone is added to `gone`. */
export function decay(of: Amounts, left: Amounts, gone: Amounts): void {
  for (let i = 1; i < of.length; i += 1) {
    const lost = (of[i] ?? 0) * (1 - (left[i] ?? 1))
    of[i] = (of[i] ?? 0) - lost
    gone[i] = (gone[i] ?? 0) + lost
  }
}

/** Adds so many m3 of these concentrations. */
export function addWater(to: Amounts, volume: number, concentrations: Concentrations): void {
  for (let i = 0; i < to.length; i += 1) to[i] = (to[i] ?? 0) + volume * (concentrations[i] ?? 0)
}

/** Adds one parcel to another. */
export function add(to: Amounts, more: Amounts): void {
  for (let i = 0; i < to.length; i += 1) to[i] = (to[i] ?? 0) + (more[i] ?? 0)
}

/** Moves a share (0..1) of a well-mixed parcel into another. */
export function moveShare(from: Amounts, share: number, to: Amounts): void {
  for (let i = 0; i < from.length; i += 1) {
    const moved = (from[i] ?? 0) * share
    from[i] = (from[i] ?? 0) - moved
    to[i] = (to[i] ?? 0) + moved
  }
}

/** mg/L of a substance in a parcel, by its place in the vector; 0 in no water. */
export function concentration(of: Amounts, place: number): number {
  const volume = of[water] ?? 0
  return volume > 0 ? (of[place] ?? 0) / volume : 0
}
