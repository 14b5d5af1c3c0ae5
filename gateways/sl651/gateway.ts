import type { SendCommand } from '../../domain/command.ts'
import type { Accept } from '../../domain/delivery.ts'
import type { CurrentFleet, Fleet } from '../../domain/fleet.ts'
import type { Identify } from '../../domain/identity.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Device } from '../../domain/network.ts'
import { parseDuration } from '../../domain/time.ts'
import { createAddressList } from '../addresses.ts'
import { createTcpDoor, type TcpDoor, type Visitor } from '../tcp-door.ts'
import type { Sl651Config } from './config.ts'
import { elementOf, elements, special } from './fields.ts'
import { digits } from './frame.ts'
import type { Sl651Refusal, Sl651Refused } from './refusals.ts'
import { ordersFor, type OrderContext, type RequestParts } from './requests.ts'
import { Sl651Session, type ConnectedStation, type Link } from './session.ts'
import { createUdpDoor, type UdpDoor } from './udp-door.ts'

export interface Sl651Parts {
  /** The journal. Awaited for every upload before it is confirmed. */
  accept: Accept
  /** Checks the password of a station (four HEX digits in capitals), whose login is its device. */
  identify: Identify
  fleet: CurrentFleet
  config: Sl651Config
  now: () => number
  timers: RequestParts['timers']
  onRefused: (refused: Sl651Refused) => void
}

export interface Sl651Figures {
  listening: boolean
  /** Open lines, TCP and UDP. */
  connections: number
  /** Stations that have logged in. */
  stations: number
  /** Uploads that were journalled, since start. */
  kept: number
  refused: ReadonlyMap<Sl651Refusal, number>
}

/** The gateway of SL 651: stations connect to it. */
export interface Sl651Gateway {
  /** Port 0 takes a free one, for UDP the same. Returns the port. Rejects with GatewayListenFailed. */
  listen(port: number, host: string): Promise<number>
  /** Asks a station what a command means in SL 651. */
  send: SendCommand
  /** Ends the line of a station, as after its password was changed. */
  kick(device: DeviceId): void
  figures(): Sl651Figures
  /** Confirms what was read, then ends all lines. */
  close(): Promise<void>
}

export function createSl651Gateway(parts: Sl651Parts): Sl651Gateway {
  return new Gateway(parts)
}

/** Bytes of unfinished uploads that all lines together may keep. */
const mostUnfinished = 67_108_864
/** Bytes that wait for a station to take them. */
const mostUnsent = 65_536

class Gateway implements Sl651Gateway {
  readonly #parts: Sl651Parts
  readonly #door: TcpDoor
  readonly #datagrams: UdpDoor | null
  readonly #sessions = new Set<Sl651Session>()
  readonly #stations = new Map<DeviceId, ConnectedStation>()
  readonly #refused = new Map<Sl651Refusal, number>()
  readonly #budget = { bytes: mostUnfinished }
  #kept = 0
  #fleet: Fleet | null = null
  #byAddress: ReadonlyMap<string, Device> = new Map()
  #addresses = new WeakMap<Device, (address: string) => boolean>()

