import { timingSafeEqual } from 'node:crypto'
import type { Command, CommandResult, SendCommand } from '../../domain/command.ts'
import type { Accept } from '../../domain/delivery.ts'
import type { CurrentFleet } from '../../domain/fleet.ts'
import type { Identify } from '../../domain/identity.ts'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import type { Link, PeerSession, Timers } from '../line.ts'
import { Reception, type Hosting, type ReceptionFigures } from '../reception.ts'
import type { Refused } from '../refusals.ts'
import { msOf } from '../settings.ts'
import type { Hj212Config } from './config.ts'
import { codeOf } from './fields.ts'
import { writeQn } from './frame.ts'
import { ordersFor } from './orders.ts'
import type { Oddity } from './oddities.ts'
import type { Hj212Refusal } from './refusals.ts'
import type { Order, OrderResult } from './requests.ts'
import { openHj212Session, type ConnectedStation } from './session.ts'
import type { Sm4Key } from './sm4.ts'

export interface Hj212Parts {
  /** The journal. Awaited for every frame before it is answered. */
  accept: Accept
  /** Checks the PW of a station, whose login is its device. */
  identify: Identify
  fleet: CurrentFleet
  config: Hj212Config
  now: () => number
  timers: Timers
  /** A password that nobody has, for 1072, and what keeps it; the one before stays good for `overlapMs`, or until a little after the new one is used. */
  passwords: { make: () => string; keep: (device: DeviceId, password: string, overlapMs: number) => Promise<void> }
  /** SM4 keys of a device, newest first; none for most. */
  keysOf: (device: DeviceId) => readonly Sm4Key[]
  onRefused: (refused: Refused<Hj212Refusal>) => void
}

export interface Hj212Figures extends ReceptionFigures<Hj212Refusal> {
  /** Requests sent to stations, resends not counted. */
  requests: number
  /** Frames that were taken although something about them is odd. */
  odd: ReadonlyMap<Oddity, number>
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

/** How long the password before stays good: frames are under way, or (where it is not known which one the station has) until the other comes. */
const [overlapMs, unknownMs] = [3_600_000, 365 * 86_400_000]
const away = { outcome: 'unreachable', detail: 'the station is not connected' } as const
/** Compared in constant time; what is not there is like nothing. */
function isSame(password: string | undefined, given: Uint8Array): boolean {
  const expected = Buffer.from(password ?? '')
  return password !== undefined && expected.length === given.length && timingSafeEqual(expected, given)
}

/** Data areas of an answer as a part of a sentence. */
const shown = (areas: readonly string[]): string => areas.join(' | ').slice(0, 400)

export function createHj212Gateway(parts: Hj212Parts): Hj212Gateway {
  return new Gateway(parts)
}

class Gateway implements Hj212Gateway {
  readonly #parts: Hj212Parts
  readonly #reception: Reception<Hj212Refusal, ConnectedStation>
  /** Passwords that stations are being told (1072): their answers may carry them already. */
  readonly #told = new Map<DeviceId, string>()
  readonly #odd = new Map<Oddity, number>()
  #requests = 0
  #lastQn = 0

  constructor(parts: Hj212Parts) {
    const { fleet, config, now, timers, onRefused } = parts
    this.#parts = parts
    this.#reception = new Reception<Hj212Refusal, ConnectedStation>({
      ...{ name: 'HJ 212', fleet, config, now, timers, onRefused },
      senderOf: ({ hj212 }) => hj212?.mn ?? null,
      open: (link, hosting) => this.#session(link, hosting),
    })
  }

  #session(link: Link, hosting: Hosting<Hj212Refusal, ConnectedStation>): PeerSession {
    const { accept, now, timers, config, keysOf } = this.#parts
    return openHj212Session(link, {
      ...{ ...hosting, accept, identify: this.#identify, now, timers },
      keysOf: (device) => keysOf(device.id),
      note: (what) => void this.#odd.set(what, (this.#odd.get(what) ?? 0) + 1),
      nextQn: () => this.#nextQn(),
      splitWithinMs: msOf(config.splitWithin),
      overTimeMs: msOf(config.overTime),
      executeWithinMs: msOf(config.executeWithin),
      resends: config.resends,
      answersHeartbeats: config.heartbeat,
    })
  }

  readonly #identify: Identify = async (name, secret) => {
    const known = await this.#parts.identify(name, secret)
    const device = deviceId(name)
    if (known !== null || !isSame(this.#told.get(device), secret)) return known
    return { role: 'device', device, run: this.#parts.fleet().devices.get(device)?.run ?? null }
  }

  /** The time, moved on where two requests share a ms. */
  #nextQn(): string {
    this.#lastQn = Math.max(this.#parts.now(), this.#lastQn + 1)
    return writeQn(this.#lastQn)
  }

  listen(port: number, host: string): Promise<number> {
    return this.#reception.listen(port, host)
  }

  readonly send: SendCommand = async (device, command) => {
    if (command.kind === 'request' && command.code === '1072') return this.#changePassword(device)
    const orders = ordersFor(command, { now: this.#parts.now(), codes: this.#codesOf(device) })
    if (typeof orders === 'string') return { outcome: 'unsupported', detail: orders }
    return this.#carryOut(device, command, orders)
  }

  /** One order after the other, until one is not done. */
  async #carryOut(device: DeviceId, { kind }: Command, orders: readonly Order[]): Promise<CommandResult> {
    const came: string[] = []
    for (const order of orders) {
      const { outcome, detail, areas } = await this.request(device, order)
      came.push(...areas)
      if (outcome !== 'done') return { outcome, detail: `CN ${order.cn}: ${detail}` }
    }
    if (kind === 'resend') return { outcome: 'done', detail: `${came.length} frames came` }
    return { outcome: 'done', detail: kind === 'request' && came.length > 0 ? `carried out; it sent ${shown(came)}` : 'carried out' }
  }

  /**
   * The password is made here and shown to nobody. Where no answer came it is not known which of the two the station has: both are good until the
   * new one is used.
   */
  async #changePassword(device: DeviceId): Promise<CommandResult> {
    const { make, keep } = this.#parts.passwords
    if (this.#reception.station(device) === null) return away
    if (this.#told.has(device)) return { outcome: 'refused', detail: 'its password is being changed already' }
    const password = make()
    this.#told.set(device, password)
    const { outcome, detail } = await this.request(device, { cn: '1072', area: `NewPW=${password}` })
    try {
      if (outcome !== 'refused' && outcome !== 'busy') await keep(device, password, outcome === 'done' ? overlapMs : unknownMs)
    } finally {
      this.#told.delete(device)
    }
    return { outcome, detail: outcome === 'done' ? 'carried out; the station has a password that nobody else knows' : `CN 1072: ${detail}` }
  }

  #codesOf(id: DeviceId): string[] {
    const fleet = this.#parts.fleet()
    const sensors = (fleet.devices.get(id)?.stations ?? []).flatMap((station) => fleet.stations.get(station)?.sensors ?? [])
    return [...new Set(sensors.flatMap(({ parameter }) => codeOf(parameter.key, '2017') ?? []))]
  }

  async request(device: DeviceId, order: Order): Promise<OrderResult> {
    const station = this.#reception.station(device)
    if (station === null) return { ...away, areas: [] }
    this.#requests++
    return station.requests.ask(order)
  }

  kick(device: DeviceId): void {
    this.#reception.kick(device)
  }

  figures(): Hj212Figures {
    return { ...this.#reception.figures(), requests: this.#requests, odd: this.#odd }
  }

  async close(): Promise<void> {
    await this.#reception.drain()
    await this.#reception.close()
  }
}
