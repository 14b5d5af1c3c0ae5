import type { Place } from './svg.ts'

/**
 * Keeps the lowest and highest place of each column of `width` px, in their order, and both ends; every extreme stays visible.
 * Places must run from left to right. Lists that already have at most two places a column come back as they are.
 */
export function minMaxPerColumn(places: readonly Place[], width = 1): readonly Place[] {
  const [first, last] = [places[0], places.at(-1)]
  if (!first || !last || places.length <= 2 * Math.max(1, (last[0] - first[0]) / width)) return places
  const kept: Place[] = []
  let from = 0
  for (let i = 1; i <= places.length; i++) {
    const [begun, here] = [places[from], places[i]]
    if (begun && here && Math.floor(here[0] / width) === Math.floor(begun[0] / width)) continue
    keepExtremes(places, from, i, kept)
    from = i
  }
  if (kept[0] !== first) kept.unshift(first)
  if (kept.at(-1) !== last) kept.push(last)
  return kept
}

function keepExtremes(places: readonly Place[], from: number, to: number, kept: Place[]): void {
  let [low, high] = [from, from]
  for (let i = from + 1; i < to; i++) {
    const y = places[i]?.[1] ?? 0
    if (y < (places[low]?.[1] ?? 0)) low = i
    if (y > (places[high]?.[1] ?? 0)) high = i
  }
  for (const i of low === high ? [low] : low < high ? [low, high] : [high, low]) {
    const place = places[i]
    if (place) kept.push(place)
  }
}
