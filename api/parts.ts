import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { AmendmentDesk } from '../domain/amendment-desk.ts'
import type { Audit } from '../domain/audit.ts'
import type { DeviceCertificates } from '../domain/certificate.ts'
import type { ClockReportDesk } from '../domain/clock-health.ts'
import type { Delivery } from '../domain/delivery.ts'
import type { SendCommand } from '../domain/command.ts'
import type { CurrentFleet } from '../domain/fleet.ts'
import type { MappingDesk } from '../domain/device-mapping.ts'
import type { Gap } from '../domain/gap.ts'
import type { DeviceCredentials, Identify } from '../domain/identity.ts'
import type { DeviceId, RunId, WarningId } from '../domain/ids.ts'
import type { LiveHub } from '../domain/events.ts'
import type { LoginPace } from '../domain/login-pace.ts'
import type { Warning } from '../domain/warning.ts'
import type { Receipt } from '../domain/receipt.ts'
import type { Store } from '../store/ports/store.ts'
import type { Claims } from './claims.ts'
import type { Keys } from './keys.ts'
import type { People } from './people.ts'
import type {
  LoadRequest,
  ReplayRequest,
  SimulationDetail,
  SimulationNote,
  SimulationRequest,
  SimulatorState,
} from './schemas/simulation.ts'

/** What people may do to a warning; analytics keeps the result as a new version. */
export interface WarningDesk {
  /** Null when there is no such warning. Twice is once: an acknowledged warning stays as it is. */
  acknowledge(id: WarningId, by: string, note: string | null, at: number): Promise<Warning | null>
}

/** What became of the deliveries that came over HTTP. */
export interface ReceiptDesk {
  /** Called before a delivery is accepted, so that its receipt is made. */
  expect(device: DeviceId): void
  /** Null when it is not there in time. Never rejects. */
  wait(delivery: number, ms: number): Promise<Receipt | null>
  /** The receipt of a delivery of this device, while it is kept. */
  find(device: DeviceId, delivery: number): Receipt | null
}

/** A simulation or replay with its own network, devices and clock. */
export interface RunSummary {
  run: RunId
  network: string
  /** `wall`: now; `run`: the newest tick of the run, before the first one its newest reading. */
  clock: 'wall' | 'run'
  createdAt: number
}

export interface RunDesk {
  /**
   * Adds the network (the content of a network file) as a run and makes a secret for each of its devices.
   * A run that exists with the same network is resumed: its devices get new secrets. Rejects with NetworkInvalid.
   */
  create(
    run: RunId,
    network: unknown,
    clock: RunSummary['clock'],
  ): Promise<{ summary: RunSummary; secrets: { device: DeviceId; secret: string }[] }>
  /** Moves the run's clock forward (never back), through the journal. */
  tick(run: RunId, at: number): Promise<void>
  /**
   * Gives captured deliveries to a run, in their order, with the moment at which they were received then: those of its devices, and ticks
   * as ticks of the run. Resolves when they are on disk; others are left out.
   */
  deliver(run: RunId, deliveries: readonly Delivery[]): Promise<{ accepted: number; leftOut: number }>
  list(): Promise<RunSummary[]>
  /** Names of runs that were taken away: their clocks and warnings are known still, so they are not given again. */
  removed(): Promise<RunId[]>
  /** Takes the run's network, devices and rows away. */
  remove(run: RunId): Promise<boolean>
}

/** The problem is a sentence for who asked. */
export type SimulationStarted = { started: SimulationNote } | { kind: 'busy' | 'wrong'; problem: string }

/** Simulations that the server makes of itself, in a process of their own; one at a time. */
export interface SimulatorDesk {
  state(): SimulatorState
  /** Null when there is no such simulation. */
  find(run: string): Promise<SimulationDetail | null>
  /** Starts one; `busy`: one runs, `wrong`: what was asked for is not there. The problem is a sentence for who asked. */
  start(request: SimulationRequest, by: string): Promise<SimulationStarted>
  /** The same for many devices that send a reading so often each, without a world behind them. */
  load(request: LoadRequest, by: string): Promise<SimulationStarted>
  /** The same for what was received once, as a run that notifies nobody. */
  replay(request: ReplayRequest, by: string): Promise<SimulationStarted>
  /** Stops it and waits for its end; null when it does not run. */
  stop(run: string): Promise<SimulationNote | null>
  /** Takes one away that runs no more, with its data. */
  remove(run: string): Promise<'removed' | 'running' | 'unknown'>
  /** Its truth, gzip; null while it runs, and when there is none. */
  truth(run: string): Promise<Readable | null>
}

