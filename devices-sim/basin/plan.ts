import { stationKinds, type StationKind } from '../../domain/network.ts'
import { uniform } from '../world/random.ts'

/** Of a thousand stations; a basin has one mouth. */
const shares: Readonly<Partial<Record<StationKind, number>>> = {
  river: 400,
  rain: 190,
  reservoir: 60,
  lake: 30,
  'water-source': 40,
  abstraction: 40,
  outfall: 80,
  air: 55,
  noise: 20,
  soil: 30,
  radiation: 10,
  hazard: 25,
  mobile: 15,
}

/** At least so many of these, so that every scenario finds its place. */
const least: Readonly<Partial<Record<StationKind, number>>> = {
  river: 4,
  rain: 2,
  reservoir: 1,
  lake: 1,
  'water-source': 1,
  abstraction: 1,
  outfall: 2,
  sea: 1,
  air: 1,
  noise: 1,
  soil: 1,
  radiation: 1,
  hazard: 2,
  mobile: 2,
}

/** Fewest stations of a basin: one of each kind and a river, a boat and a drone. */
export const fewestStations = Object.values(least).reduce((sum, count) => sum + count, 0)

/** How many stations of each kind make `stations` of them: by their shares, the river takes what is left. */
export function countsOf(stations: number): ReadonlyMap<StationKind, number> {
  const counts = new Map<StationKind, number>()
  for (const kind of stationKinds) counts.set(kind, Math.max(least[kind] ?? 0, Math.floor(((shares[kind] ?? 0) * stations) / 1000)))
  const rivers = stations - othersIn(counts)
  for (let over = (least.river ?? 0) - rivers; over > 0; over -= 1) takeOneAway(counts)
  counts.set('river', Math.max(least.river ?? 0, rivers))
  return counts
}

const othersIn = (counts: ReadonlyMap<StationKind, number>): number =>
  [...counts].reduce((sum, [kind, count]) => (kind === 'river' ? sum : sum + count), 0)

/** Of the kind that has most above its least; a basin of the fewest stations has none to give. */
function takeOneAway(counts: Map<StationKind, number>): void {
  const spare = (kind: StationKind): number => (kind === 'river' ? 0 : (counts.get(kind) ?? 0) - (least[kind] ?? 0))
  const most = [...counts.keys()].reduce((best, kind) => (spare(kind) > spare(best) ? kind : best))
  if (spare(most) > 0) counts.set(most, (counts.get(most) ?? 0) - 1)
}

/** A list in an order of chance. */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  return items
    .map((item, i) => ({ item, rank: uniform(seed, 0x5eed, i) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item)
}
