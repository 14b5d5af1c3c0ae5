import type { FigureSize } from './hydrograph.ts'

export interface Located {
  id: string
  /** Degrees, WGS 84. */
  location: { lon: number; lat: number } | null
  /** The next station down the river. */
  downstream: string | null
}

export interface RiverLayout {
  /** `map`: by position; `schematic`: by the river graph, upstream at the left. */
  kind: 'map' | 'schematic'
  places: Map<string, { x: number; y: number }>
  /** Only of a map. */
  kmPerPx: number | null
}

const kmPerDegree = 111.32

/** The height that a map of these stations would like to have at a width: between half of it and all of it. A scheme likes half. */
export function naturalHeight(stations: readonly Located[], width: number): number {
  const located = stations.flatMap((s) => s.location ?? [])
  const extent = (values: readonly number[]): number => Math.max(...values) - Math.min(...values)
  const lats = located.map((one) => one.lat)
  const middle = lats.reduce((sum, lat) => sum + lat / lats.length, 0)
  const wide = extent(located.map((one) => one.lon)) * Math.cos((middle * Math.PI) / 180)
  const share = located.length < 2 ? 0 : extent(lats) / wide
  return Math.round(width * Math.min(1, Math.max(0.5, Number.isFinite(share) ? share + 0.12 : 1)))
}

/**
 * Gives each station a place in `size`, inside `margin` px. By position when at least half have one and they are 100 m apart or more;
 * stations without a position are then left out. Else by the graph. A circle in the graph is cut where it is met again.
 */
export function layOutRiver(stations: readonly Located[], size: FigureSize, margin: number): RiverLayout {
  const located = stations.filter((s) => s.location !== null && Math.abs(s.location.lon) <= 180 && Math.abs(s.location.lat) <= 90)
  if (located.length < 2 || located.length * 2 < stations.length) return schematic(stations, size, margin)
  return byPosition(located, size, margin) ?? schematic(stations, size, margin)
}

/** Equirectangular about the middle latitude: true enough for a catchment. Null when all stand at one place. */
function byPosition(stations: readonly Located[], size: FigureSize, margin: number): RiverLayout | null {
  const lons = stations.map((s) => s.location?.lon ?? 0)
  const lats = stations.map((s) => s.location?.lat ?? 0)
  const [west, east, south, north] = [Math.min(...lons), Math.max(...lons), Math.min(...lats), Math.max(...lats)]
  const squeeze = Math.max(0.01, Math.cos((((south + north) / 2) * Math.PI) / 180))
  const [wideKm, highKm] = [(east - west) * squeeze * kmPerDegree, (north - south) * kmPerDegree]
  if (Math.max(wideKm, highKm) < 0.1) return null
  const kmPerPx = Math.max(wideKm / Math.max(1, size.width - 2 * margin), highKm / Math.max(1, size.height - 2 * margin))
  const [left, top] = [(size.width - wideKm / kmPerPx) / 2, (size.height - highKm / kmPerPx) / 2]
  const places = new Map(
    stations.map((s, i) => [
      s.id,
      {
        x: left + (((lons[i] ?? 0) - west) * squeeze * kmPerDegree) / kmPerPx,
        y: top + ((north - (lats[i] ?? 0)) * kmPerDegree) / kmPerPx,
      },
    ]),
  )
  return { kind: 'map', places, kmPerPx }
}

interface Cell {
  column: number
  row: number
}

/** Rivers as trees lying on their side, the outlet at the right; stations off the river fill rows below. */
function schematic(stations: readonly Located[], size: FigureSize, margin: number): RiverLayout {
  const ids = new Set(stations.map((s) => s.id))
  const upstream = new Map<string, string[]>()
  for (const s of stations)
    if (s.downstream !== null && ids.has(s.downstream)) upstream.set(s.downstream, [...(upstream.get(s.downstream) ?? []), s.id])
  const onRiver = (s: Located): boolean => upstream.has(s.id) || (s.downstream !== null && ids.has(s.downstream))
  const cells = new Map<string, Cell>()
  let rows = 0
  const place = (id: string, column: number): number => {
    cells.set(id, { column, row: rows })
    const above = (upstream.get(id) ?? []).filter((up) => !cells.has(up)).map((up) => place(up, column + 1))
    const row = above.length > 0 ? above.reduce((sum, r) => sum + r, 0) / above.length : rows++
    cells.set(id, { column, row })
    return row
  }
  const outlets = stations.filter((s) => onRiver(s) && (s.downstream === null || !ids.has(s.downstream)))
  for (const s of [...outlets, ...stations.filter(onRiver)]) if (!cells.has(s.id)) place(s.id, 0)
  const columns = Math.max(4, ...[...cells.values()].map((cell) => cell.column + 1))
  stations
    .filter((s) => !onRiver(s))
    .forEach((s, i) => cells.set(s.id, { column: columns - 1 - (i % columns), row: rows + Math.floor(i / columns) }))
  return { kind: 'schematic', places: spread(cells, size, margin), kmPerPx: null }
}

function spread(cells: ReadonlyMap<string, Cell>, size: FigureSize, margin: number): RiverLayout['places'] {
  const all = [...cells.values()]
  const [columns, rows] = [Math.max(1, ...all.map((c) => c.column)), Math.max(1, ...all.map((c) => c.row))]
  const [width, height] = [size.width - 2 * margin, size.height - 2 * margin]
  return new Map(
    [...cells].map(([id, cell]) => [id, { x: margin + width * (1 - cell.column / columns), y: margin + (height * cell.row) / rows }]),
  )
}