  constructor(parts: Sl651Parts) {
    const { config, now } = parts
    this.#parts = parts
    const bounds = { loginWithinMs: msOf(config.loginWithin), idleMs: msOf(config.idle) }
    const onRefused = (reason: Sl651Refusal, address: string): void => this.#refuse({ reason, address, station: null, detail: '' })
    this.#door = createTcpDoor({
      ...{ name: 'SL 651', maxConnections: config.maxConnections, maxStrangers: config.maxStrangers, ...bounds, onRefused },
      serve: (visitor) => this.#serve(visitor),
    })
    const serve = (link: Link): Sl651Session => this.#open(link)
    this.#datagrams = config.udp ? createUdpDoor({ maxPeers: config.maxConnections, ...bounds, now, serve, onRefused }) : null
  }

  #serve({ wire, address, known }: Visitor): void {
    const session = this.#open({
      address,
      known,
      send: (bytes) => {
        if (wire.writableLength <= mostUnsent) return void wire.write(bytes)
        this.#refuse({ reason: 'not-draining', address, station: null, detail: '' })
        wire.destroy()
      },
      end: () => wire.destroy(),
      hold: () => wire.pause(),
      resume: () => wire.resume(),
    })
    wire.on('data', (chunk: Buffer) => session.read(chunk))
    wire.once('close', () => session.end())
  }

  #open(link: Link): Sl651Session {
    const { accept, identify, now, timers, config } = this.#parts
    const session: Sl651Session = new Sl651Session(link, {
      ...{ accept, identify, now, timers, budget: this.#budget },
      deviceOf: (station) => this.#deviceOf(station),
      mayComeFrom: (device, address) => this.#mayComeFrom(device, address),
      maxInFlight: config.maxInFlight,
      maxUploadBytes: config.maxUploadBytes,
      passwordTries: config.passwordTries,
      frameWithinMs: msOf(config.frameWithin),
      packetWithinMs: msOf(config.packetWithin),
      answerWithinMs: msOf(config.answerWithin),
      refuse: (reason, detail, station) => this.#refuse({ reason, detail, station, address: link.address }),
      onKept: () => this.#kept++,
      onLogin: (station) => void this.#stations.set(station.device.id, station),
      onEnd: (stations) => {
        this.#sessions.delete(session)
        for (const station of stations) if (this.#stations.get(station.device.id) === station) this.#stations.delete(station.device.id)
      },
    })
    this.#sessions.add(session)
    return session
  }

  #deviceOf(station: string): Device | null {
    const fleet = this.#parts.fleet()
    if (fleet !== this.#fleet) {
      this.#fleet = fleet
      this.#byAddress = new Map(
        [...fleet.devices.values()].flatMap((device) => (device.sl651 === null ? [] : [[device.sl651.address, device]])),
      )
    }
    return this.#byAddress.get(station) ?? null
  }

  #mayComeFrom(device: Device, address: string): boolean {
    const known = this.#addresses.get(device) ?? createAddressList(device.addresses)
    this.#addresses.set(device, known)
    return known(address)
  }

  #refuse(refused: Sl651Refused): void {
    this.#refused.set(refused.reason, (this.#refused.get(refused.reason) ?? 0) + 1)
    this.#parts.onRefused({ ...refused, detail: refused.detail.slice(0, 200) })
  }

  async listen(port: number, host: string): Promise<number> {
    const taken = await this.#door.listen(port, host)
    await this.#datagrams?.listen(taken, host)
    return taken
  }

  /** One request after the other, until one is not done. */
  readonly send: SendCommand = async (device, command) => {
    const orders = ordersFor(command, this.#contextOf(device))
    if (typeof orders === 'string') return { outcome: 'unsupported', detail: orders }
    for (const order of orders) {
      const station = this.#stations.get(device)
      if (station === undefined) return { outcome: 'unreachable', detail: 'the station is not connected' }
      const { outcome, detail } = await station.requests.ask(order)
      if (outcome !== 'done') return { outcome, detail }
    }
    const asked = orders.map(({ code }) => `${digits(code, 2)}H`)
    return { outcome: 'done', detail: `${orders.length} requests (${[...new Set(asked)].join(', ')}) were answered` }
  }

  #contextOf(id: DeviceId): OrderContext {
    const fleet = this.#parts.fleet()
    const device = fleet.devices.get(id)
    const sensors = (device?.stations ?? []).flatMap((station) => fleet.stations.get(station)?.sensors ?? [])
    const ids = new Set(sensors.flatMap(({ parameter, number }) => elementOf(parameter.key, number) ?? []))
    const measured = [...ids].map((element) => ({ id: element, definition: definitionOf(element) }))
    return { elements: measured, periodQuery: device?.sl651?.periodQuery ?? null }
  }

  kick(device: DeviceId): void {
    this.#stations.get(device)?.disconnect()
  }

  figures(): Sl651Figures {
    return {
      listening: this.#door.listening(),
      connections: this.#door.connections() + (this.#datagrams?.peers() ?? 0),
      stations: this.#stations.size,
      kept: this.#kept,
      refused: this.#refused,
    }
  }

  async close(): Promise<void> {
    await this.#door.shut()
    await Promise.all([...this.#sessions].map((session) => session.drain()))
    this.#datagrams?.close()
    await this.#door.close()
  }
}

/** Twelve bytes, 5-minute amounts of rain (F460), or the table's. */
const definitionOf = (id: number): number => (id === special.rain5min ? 0x60 : (elements.get(id)?.definition ?? 0))

function msOf(duration: string): number {
  const ms = parseDuration(duration)
  if (ms === null) throw new RangeError(`opening the gateway of SL 651: "${duration}" is not a length of time; write it like 5s`)
  return ms
}
