import type { Command, CommandResult, SendCommand } from '../../domain/command.ts'
import type { Accept } from '../../domain/delivery.ts'
import type { CurrentFleet, Fleet } from '../../domain/fleet.ts'
import type { Identify } from '../../domain/identity.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Device } from '../../domain/network.ts'
import { parseDuration } from '../../domain/time.ts'
import { createAddressList } from '../addresses.ts'
import { createTcpDoor, type TcpDoor } from '../tcp-door.ts'
import type { Hj212Config } from './config.ts'
import { codeOf } from './fields.ts'
import { writeQn } from './frame.ts'
import { ordersFor } from './orders.ts'
import type { Hj212Refusal, Hj212Refused } from './refusals.ts'
import type { Order, OrderResult, RequestParts } from './requests.ts'
import { Hj212Session, type ConnectedStation } from './session.ts'
import type { Sm4Key } from './sm4.ts'

export interface Hj212Parts {
  /** The journal. Awaited for every frame before it is answered. */
  accept: Accept
  /** Checks the PW of a station, whose login is its device. */
  identify: Identify
  fleet: CurrentFleet
  config: Hj212Config
  now: () => number
  timers: RequestParts['timers']
  /** SM4 keys of a device, newest first; none for most. */
  keysOf: (device: DeviceId) => readonly Sm4Key[]
  onRefused: (refused: Hj212Refused) => void
}

export interface Hj212Figures {
  listening: boolean
  connections: number
  /** Stations that have logged in. */
  stations: number
  /** Frames that were journalled, since start. */
  kept: number
  /** Requests sent to stations, resends not counted. */
  requests: number
  refused: ReadonlyMap<Hj212Refusal, number>
}

/** The gateway of HJ 212: stations connect to it. */
export interface Hj212Gateway {
  /** Port 0 takes a free one. Returns the port. Rejects with GatewayListenFailed. */
  listen(port: number, host: string): Promise<number>
  /** Asks a station what a command means in HJ 212. */
  send: SendCommand
  /** Sends a request of the standard to a station. Never rejects. */
  request(device: DeviceId, order: Order): Promise<OrderResult>
  /** Ends all connections of a station, as after its password was changed. */
  kick(device: DeviceId): void
  figures(): Hj212Figures
  /** Answers what was read, then ends all connections. */
  close(): Promise<void>
}

export function createHj212Gateway(parts: Hj212Parts): Hj212Gateway {
  return new Gateway(parts)
}

class Gateway implements Hj212Gateway {
  readonly #parts: Hj212Parts
  readonly #door: TcpDoor
  readonly #sessions = new Set<Hj212Session>()
  readonly #stations = new Map<DeviceId, ConnectedStation>()
  readonly #refused = new Map<Hj212Refusal, number>()
  #kept = 0
  #requests = 0
  #lastQn = 0
  #fleet: Fleet | null = null
  #byMn: ReadonlyMap<string, Device> = new Map()
  #addresses = new WeakMap<Device, (address: string) => boolean>()