/** Why a device cannot be added, changed or taken away: a file declares it (it is changed there), it is there already, or it is wrong. */
export interface DeviceProblem {
  kind: 'declared' | 'there' | 'wrong' | 'unknown'
  message: string
}

/** What became of one row of a list of devices. */
export interface AddedDevice {
  device: string
  /** Shown this once; null when there is a problem. */
  secret: string | null
  problem: DeviceProblem | null
}

/** Provisioning: devices that no file declares, and secrets for those that one does. */
export interface DeviceDesk {
  /** Whether the device came over the api; no file declares it. */
  wasAdded(device: DeviceId): boolean
  /**
   * Takes rows `{ id, protocol, stations, channels, clock, secret }`, each by itself: a bad one has its problem and the others go on.
   * A row with nothing but an id gives a declared device its first secret. `secret` is for field protocols only, whose secrets are
   * chosen. Everything good is kept together, or nothing. In the order given.
   */
  add(rows: readonly unknown[]): Promise<AddedDevice[]>
  /** Adds or changes one device that no file declares; a new one gets a secret. */
  put(device: DeviceId, declaration: object): Promise<{ created: boolean; secret: string | null } | { problem: DeviceProblem }>
  /** Takes one away that no file declares, with its secret; its live connection ends. Null = it is gone. */
  remove(device: DeviceId): Promise<DeviceProblem | null>
}

/** One thing that must be well for the system to be ready. */
export interface HealthCheck {
  name: string
  ok: boolean
  /** One sentence; what to do when not ok. */
  detail: string
}

/** Something that somebody should mend. */
export interface Problem {
  name: string
  /** `failure`: something does not work; `attention`: it will not for long, or somebody should look. */
  severity: 'failure' | 'attention'
  /** One sentence with the figures. */
  what: string
  todo: string
}

/** Everything the api needs from the rest of the house. */
export interface ApiParts {
  fleet: CurrentFleet
  store: Store
  /** As the journal's accept; resolves with the number of the delivery. */
  accept: (delivery: Delivery) => Promise<number>
  live: LiveHub
  warningDesk: WarningDesk
  receipts: ReceiptDesk
  sendCommand: SendCommand
  /** The gaps of all series that are kept, newest begin first. */
  gaps: () => Gap[]
  /** False while the ledger of gaps reads back what is stored: some may be missing among them. */
  knowsGaps: () => boolean
  runs: RunDesk
  /** Runs that live at our time, but whose past is still being sent. */
  catchingUp: () => readonly RunId[]
  simulator: SimulatorDesk
  /** Logins of devices that deliver over HTTP. */
  identify: Identify
  /** How fast wrong logins of devices and programs are answered; one for all doors. */
  pace: LoginPace
  /** Takes the turn of one message of a device; false = it sends too fast. One rate for all doors. */
  takeTurn: (device: DeviceId) => boolean
  credentials: DeviceCredentials
  certificates: DeviceCertificates
  deviceDesk: DeviceDesk
  claims: Claims
  /** One for the process: app/ asks it for the first password before the api is made. */
  people: People
  keys: Keys
  amendments: AmendmentDesk
  mappings: MappingDesk
  clockReports: ClockReportDesk
  audit: Audit
  health: () => Promise<HealthCheck[]>
  problems: () => Promise<Problem[]>
  /** Prometheus text. */
  metrics: () => Promise<string>
  now: () => number
  randomBytes: (size: number) => Uint8Array
  version: string
  /** By protocol whether its listener is bound to loopback: then simulated data may be read there without a login. */
  loopback: Readonly<Record<'http' | 'https', boolean>>
  /** Token with which the CLI on this machine speaks to the api. */
  cliToken: string
  /** Told of faults that were answered with 500 or ended a live connection; absent = nobody is told. */
  onFault?: (doing: string, error: unknown) => void
  /** The pages, registered on the same server behind the same login. */
  pages?: (app: FastifyInstance) => Promise<void>
}
