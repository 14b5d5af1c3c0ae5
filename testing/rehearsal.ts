import { readFileSync } from 'node:fs'
import { watchOver } from '../analytics/testing/pipeline.ts'
import { readScenario, type Scenario } from '../devices-sim/scenarios/scenario.ts'
import type { Transmission } from '../devices-sim/logger/wire.ts'
import { createSimulation } from '../devices-sim/simulation.ts'
import type { TruthCrossing, TruthEntry, TruthEvent, TruthFault } from '../devices-sim/truth/truth.ts'
import { createFleet } from '../domain/fleet.ts'
import { runId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import type { Network, StationKind } from '../domain/network.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import type { Warning } from '../domain/warning.ts'
import { openHouse } from '../ingest/testing/house.ts'

/** A scenario that went through decoding, judging, the store and the rules, all in this process: no sockets, no disk, no waiting. */
export interface Rehearsal {
  network: Network
  startAt: number
  endAt: number
  events: readonly TruthEvent[]
  crossings: readonly TruthCrossing[]
  faults: readonly TruthFault[]
  /** As they stand at the end, oldest onset first; of rules on silence none, for that depends on arrival. */
  warnings: readonly Warning[]
  /** What was committed. */
  rows: readonly StoredRow[]
}

/** A scenario of the program, by its name. */
export const scenarioNamed = (id: string): Scenario =>
  readScenario(readFileSync(new URL(`../devices-sim/scenarios/${id}.yaml`, import.meta.url), 'utf8'), id)

/** As often as a simulation over the wires sets the clock of its run. */
const tickMs = 900_000

/** Who sends, and for how long: what is left out saves time. */
export interface Senders {
  /** Kinds of stations; none = only the truth is made. */
  sends: readonly StationKind[]
  /** Left out: to the end. */
  sendsMs?: number
  /** 1 when left out. */
  seed?: number
}

/** Rehearses a scenario from the 15th of its month of 2026. The truth has all stations, whoever sends. */
export async function rehearse(scenario: Scenario, { sends, sendsMs = Infinity, seed = 1 }: Senders): Promise<Rehearsal> {
  const { id: run, stations = 60, month = 6 } = scenario
  const startAt = Date.UTC(2026, month - 1, 15)
  const simulation = createSimulation({ scenario, run, stations, seed, startAt, lastsMs: null })
  const network = readNetwork(simulation.file, { file: null, run: runId(run) })
  const system = await createSystem(network)
  const speaking = devicesOf(network, sends)
  const truth: Omit<TruthLines, 'reading'> = { event: [], crossing: [], fault: [] }
  await system.tick(startAt)
  for (const step of simulation.steps()) {
    for (const entry of step.truth) if (entry.kind !== 'reading') (truth[entry.kind] as TruthEntry[]).push(entry)
    for (const message of step.messages) if (speaking.has(message.device) && message.at < startAt + sendsMs) await system.take(message)
    if ((step.at + 1) % tickMs === 0 && step.at < startAt + sendsMs) await system.tick(step.at)
  }
  const { warnings, rows } = await system.end()
  return { network, startAt, endAt: simulation.endAt, events: truth.event, crossings: truth.crossing, faults: truth.fault, warnings, rows }
}

type TruthLines = { [Kind in TruthEntry['kind']]: Extract<TruthEntry, { kind: Kind }>[] }

function devicesOf({ stations, devices }: Network, kinds: readonly StationKind[]): ReadonlySet<string> {
  const meant = new Set(stations.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id))
  return new Set(devices.filter((device) => device.stations.some((station) => meant.has(station))).map(({ id }) => id))
}

interface SystemUnderTest {
  take(message: Transmission): Promise<void>
  /** The clock of the run. */
  tick(at: number): Promise<void>
  end(): Promise<Pick<Rehearsal, 'warnings' | 'rows'>>
}

/** A pipeline and a watch over one network, on a store in memory. */
async function createSystem(network: Network): Promise<SystemUnderTest> {
  const fleet = createFleet([network])
  const rows: StoredRow[] = []
  let consumed: Promise<void> = Promise.resolve()
  const house = await openHouse(fleet, {
    onCommitted: (committed) => {
      for (const row of committed.rows) rows.push(row)
      consumed = consumed.then(() => watch.consume(committed))
    },
  })
  const { watch } = watchOver(house.store, () => fleet)
  await watch.start()
  return {
    take: ({ device, topic, payload, at }) => house.send(device, payload, { topic, receivedAt: at }),
    tick: (at) => house.send('clock', { at }, { source: 'tick', topic: `run/${network.run}`, receivedAt: at }),
    end: async () => {
      await house.carryAll()
      await consumed
      await watch.stop()
      const warnings = await house.store.warnings.warnings({})
      return { rows, warnings: warnings.filter(({ kind }) => kind !== 'silence').sort((a, b) => a.onset - b.onset) }
    },
  }
}
