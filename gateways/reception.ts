import type { CurrentFleet, Fleet } from '../domain/fleet.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { Device } from '../domain/network.ts'
import { createAddressList } from './addresses.ts'
import { attach, type ConnectedStation, type LineParts, type Link, type PeerSession } from './line.ts'
import { LoginTurns, type LoginTurnsParts } from './login-turns.ts'
import type { LineRefusal, Refused } from './refusals.ts'
import { msOf } from './settings.ts'
import { createTcpDoor, type TcpDoor } from './tcp-door.ts'

/** What a gateway tells each of its sessions. */
export type Hosting<Reason extends string, Station extends ConnectedStation> = Pick<
  LineParts<Reason, Station>,
  'deviceOf' | 'mayComeFrom' | 'maxInFlight' | 'passwordTries' | 'loginTurns' | 'frameWithinMs' | 'refuse' | 'onKept' | 'onLogin' | 'onEnd'
>

export interface ReceptionParts<Reason extends string, Station extends ConnectedStation> extends Pick<LoginTurnsParts, 'now' | 'timers'> {
  /** The protocol, as people say it: `HJ 212`. */
  name: string
  fleet: CurrentFleet
  /** What frames call a device; null for one of another protocol. */
  senderOf: (device: Device) => string | null
  config: Record<'maxConnections' | 'maxStrangers' | 'maxInFlight' | 'passwordTries', number> &
    Record<'loginWithin' | 'idle' | 'frameWithin', string>
  open: (link: Link, hosting: Hosting<Reason, Station>) => PeerSession
  onRefused: (refused: Refused<Reason | LineRefusal>) => void
}

export interface ReceptionFigures<Reason extends string> {
  listening: boolean
  /** Open connections. */
  connections: number
  /** Stations that have logged in. */
  stations: number
  /** Messages that were journalled, since start. */
  kept: number
  refused: ReadonlyMap<Reason | LineRefusal, number>
}

/** Where the stations of a protocol come in: connections, their sessions, who is logged in, what was refused. */
export class Reception<Reason extends string, Station extends ConnectedStation> {
  readonly #parts: ReceptionParts<Reason, Station>
  readonly #door: TcpDoor
  readonly #loginTurns: LoginTurns
  readonly #sessions = new Set<PeerSession>()
  readonly #stations = new Map<DeviceId, Station>()
  readonly #refused = new Map<Reason | LineRefusal, number>()
  #kept = 0
  #fleet: Fleet | null = null
  #bySender: ReadonlyMap<string, Device> = new Map()
  #addresses = new WeakMap<Device, (address: string) => boolean>()

  constructor(parts: ReceptionParts<Reason, Station>) {
    const { name, config } = parts
    this.#parts = parts
    this.#loginTurns = new LoginTurns({ ...parts, wrongLogins: config.passwordTries })
    this.#door = createTcpDoor({
      ...{ name, maxConnections: config.maxConnections, maxStrangers: config.maxStrangers },
      loginWithinMs: msOf(config.loginWithin),
      idleMs: msOf(config.idle),
      serve: (visitor) =>
        attach(
          visitor,
          (link) => this.serve(link),
          () => this.refuse({ reason: 'not-draining', address: visitor.address, sender: null, detail: '' }),
        ),
      onRefused: (reason, address) => this.refuse({ reason, address, sender: null, detail: '' }),
    })
  }

  /** Opens a session on a line. */
  serve(link: Link): PeerSession {
    const { open, config } = this.#parts
    const session: PeerSession = open(link, {
      deviceOf: (sender) => this.#deviceOf(sender),
      mayComeFrom: (device, address) => this.#mayComeFrom(device, address),
      maxInFlight: config.maxInFlight,
      passwordTries: config.passwordTries,
      loginTurns: this.#loginTurns,
      frameWithinMs: msOf(config.frameWithin),
      refuse: (reason, detail, sender) => this.refuse({ reason, detail, sender, address: link.address }),
      onKept: () => this.#kept++,
      // The newest line of a station is the one that it listens on. The older one may be half open; it is not cut, its idle time is.
      onLogin: (station) => void this.#stations.set(station.device.id, station),
      onEnd: (stations) => {
        this.#sessions.delete(session)
        for (const station of stations) if (this.#stations.get(station.device.id) === station) this.#stations.delete(station.device.id)
      },
    })
    this.#sessions.add(session)
    return session
  }

  refuse(refused: Refused<Reason | LineRefusal>): void {
    this.#refused.set(refused.reason, (this.#refused.get(refused.reason) ?? 0) + 1)
    this.#parts.onRefused({ ...refused, sender: refused.sender?.slice(0, 60) ?? null, detail: refused.detail.slice(0, 200) })
  }

  /** Port 0 takes a free one. Returns the port. Rejects with GatewayListenFailed. */
  listen(port: number, host: string): Promise<number> {
    return this.#door.listen(port, host)
  }

  /** Null when the device has no open line. */
  station(device: DeviceId): Station | null {
    return this.#stations.get(device) ?? null
  }

  /** Ends all lines of a station, as after its password was changed. */
  kick(device: DeviceId): void {
    for (const session of this.#sessions) if (session.serves(device)) session.disconnect()
  }

  figures(): ReceptionFigures<Reason> {
    return {
      listening: this.#door.listening(),
      connections: this.#door.connections(),
      stations: this.#stations.size,
      kept: this.#kept,
      refused: this.#refused,
    }
  }

  /** Takes no more connections; answers what was read. */
  async drain(): Promise<void> {
    await this.#door.shut()
    await Promise.all([...this.#sessions].map((session) => session.drain()))
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#door.close()
  }

  #deviceOf(sender: string): Device | null {
    const { fleet, senderOf } = this.#parts
    const current = fleet()
    if (current !== this.#fleet) {
      this.#fleet = current
      const named = [...current.devices.values()].map((device) => [senderOf(device), device] as const)
      this.#bySender = new Map(named.flatMap(([name, device]) => (name === null ? [] : [[name, device]])))
    }
    return this.#bySender.get(sender) ?? null
  }

  #mayComeFrom(device: Device, address: string): boolean {
    const known = this.#addresses.get(device) ?? createAddressList(device.addresses)
    this.#addresses.set(device, known)
    return known(address)
  }
}
