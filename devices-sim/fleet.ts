import type { DeviceId } from '../domain/ids.ts'
import type { Device, Network } from '../domain/network.ts'
import { createCatchment, type Catchment } from './world/catchment.ts'
import { demoFaults, demoHabits } from './demo-faults.ts'
import { demoModel } from './demo-model.ts'
import { demoEditions, demoEncodings } from './demo-network.ts'
import { createDeviceClient, type DeviceClient, type DeviceFigures, type Timers } from './device-client.ts'
import type { FieldStation } from './field-station.ts'
import { createHj212Station } from './hj212-station.ts'
import { systemCodeOf } from './hj212-memory.ts'
import { classOf } from './sl651-memory.ts'
import { createSl651Station } from './sl651-station.ts'
import { createGrouping, type GroupReadings } from './reading-groups.ts'

export interface DemoFleetParts {
  /** Where the broker listens, `mqtt://127.0.0.1:1883`. */
  url: string
  /** Where field protocols listen, `127.0.0.1:9212`, by protocol; their devices stay silent where none does. */
  field?: ReadonlyMap<string, string>
  /** One for each device of the network; devices without one stay silent. */
  secrets: readonly { device: DeviceId; secret: string }[]
  network: Network
  seed: number
  now: () => number
  timers: Timers
  log: (message: string) => void
  /** Days of history sent first; default 7. */
  historyDays?: number
  /**
   * Time of the newest reading that is stored; null = nothing is. History begins an hour before it: a crash may have left an hour half
   * sent, and what comes twice is a duplicate.
   */
  since?: number | null
  /** Called when all readings up to a moment of history are acknowledged, before the next ones are sent: moves a run's clock. */
  afterStep?: (at: number) => Promise<void>
}

export interface DemoFleetFigures extends DeviceFigures {
  devices: number
}

export interface DemoFleet {
  /** Resolves when the history is acknowledged and the fleet runs live; rejects when a login is refused or `stop` came before. */
  ready: Promise<void>
  figures(): DemoFleetFigures
  /** Resolves when all devices have said goodbye. Twice is once. */
  stop(): Promise<void>
}

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
/** More than this behind the clock is history, sent in lock-step; less is life, which waits for no one's acknowledgement. */
const aWhile = 120_000
/**
 * History goes in steps of so much: a station of a field protocol sends frame by frame and is behind those of MQTT within a step, which must not
 * look like its silence (20 min in the demo's rules).
 */
const historyStep = 10 * minute
/** Steps of the warm-up between two breaths of the process. */
const warmUpSteps = 250

/**
 * The demo catchment on real MQTT, HJ 212 and SL 651, one connection a device. First the history at full speed, in time order and lock-step: ten minutes of
 * all devices are acknowledged before the next ones are sent. Then live: every sensor at its own interval, by `now`. After a sleep of the machine
 * the missed time follows as history does. Which readings there are depends on seed and time alone, so a second start gives no other ones.
 */
export function startDemoFleet(parts: DemoFleetParts): DemoFleet {
  const { network, seed, now, timers, historyDays = 7, since = null } = parts
  const startAt = Math.max(now() - historyDays * day, (since ?? -Infinity) - hour)
  const clients = clientsOf(parts)
  const state = { at: startAt - 1, stopped: false, timer: null as unknown, wake: (): void => undefined }
  const catchment = createCatchment({ network, seed, startAt, model: demoModel, faults: demoFaults })
  const group = createGrouping(network, seed)

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (state.stopped) return resolve()
      state.wake = resolve
      state.timer = timers.setTimeout(resolve, ms)
    })
  const catchUp = async (): Promise<void> => {
    while (!state.stopped && state.at < now()) {
      const isHistory = now() - state.at > aWhile
      const until = Math.min(now(), nextStep(state.at))
      send(until, { catchment, group, clients })
      if (isHistory) await settled(clients)
      state.at = until
      if (isHistory) await parts.afterStep?.(until)
    }
  }
  const warmUp = async (): Promise<void> => {
    while (!state.stopped && !catchment.warmUp(warmUpSteps)) await pause(0)
  }
  const begin = async (): Promise<void> => {
    await Promise.all([warmUp(), ...[...clients.values()].map((client) => client.connected)])
    await catchUp()
    await settled(clients)
    if (state.stopped) throw new Error('the demo fleet was stopped before its history was sent')
  }
  const live = async (): Promise<void> => {
    let before = now()
    while (!state.stopped) {
      await pause(second)
      loseLines(clients, before, now())
      before = now()
      await catchUp()
    }
  }
  const ready = begin()
  const ended = ready.then(live).catch((error: unknown) => {
    if (!state.stopped) parts.log(`the demo fleet stops: ${error instanceof Error ? error.message : String(error)}`)
  })
  let stopping: Promise<void> | null = null
  return {
    ready,
    figures: () => figuresOf(clients.values()),
    stop() {
      state.stopped = true
      timers.clearTimeout(state.timer)
      state.wake()
      stopping ??= Promise.all([...clients.values()].map((client) => client.stop())).then(() => ended)
      return stopping
    },
  }
}

