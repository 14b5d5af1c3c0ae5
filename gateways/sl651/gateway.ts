import type { SendCommand } from '../../domain/command.ts'
import type { Accept } from '../../domain/delivery.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { Identify } from '../../domain/identity.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { Link, PeerSession, Timers } from '../line.ts'
import { Reception, type Hosting, type ReceptionFigures } from '../reception.ts'
import type { Refused } from '../refusals.ts'
import { msOf } from '../settings.ts'
import type { Sl651Config } from './config.ts'
import { elementOf, elements, special } from './fields.ts'
import { digits } from './frame.ts'
import type { Sl651Refusal } from './refusals.ts'
import { ordersFor, type OrderContext } from './requests.ts'
import { openSl651Session, type ConnectedStation } from './session.ts'
import { createUdpDoor, type UdpDoor } from './udp-door.ts'

export interface Sl651Parts {
  /** The journal. Awaited for every upload before it is confirmed. */
  accept: Accept
  /** Checks the password of a station (four HEX digits in capitals), whose login is its device. */
  identify: Identify
  fleet: CurrentFleet
  config: Sl651Config
  now: () => number
  timers: Timers
  onRefused: (refused: Refused<Sl651Refusal>) => void
}

/** The gateway of SL 651: stations connect to it. */
export interface Sl651Gateway {
  /** Port 0 takes a free one, for UDP the same. Returns the port. Rejects with GatewayListenFailed. */
  listen(port: number, host: string): Promise<number>
  /** Asks a station what a command means in SL 651. */
  send: SendCommand
  /** Ends all lines of a station, as after its password was changed. */
  kick(device: DeviceId): void
  /** Connections are open lines, TCP and UDP. */
  figures(): ReceptionFigures<Sl651Refusal>
  /** Confirms what was read, then ends all lines. */
  close(): Promise<void>
}

export function createSl651Gateway(parts: Sl651Parts): Sl651Gateway {
  return new Gateway(parts)
}

/** Bytes of unfinished uploads that all lines together may keep. */
const mostUnfinished = 67_108_864

class Gateway implements Sl651Gateway {
  readonly #parts: Sl651Parts
  readonly #reception: Reception<Sl651Refusal, ConnectedStation>
  readonly #datagrams: UdpDoor | null
  readonly #budget = { bytes: mostUnfinished }

  constructor(parts: Sl651Parts) {
    const { fleet, config, now, timers, onRefused } = parts
    this.#parts = parts
    const reception = new Reception<Sl651Refusal, ConnectedStation>({
      ...{ name: 'SL 651', fleet, config, now, timers, onRefused },
      senderOf: ({ sl651 }) => sl651?.address ?? null,
      open: (link, hosting) => this.#session(link, hosting),
    })
    this.#reception = reception
    const bounds = { maxPeers: config.maxConnections, loginWithinMs: msOf(config.loginWithin), idleMs: msOf(config.idle) }
    this.#datagrams = config.udp
      ? createUdpDoor({
          ...{ ...bounds, now },
          serve: (link) => reception.serve(link),
          onRefused: (reason, address) => reception.refuse({ reason, address, sender: null, detail: '' }),
        })
      : null
  }

  #session(link: Link, hosting: Hosting<Sl651Refusal, ConnectedStation>): PeerSession {
    const { accept, identify, now, timers, config } = this.#parts
    return openSl651Session(link, {
      ...{ ...hosting, accept, identify, now, timers, budget: this.#budget },
      maxUploadBytes: config.maxUploadBytes,
      packetWithinMs: msOf(config.packetWithin),
      answerWithinMs: msOf(config.answerWithin),
    })
  }

  async listen(port: number, host: string): Promise<number> {
    const taken = await this.#reception.listen(port, host)
    await this.#datagrams?.listen(taken, host)
    return taken
  }

  /** One request after the other, until one is not done. */
  readonly send: SendCommand = async (device, command) => {
    const orders = ordersFor(command, this.#contextOf(device))
    if (typeof orders === 'string') return { outcome: 'unsupported', detail: orders }
    let said = ''
    for (const order of orders) {
      const station = this.#reception.station(device)
      if (station === null) return { outcome: 'unreachable', detail: 'the station is not connected' }
      const { outcome, detail } = await station.requests.ask(order)
      if (outcome !== 'done') return { outcome, detail }
      said = detail
    }
    if (command.kind === 'request') return { outcome: 'done', detail: said }
    const asked = orders.map(({ code }) => `${digits(code, 2)}H`)
    return { outcome: 'done', detail: `${orders.length} requests (${[...new Set(asked)].join(', ')}) were answered` }
  }

  #contextOf(id: DeviceId): OrderContext {
    const fleet = this.#parts.fleet()
    const device = fleet.devices.get(id)
    const sensors = (device?.stations ?? []).flatMap((station) => fleet.stations.get(station)?.sensors ?? [])
    const ids = new Set(sensors.flatMap(({ parameter, number }) => elementOf(parameter.key, number) ?? []))
    const measured = [...ids].map((element) => ({ id: element, definition: definitionOf(element) }))
    return { elements: measured, periodQuery: device?.sl651?.periodQuery ?? null, settings: device?.sl651?.settings === true }
  }

  kick(device: DeviceId): void {
    this.#reception.kick(device)
  }

  figures(): ReceptionFigures<Sl651Refusal> {
    const figures = this.#reception.figures()
    return { ...figures, connections: figures.connections + (this.#datagrams?.peers() ?? 0) }
  }

  async close(): Promise<void> {
    await this.#reception.drain()
    this.#datagrams?.close()
    await this.#reception.close()
  }
}

/** Twelve bytes, 5-minute amounts of rain (F460), or the table's. */
const definitionOf = (id: number): number => (id === special.rain5min ? 0x60 : (elements.get(id)?.definition ?? 0))
