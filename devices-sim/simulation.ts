import { createHash } from 'node:crypto'
import { runId, type DeviceId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import type { NetworkFile } from '../domain/network-schema.ts'
import type { Network, Station } from '../domain/network.ts'
import { makeBasin } from './basin/basin.ts'
import type { FieldShares } from './basin/protocols.ts'
import { faultKinds, type FaultOrder, type FaultWindow } from './faults/fault.ts'
import { appearing, neverAny, type Watching } from './faults/schedule.ts'
import { systemChanges, touchedBy, type SystemChange, type SystemFault } from './faults/system.ts'
import { createMember, type Member } from './logger/member.ts'
import type { Transmission } from './logger/wire.ts'
import { planScenario } from './scenarios/plan.ts'
import { servedEvents, servedFile, servedTruth } from './served-names.ts'
import { spanMs, type Scenario } from './scenarios/scenario.ts'
import { createEventWatch, type EventWatch } from './truth/events.ts'
import { createFaultWatch } from './truth/faults.ts'
import { createSilenceWatch, type SilenceWatch } from './truth/silences.ts'
import { truthFormat, type TruthEntry, type TruthEvent, type TruthHeader } from './truth/truth.ts'
import { createCatchment, type Catchment } from './world/catchment.ts'
import { stepMs } from './world/hydrology.ts'
import type { SimulatedReading } from './world/instruments.ts'
import type { Balance } from './world/river.ts'

export interface SimulationOrder {
  scenario: Scenario
  /** Id of the run and of its network. */
  run: string
  stations: number
  seed: number
  /** A multiple of five minutes, epoch ms. */
  startAt: number
  /** Null = as long as the scenario. */
  lastsMs: number | null
  /** Field protocols that the server listens for; devices of others speak MQTT. Left out: none. */
  protocols?: readonly FieldProtocol[]
}

export type FieldProtocol = keyof FieldShares

/** A line that breaks or comes back. */
export interface LineChange {
  device: DeviceId
  at: number
  isUp: boolean
}

/** What leaves and what became known within one step of five minutes. */
export interface SimulationStep {
  /** End of the step, epoch ms. */
  at: number
  /** In the order of leaving. */
  messages: readonly Transmission[]
  lines: readonly LineChange[]
  /** What is to be done to the system under test. */
  system: readonly SystemChange[]
  truth: readonly TruthEntry[]
}

/** A scenario in a made basin, ready to run. Pure: no clock, no network; the same order gives the same steps. */
export interface Simulation {
  /** Content of the network file for the server, where all ids begin with that of the run. */
  file: NetworkFile
  /** The same within the simulation: its stations have short ids, so that water, instruments and faults do not depend on the name of the run. */
  network: Network
  header: TruthHeader
  endAt: number
  /** What is before is sent as fast as it is acknowledged, at any speed. */
  liveAt: number
  /** Carries on the warm-up of the world by so many steps; true when it is done. */
  warmUp(steps: number): boolean
  /** Can be gone through once. After the last step follows one with what is still on its way and under way. */
  steps(): Generator<SimulationStep, void>
  /** The events that are going on after the newest step and deserve a warning by now; the truth has each when it is over. */
  ongoing(): TruthEvent[]
  balance(): Balance
}

/** Throws ScenarioInvalid where the scenario names a station that the basin lacks, or a moment behind the end. */
export function createSimulation(order: SimulationOrder): Simulation {
  const { scenario, run, stations, seed, startAt } = order
  const { file: basin, model } = makeBasin({ id: run, stations, seed, protocols: sharesOf(scenario, order.protocols ?? []) })
  const network = readNetwork(basin, { file: null, run: runId(run) })
  const file = servedFile(basin, run)
  const plan = planScenario({ scenario, network, seed, startAt, lastsMs: order.lastsMs })
  const endAt = order.lastsMs === null ? plan.endAt : startAt + order.lastsMs
  const [instruments, devices] = [plan.faults.filter(isOfInstrument), plan.faults.filter((fault) => !isOfInstrument(fault))]
  const system = plan.system.filter(({ from }) => from < endAt)
  const catchment = createCatchment({
    ...{ network, seed, startAt, model, faults: instruments, happenings: plan.happenings },
    // some days of calm before it, so that no flood of yesterday is on its way
    sky: { calmFrom: scenario.weather === 'calm' ? startAt - calmBeforeMs : null, storms: plan.storms },
  })
  const parts = { stations: byId(network), model, scenario, faults: devices, system, seed, catchment }
  const running: Running = {
    ...{ catchment, startAt, endAt },
    fleet: network.devices.map((device) => createMember(device, parts)),
    events: createEventWatch({ network, signals: catchment.signals, happenings: plan.causes, startAt }),
    silences: createSilenceWatch(network),
    faultsIn: createFaultWatch({ network, instruments, devices, system, seed, startAt }),
    system,
  }
  return {
    ...{ file, network, endAt },
    liveAt: startAt + spanMs(scenario.prelude),
    header: {
      ...{ kind: 'header', format: truthFormat, scenario: scenario.id, seed, run },
      ...{ start: new Date(startAt).toISOString(), end: new Date(endAt).toISOString() },
      network: createHash('sha256').update(JSON.stringify(file)).digest('hex'),
      ...{ stations: network.stations.length, devices: network.devices.length },
    },
    warmUp: (steps) => catchment.warmUp(steps),
    steps: () => servedSteps(stepsOf(running), run),
    ongoing: () => servedEvents(running.events.ongoing(), run),
    balance: () => catchment.balance(),
  }
}

const byId = ({ stations }: Network): ReadonlyMap<string, Station> => new Map(stations.map((station) => [station.id, station]))

const usualShares: Required<FieldShares> = { hj212: 0.5, sl651: 0.3 }

function sharesOf({ devices }: Scenario, spoken: readonly FieldProtocol[]): FieldShares {
  const wanted = { ...usualShares, ...devices?.protocols }
  return Object.fromEntries(spoken.map((protocol) => [protocol, wanted[protocol]]))
}

const calmBeforeMs = 5 * 86_400_000
const isOfInstrument = ({ type }: FaultOrder): boolean => faultKinds[type].at === 'value'

interface Running {
  catchment: Catchment
  fleet: readonly Member[]
  events: EventWatch
  silences: SilenceWatch
  faultsIn: ReturnType<typeof createFaultWatch>
  system: readonly SystemFault[]
  startAt: number
  endAt: number
}

/** The steps as the server and the truth have them. */
function* servedSteps(steps: Iterable<SimulationStep>, run: string): Generator<SimulationStep, void> {
  for (const { truth, ...step } of steps) yield { ...step, truth: servedTruth(truth, run) }
}

function* stepsOf(running: Running): Generator<SimulationStep, void> {
  const { catchment, fleet, events, silences, faultsIn, system, startAt, endAt } = running
  const troubled = fleet.filter(({ faults }) => faults !== neverAny)
  // a gauge that counts between readings needs one from before
  catchment.advanceTo(startAt - 1)
  let toldAt = startAt - 1
  for (let from = startAt; from < endAt; from += stepMs) {
    const at = from + stepMs - 1
    const readings = byStation(catchment.advanceTo(at))
    const news = [...faultsIn(toldAt, at), ...events.see(at + 1)]
    toldAt = at
    yield {
      ...{ at, ...leaving(running, { until: at, readings }, news) },
      lines: troubled.flatMap((member) => linesOf(member, { from: from - 1, to: at, startAt })),
      system: systemChanges(system, from - 1, at),
    }
  }
  const rest = leaving(running, { until: endAt + flushMs, readings: new Map() }, [...events.finish(), ...silences.finish(endAt)])
  const goneAt = Math.max(toldAt, rest.messages.at(-1)?.at ?? toldAt)
  const borne = new Set(rest.truth.flatMap((entry) => (entry.kind === 'reading' ? entry.faults : [])))
  yield {
    at: endAt,
    messages: rest.messages,
    // behind the end a fault is one only where something was still on its way
    truth: [...faultsIn(toldAt, goneAt).filter(({ id }) => borne.has(id)), ...rest.truth],
    lines: troubled.flatMap((member) => comesBack(member, endAt)),
    system: systemChanges(system, endAt - 1, Infinity),
  }
}

/** All that is late by hours has left so long after the end. */
const flushMs = 2 * 86_400_000

function byStation(readings: readonly SimulatedReading[]): ReadonlyMap<string, SimulatedReading[]> {
  const found = new Map<string, SimulatedReading[]>()
  for (const reading of readings) {
    const own = found.get(reading.sensor.station)
    if (own === undefined) found.set(reading.sensor.station, [reading])
    else own.push(reading)
  }
  return found
}

interface Span {
  until: number
  /** Of the span, by station. */
  readings: ReadonlyMap<string, SimulatedReading[]>
}

/** Everything that the devices send up to a moment, and all that is known by then. */
function leaving(
  { fleet, silences, system }: Pick<Running, 'fleet' | 'silences' | 'system'>,
  { until, readings }: Span,
  news: readonly TruthEntry[],
): Pick<SimulationStep, 'messages' | 'truth'> {
  const done = fleet.map(({ logger, station }) => logger.advance(readings.get(station) ?? [], until))
  const messages = done
    .flatMap(({ sent }) => sent)
    .sort((a, b) => a.at - b.at)
    .map((message) => touchedBy(system, message))
  const sent = messages.flatMap(({ readings }) => readings)
  return { messages, truth: [...news, ...silences.hear(sent), ...done.flatMap(({ lost }) => lost), ...sent] }
}

/** How the line of a device changes in a stretch; at the start it breaks where it is cut already, and it comes back when nothing cuts it any more. */
function linesOf({ device, faults }: Member, watching: Watching): LineChange[] {
  const { from, to, startAt } = watching
  const begun = appearing(faults, watching).filter(isCut)
  const open = from < startAt ? [] : faults.at(from).filter(isCut)
  const ended = [...open, ...begun].filter((window) => window.to <= to && !faults.at(window.to).some(isCut))
  return [
    ...ended.map((window) => ({ device: device.id, at: window.to, isUp: true })),
    ...begun.map((window) => ({ device: device.id, at: Math.max(window.from, startAt), isUp: false })),
  ]
}

const isCut = ({ type }: FaultWindow): boolean => type === 'line-cut'

const comesBack = ({ device, faults }: Member, at: number): LineChange[] =>
  faults.at(at - 1).some(isCut) ? [{ device: device.id, at, isUp: true }] : []