const nextStep = (at: number): number => (Math.floor((at + 1) / historyStep) + 1) * historyStep

function clientsOf(parts: DemoFleetParts): ReadonlyMap<DeviceId, DeviceClient> {
  const devices = new Map(parts.network.devices.map((device) => [device.id, device]))
  return new Map(
    parts.secrets.flatMap(({ device: id, secret }): [DeviceId, DeviceClient][] => {
      const device = devices.get(id)
      const client = device === undefined ? null : clientFor(device, secret, parts)
      return client === null ? [] : [[id, client]]
    }),
  )
}

/** A client that speaks the device's protocol; null when nobody listens for it. */
function clientFor({ id, protocol, hj212, sl651, stations }: Device, secret: string, parts: DemoFleetParts): DeviceClient | null {
  const { url, field, timers, log, now, network } = parts
  const { loses } = demoHabits.get(id) ?? {}
  const onTrouble = (message: string): void => log(`demo device ${id}: ${message}`)
  if (protocol === 'mqtt') return createDeviceClient({ url, device: id, secret, timers, onTrouble })
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(field?.get(protocol) ?? '') ?? []
  if (port === '') return null
  if (sl651 !== null) {
    const kind = network.stations.find((station) => station.id === stations[0])?.kind ?? 'river'
    const shared = { host, port: Number(port), device: id, timers, now, onTrouble }
    const encoding = demoEncodings.get(id) ?? 'hex'
    return createSl651Station({ ...shared, address: sl651.address, password: parseInt(secret, 16), encoding, stationClass: classOf(kind) })
  }
  if (hj212 === null) return null
  const edition = demoEditions.get(id) ?? '2017'
  const st = systemCodeOf(network, stations)
  return createHj212Station({
    ...{ host, port: Number(port), device: id, mn: hj212.mn, password: secret, edition, st, timers, now, onTrouble },
    ...(loses && { loses: (record) => loses(record, now()) }),
  })
}

const isField = (client: DeviceClient | undefined): client is FieldStation => client !== undefined && 'loseLine' in client

/** Breaks the lines whose turn came between two moments. */
function loseLines(clients: ReadonlyMap<DeviceId, DeviceClient>, from: number, to: number): void {
  for (const [id, { losesLineEveryMs: every = Infinity }] of demoHabits) {
    const client = clients.get(id as DeviceId)
    if (Math.floor(from / every) < Math.floor(to / every) && isField(client)) client.loseLine()
  }
}

interface Sending {
  catchment: Catchment
  group: GroupReadings
  clients: ReadonlyMap<DeviceId, DeviceClient>
}

/** Gives everything up to a moment to the devices. */
function send(at: number, { catchment, group, clients }: Sending): void {
  for (const [device, groups] of group(catchment.advanceTo(at))) clients.get(device)?.send(groups)
}

async function settled(clients: ReadonlyMap<DeviceId, DeviceClient>): Promise<void> {
  await Promise.all([...clients.values()].map((client) => client.settled()))
}

function figuresOf(clients: Iterable<DeviceClient>): DemoFleetFigures {
  const sum = { devices: 0, acknowledged: 0, waiting: 0, dropped: 0 }
  for (const client of clients) {
    const { acknowledged, waiting, dropped } = client.figures()
    sum.devices += 1
    sum.acknowledged += acknowledged
    sum.waiting += waiting
    sum.dropped += dropped
  }
  return sum
}