  constructor(parts: Hj212Parts) {
    const { config } = parts
    this.#parts = parts
    this.#door = createTcpDoor({
      name: 'HJ 212',
      maxConnections: config.maxConnections,
      maxStrangers: config.maxStrangers,
      loginWithinMs: msOf(config.loginWithin),
      idleMs: msOf(config.idle),
      serve: (visitor) => this.#sessions.add(this.#session(visitor)),
      onRefused: (reason, address) => this.#refuse({ reason, address, mn: null, detail: '' }),
    })
  }

  #session(visitor: ConstructorParameters<typeof Hj212Session>[0]): Hj212Session {
    const { accept, identify, now, timers, config, keysOf } = this.#parts
    const session: Hj212Session = new Hj212Session(visitor, {
      ...{ accept, identify, now, timers },
      deviceOf: (mn) => this.#deviceOf(mn),
      mayComeFrom: (device, address) => this.#mayComeFrom(device, address),
      keysOf: (device) => keysOf(device.id),
      nextQn: () => this.#nextQn(),
      maxInFlight: config.maxInFlight,
      passwordTries: config.passwordTries,
      frameWithinMs: msOf(config.frameWithin),
      splitWithinMs: msOf(config.splitWithin),
      overTimeMs: msOf(config.overTime),
      executeWithinMs: msOf(config.executeWithin),
      resends: config.resends,
      answersHeartbeats: config.heartbeat,
      refuse: (reason, detail, mn) => this.#refuse({ reason, detail, mn, address: visitor.address }),
      onKept: () => this.#kept++,
      onLogin: (station) => this.#loggedIn(station),
      onEnd: (stations) => {
        this.#sessions.delete(session)
        for (const station of stations) if (this.#stations.get(station.device.id) === station) this.#stations.delete(station.device.id)
      },
    })
    return session
  }

  /** The newest connection of a station is the one that it listens on. The older one may be half open; it is not cut, its idle time is. */
  #loggedIn(station: ConnectedStation): void {
    this.#stations.set(station.device.id, station)
  }

  #deviceOf(mn: string): Device | null {
    const fleet = this.#parts.fleet()
    if (fleet !== this.#fleet) {
      this.#fleet = fleet
      this.#byMn = new Map([...fleet.devices.values()].flatMap((device) => (device.hj212 === null ? [] : [[device.hj212.mn, device]])))
    }
    return this.#byMn.get(mn) ?? null
  }

  #mayComeFrom(device: Device, address: string): boolean {
    const known = this.#addresses.get(device) ?? createAddressList(device.addresses)
    this.#addresses.set(device, known)
    return known(address)
  }

  /** The time, moved on where two requests share a ms. */
  #nextQn(): string {
    this.#lastQn = Math.max(this.#parts.now(), this.#lastQn + 1)
    return writeQn(this.#lastQn)
  }

  #refuse(refused: Hj212Refused): void {
    this.#refused.set(refused.reason, (this.#refused.get(refused.reason) ?? 0) + 1)
    this.#parts.onRefused({ ...refused, mn: refused.mn?.slice(0, 60) ?? null, detail: refused.detail.slice(0, 200) })
  }

  listen(port: number, host: string): Promise<number> {
    return this.#door.listen(port, host)
  }

  readonly send: SendCommand = async (device, command) => {
    const orders = ordersFor(command, { now: this.#parts.now(), codes: this.#codesOf(device) })
    if (typeof orders === 'string') return { outcome: 'unsupported', detail: orders }
    return this.#carryOut(device, command, orders)
  }

  /** One order after the other, until one is not done. */
  async #carryOut(device: DeviceId, { kind }: Command, orders: readonly Order[]): Promise<CommandResult> {
    let frames = 0
    for (const order of orders) {
      const { outcome, detail, areas } = await this.request(device, order)
      frames += areas.length
      if (outcome !== 'done') return { outcome, detail: `CN ${order.cn}: ${detail}` }
    }
    return { outcome: 'done', detail: kind === 'resend' ? `${frames} frames came` : 'carried out' }
  }

  #codesOf(id: DeviceId): string[] {
    const fleet = this.#parts.fleet()
    const sensors = (fleet.devices.get(id)?.stations ?? []).flatMap((station) => fleet.stations.get(station)?.sensors ?? [])
    return [...new Set(sensors.flatMap(({ parameter }) => codeOf(parameter.key, '2017') ?? []))]
  }

  async request(device: DeviceId, order: Order): Promise<OrderResult> {
    const station = this.#stations.get(device)
    if (station === undefined) return { outcome: 'unreachable', detail: 'the station is not connected', areas: [] }
    this.#requests++
    return station.requests.ask(order)
  }

  kick(device: DeviceId): void {
    for (const session of this.#sessions) if (session.serves(device)) session.disconnect()
  }

  figures(): Hj212Figures {
    return {
      listening: this.#door.listening(),
      connections: this.#door.connections(),
      stations: this.#stations.size,
      kept: this.#kept,
      requests: this.#requests,
      refused: this.#refused,
    }
  }

  async close(): Promise<void> {
    await this.#door.shut()
    await Promise.all([...this.#sessions].map((session) => session.drain()))
    await this.#door.close()
  }
}

function msOf(duration: string): number {
  const ms = parseDuration(duration)
  if (ms === null) throw new RangeError(`opening the gateway of HJ 212: "${duration}" is not a length of time; write it like 5s`)
  return ms
}
