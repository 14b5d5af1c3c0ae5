import type { StationKind } from '../../domain/network.ts'
import { between, keyOf, uniform } from '../world/random.ts'
import type { PlaceKm } from '../world/storms.ts'
import { shuffled } from './plan.ts'

/** A station on the water, with all that lies upstream of it. */
export interface Branch {
  kind: StationKind
  /** Counts from 1 within its kind, from the mouth upward. */
  nth: number
  where: PlaceKm
  /** Null at the mouth. */
  into: Branch | null
  /** km of river down to it. */
  lengthKm: number
  upstream: Branch[]
  /** km2 that drain to it without passing another station, and all together. */
  ownKm2: number
  areaKm2: number
}

/** Most branches that meet above one station. */
const mostTributaries = 2

/**
 * A river as a tree, the mouth first: every station on the water has one below it; two meet now and then; reservoirs stand in the hills,
 * water sources above the works, works where people live.
 */
export function growTree(kinds: readonly StationKind[], seed: number): Branch[] {
  const draw = (low: number, high: number, place: number, key: string): number => between(low, high, seed, keyOf(key), place)
  const ordered = inOrderOfTheRiver(kinds, seed)
  const branches: Branch[] = []
  const counts = new Map<StationKind, number>()
  for (const [place, kind] of ordered.entries()) {
    const into = parentFor(kind, branches, uniform(seed, keyOf('parent'), place))
    const nth = (counts.get(kind) ?? 0) + 1
    counts.set(kind, nth)
    const isWorks = kind === 'outfall'
    const lengthKm = into === null ? 0 : isWorks ? draw(1, 3, place, 'length') : draw(4, 11, place, 'length')
    const where = placeFor(into, lengthKm, draw(-0.7, 0.7, place, 'turn'))
    const ownKm2 = isWorks ? 0 : kind === 'abstraction' ? 4 : draw(14, 48, place, 'area')
    const branch: Branch = { kind, nth, where, into, lengthKm, upstream: [], ownKm2, areaKm2: ownKm2 }
    into?.upstream.push(branch)
    branches.push(branch)
  }
  for (const branch of [...branches].reverse()) if (branch.into !== null) branch.into.areaKm2 += branch.areaKm2
  return branches
}

/** The sea, then a mixture; what needs hills comes in the later half. */
function inOrderOfTheRiver(kinds: readonly StationKind[], seed: number): StationKind[] {
  const high = new Set<StationKind>(['reservoir', 'water-source'])
  const sea = kinds.filter((kind) => kind === 'sea')
  const low = shuffled(
    kinds.filter((kind) => kind !== 'sea' && !high.has(kind)),
    seed,
  )
  const middle = low.findIndex((kind) => kind === 'river')
  const first = middle < 0 ? [] : low.splice(middle, 1)
  const half = Math.floor(low.length / 2)
  const upper = shuffled([...low.slice(half), ...kinds.filter((kind) => high.has(kind))], seed + 1)
  // the farthest are gauges: rivers begin in hills, not at waterworks
  const [rivers, others] = [upper.filter((kind) => kind === 'river'), upper.filter((kind) => kind !== 'river')]
  const mixed = shuffled([...others, ...rivers.slice(0, Math.ceil(rivers.length / 2))], seed + 2)
  return [...sea, ...first, ...low.slice(0, half), ...mixed, ...rivers.slice(Math.ceil(rivers.length / 2))]
}

/** The newest branches grow on, so that rivers become long; nothing flows into works, and nothing but the river into the sea. */
function parentFor(kind: StationKind, branches: readonly Branch[], chance: number): Branch | null {
  const open = branches.filter((branch) => branch.kind !== 'outfall' && branch.upstream.length < mostUpstream(branch, kind))
  return open[Math.floor(open.length * (1 - chance ** 1.6))] ?? branches[0] ?? null
}

function mostUpstream(branch: Branch, kind: StationKind): number {
  if (branch.kind === 'sea') return 1
  return kind === 'outfall' ? mostTributaries + 1 : mostTributaries
}

/** Upstream is north-west, more or less. */
function placeFor(into: Branch | null, lengthKm: number, turn: number): PlaceKm {
  if (into === null) return { x: 0, y: 0 }
  const angle = (3 * Math.PI) / 4 + turn + (into.upstream.length - 0.5) * 0.5
  return { x: into.where.x + 0.8 * lengthKm * Math.cos(angle), y: into.where.y + 0.8 * lengthKm * Math.sin(angle) }
}
