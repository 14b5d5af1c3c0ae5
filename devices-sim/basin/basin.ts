import type { NetworkFile } from '../../domain/network-schema.ts'
import type { StationKind } from '../../domain/network.ts'
import type { CatchmentModel } from '../world/model.ts'
import { withProtocols, type FieldShares } from './protocols.ts'
import { countsOf } from './plan.ts'
import { basinRules } from './rules.ts'
import { onLake, onLand, onTheMove, onWater, withPumps, type MadeStation } from './stations.ts'
import { growTree } from './tree.ts'

/** A made basin: what the server is told of it, and what works on its water. */
export interface Basin {
  file: NetworkFile
  model: CatchmentModel
}

export interface BasinOrder {
  /** Id of its network and beginning of the ids of its devices, which are unique over all networks. */
  id: string
  /** At least `fewestStations`; fewer give as many. */
  stations: number
  seed: number
  /** Shares of the works that speak HJ 212 and of the gauges that speak SL 651, 0..1; left out: all speak MQTT. */
  protocols?: FieldShares
}

const onTheWater: readonly StationKind[] = ['sea', 'river', 'reservoir', 'water-source', 'abstraction', 'outfall']
const onTheLand: readonly StationKind[] = ['rain', 'air', 'noise', 'soil', 'radiation', 'hazard']

/**
 * Makes a basin of so many stations: a river tree with reservoirs, works and intakes, rain gauges over it, and the air, soil and noise round it,
 * each with stages and rules that fit its size. The same order makes the same basin.
 */
export function makeBasin({ id, stations, seed, protocols = {} }: BasinOrder): Basin {
  const counts = countsOf(stations)
  const numbered = (kind: StationKind): number[] => Array.from({ length: counts.get(kind) ?? 0 }, (_, i) => i + 1)
  const tree = growTree(
    onTheWater.flatMap((kind) => numbered(kind).map(() => kind)),
    seed,
  )
  const rivers = tree.filter(({ kind, into }) => kind === 'river' && into !== null)
  const dams = tree.filter(({ kind }) => kind === 'reservoir')
  const made: MadeStation[] = [
    ...tree.map((branch) => withPumps(onWater(branch, seed), branch, counts.get('abstraction') ?? 0)),
    ...onTheLand.flatMap((kind) => numbered(kind).map((nth) => onLand(kind, nth, tree, seed))),
    ...numbered('lake').map((nth) => onLake(nth, dams, seed)),
    ...numbered('mobile').map((nth) => onTheMove(nth, rivers, seed)),
  ]
  const { stations: files, devices } = withProtocols(
    made.map(({ file }) => file),
    id,
    protocols,
  )
  return {
    file: {
      network: { id, name: { en: `Simulated basin ${id}`, zh: `模拟流域 ${id}` }, timeZone: 'Asia/Shanghai', dayStartsAt: '08:00' },
      stations: files,
      devices,
      rules: basinRules(files),
    },
    model: new Map(made.map(({ file, facts }) => [file.id, facts])),
  }
}
