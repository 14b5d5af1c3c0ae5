import type { StationId } from './ids.ts'
import type { Station } from './network.ts'

type Node = Pick<Station, 'id' | 'reach'>

/** Which way the water goes between the stations of one network. Stations without a reach stand alone or at the mouth. */
export interface RiverGraph {
  /** Every station, each after all that lie upstream of it; the stations of one river stand together. */
  order: readonly StationId[]
  /** Stations whose reach ends at this one. */
  directlyUpstream(station: StationId): readonly StationId[]
  /** All stations whose water passes here, nearest first. */
  upstreamOf(station: StationId): readonly StationId[]
  /** The way of the water from here to the mouth, nearest first. */
  downstreamOf(station: StationId): readonly StationId[]
  /** ms the water takes from one station to one downstream of it; null when it does not lead there or a reach has no time. */
  travelTimeMs(from: StationId, to: StationId): number | null
}

/**
 * The river of some stations. Reaches to unknown stations are left out. Throws RangeError for a circle: loaded networks have none
 * (`cycleIn`).
 */
export function createRiverGraph(stations: readonly Node[]): RiverGraph {
  const byId = new Map(stations.map((station) => [station.id, station]))
  const upstream = new Map<StationId, StationId[]>(stations.map((station) => [station.id, []]))
  for (const { id, reach } of stations) if (reach !== null) upstream.get(reach.downstream)?.push(id)
  const cycle = cycleIn(stations)
  if (cycle !== null) throw new RangeError(`the river flows in a circle: ${cycle.join(' -> ')}`)

  const next = (id: StationId): StationId | null => {
    const downstream = byId.get(id)?.reach?.downstream
    return downstream !== undefined && byId.has(downstream) ? downstream : null
  }
  const directlyUpstream = (id: StationId): readonly StationId[] => upstream.get(id) ?? []
  const downstreamOf = (id: StationId): StationId[] => {
    const way: StationId[] = []
    for (let at = next(id); at !== null; at = next(at)) way.push(at)
    return way
  }
  return {
    order: sorted(
      stations.map(({ id }) => id).filter((id) => next(id) === null),
      directlyUpstream,
    ),
    directlyUpstream,
    upstreamOf: (id) => {
      const found = [...directlyUpstream(id)]
      for (let place = 0; place < found.length; place += 1) found.push(...directlyUpstream(found[place] ?? id))
      return found
    },
    downstreamOf,
    travelTimeMs(from, to) {
      let sum = 0
      for (let at = from; at !== to;) {
        const time = byId.get(at)?.reach?.travelTimeMs ?? null
        const following = next(at)
        if (time === null || following === null) return null
        sum += time
        at = following
      }
      return byId.has(from) ? sum : null
    },
  }
}

/** A circle in the river, its first station named again at the end; null when there is none. */
export function cycleIn(stations: readonly Node[]): StationId[] | null {
  const next = new Map(stations.map(({ id, reach }) => [id, reach?.downstream ?? null]))
  const done = new Set<StationId>()
  for (const { id } of stations) {
    const way: StationId[] = []
    const onWay = new Set<StationId>()
    let at: StationId | null | undefined = id
    while (at && next.has(at) && !done.has(at) && !onWay.has(at)) {
      way.push(at)
      onWay.add(at)
      at = next.get(at)
    }
    if (at && onWay.has(at)) return [...way.slice(way.indexOf(at)), at]
    for (const passed of way) done.add(passed)
  }
  return null
}

/** Depth first from each mouth. */
function sorted(mouths: readonly StationId[], directlyUpstream: (id: StationId) => readonly StationId[]): StationId[] {
  const placed = new Set<StationId>()
  const waiting = [...mouths].reverse()
  while (waiting.length > 0) {
    const id = waiting[waiting.length - 1]
    if (id === undefined) break
    const open = placed.has(id) ? [] : directlyUpstream(id).filter((above) => !placed.has(above))
    if (open.length > 0) waiting.push(...[...open].reverse())
    else {
      placed.add(id)
      waiting.pop()
    }
  }
  return [...placed]
}

/** Where a station stands on a drawing without a map: both 0..1, x across, y down the river. */
export interface Place {
  x: number
  y: number
}

/**
 * Places for a drawing of the river when stations have no coordinates: y grows downstream by steps from the farthest source, tributaries
 * get columns of their own beside the stem (their mean above a confluence). Stations outside any river stand in a row at the bottom.
 */
export function layoutRiver(stations: readonly Node[]): Map<StationId, Place> {
  const graph = createRiverGraph(stations)
  const depth = new Map<StationId, number>()
  const column = new Map<StationId, number>()
  let columns = 0
  const isAlone = (id: StationId): boolean => graph.directlyUpstream(id).length === 0 && graph.downstreamOf(id).length === 0
  for (const id of graph.order.filter((each) => !isAlone(each))) {
    const above = graph.directlyUpstream(id)
    depth.set(id, Math.max(-1, ...above.map((other) => depth.get(other) ?? 0)) + 1)
    if (above.length === 0) column.set(id, columns++)
    else column.set(id, above.reduce((sum, other) => sum + (column.get(other) ?? 0), 0) / above.length)
  }
  const deepest = Math.max(1, ...depth.values())
  const alone = graph.order.filter(isAlone)
  const places = new Map<StationId, Place>()
  const bottom = alone.length > 0 && alone.length < graph.order.length ? 1 : 0
  for (const id of graph.order) {
    const place = alone.indexOf(id)
    if (place >= 0) places.set(id, { x: (place + 0.5) / alone.length, y: 1 })
    else places.set(id, { x: ((column.get(id) ?? 0) + 0.5) / columns, y: (depth.get(id) ?? 0) / (deepest + bottom) })
  }
  return places
}
