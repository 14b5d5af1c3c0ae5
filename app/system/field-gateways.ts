import type { SendCommand } from '../../domain/command.ts'
import type { DeviceId } from '../../domain/ids.ts'
import type { FieldProtocol, Protocol } from '../../domain/network.ts'
import { createHj212Gateway, type Hj212Gateway } from '../../gateways/hj212/gateway.ts'
import type { ReceptionFigures } from '../../gateways/reception.ts'
import { createSl651Gateway, type Sl651Gateway } from '../../gateways/sl651/gateway.ts'
import { createSzy206Gateway, type Szy206Gateway } from '../../gateways/szy206/gateway.ts'
import { identifyOver } from '../identify-over.ts'
import { hj212Password } from '../new-secret.ts'
import { ConfigInvalid } from '../errors.ts'
import { openSm4Keys } from '../sm4-keys.ts'
import type { Foundation } from './foundation.ts'
import { isLoopback, listening } from './listen.ts'
import type { Figure } from './metrics.ts'

/** The field protocols that are listened for. */
export interface FieldGateways {
  /** Protocol -> where it listens, `127.0.0.1:9212`. */
  addresses: ReadonlyMap<Protocol, string>
  /** How a device of a protocol is asked something. */
  send: ReadonlyMap<Protocol, SendCommand>
  figures: Figure[]
}

/** What the program needs of the gateway of any protocol. */
interface Gateway {
  listen(port: number, host: string): Promise<number>
  send: SendCommand
  kick(device: DeviceId): void
  figures(): ReceptionFigures<string>
  close(): Promise<void>
}

/** A gateway, how people call its protocol, and what it keeps in the name of its figure. */
interface Wire {
  protocol: FieldProtocol
  name: string
  keeps: 'frames' | 'uploads'
  gateway: Gateway
  /** Figures beside those of all protocols. */
  more: Figure[]
}

/** A line for each protocol: how its gateway is made. */
const wires: readonly [FieldProtocol, (foundation: Foundation) => Wire][] = [
  ['hj212', hj212Wire],
  ['sl651', sl651Wire],
  ['szy206', szy206Wire],
]

/** Opens the gateways that the configuration switches on. Rejects with exit 3 when one may not listen there, with exit 4 when it cannot. */
export async function openFieldGateways(foundation: Foundation): Promise<FieldGateways> {
  const opened: (Wire & { address: string })[] = []
  for (const [protocol, make] of wires) {
    if (!foundation.settings.gateways[protocol].enabled) continue
    const wire = make(foundation)
    foundation.credentials.onEnded((device) => wire.gateway.kick(device))
    foundation.life.onStop(wire.name, () => wire.gateway.close(), 'door')
    opened.push({ ...wire, address: await listenOn(wire, foundation) })
  }
  return {
    addresses: new Map(opened.map(({ protocol, address }) => [protocol, address])),
    send: new Map(opened.map(({ protocol, gateway }) => [protocol, gateway.send])),
    figures: opened.flatMap(figuresOf),
  }
}

async function listenOn({ protocol, name, gateway }: Wire, foundation: Foundation): Promise<string> {
  const { host, port } = foundation.settings.gateways[protocol]
  mayListen(foundation, protocol, host)
  const wanted = foundation.settings.server.port === 0 ? 0 : port
  return `${host}:${await listening(name, host, wanted, () => gateway.listen(wanted, host))}`
}

function mayListen({ settings }: Foundation, protocol: FieldProtocol, host: string): void {
  if (isLoopback(host) || settings.server.plain === 'everywhere') return
  const how = 'set server.plain to everywhere on a network that is your own, and name the addresses of the stations'
  throw new ConfigInvalid([`gateways.${protocol}.host: passwords and readings would pass ${host} unencrypted; ${how}`])
}

function figuresOf({ protocol, name, keeps, gateway, more }: Wire): Figure[] {
  const prefix = `gaugekeeper_${protocol}`
  const kept = keeps === 'frames' ? 'Frames' : 'Uploads'
  return [
    { name: `${prefix}_connections`, help: `Open connections of ${name}`, read: () => gateway.figures().connections },
    { name: `${prefix}_stations`, help: `Stations of ${name} that have logged in`, read: () => gateway.figures().stations },
    { name: `${prefix}_${keeps}_total`, help: `${kept} of ${name} kept since start`, read: () => gateway.figures().kept },
    ...more,
    {
      name: `${prefix}_refused_total`,
      help: `What the gateway of ${name} did not take, by reason`,
      read: () => gateway.figures().refused,
      label: 'reason',
    },
  ]
}

/** What each gateway is given. */
const sharedParts = ({ journal, networks, world, log }: Foundation) => ({
  accept: journal.accept,
  fleet: networks.fleet,
  now: world.now,
  timers: world.timers,
  onRefused: (refused: object) => log.debug(refused, 'refused'),
})

function hj212Wire(foundation: Foundation): Wire {
  const { settings, credentials, networks, log, world } = foundation
  const { hj212: config } = settings.gateways
  const gateway: Hj212Gateway = createHj212Gateway({
    ...{ ...sharedParts(foundation), config, identify: identifyOver('hj212', credentials, networks.fleet) },
    passwords: {
      make: () => hj212Password(world.randomBytes),
      keep: (device, secret, overlapMs) => credentials.keep([{ device, secret }], overlapMs),
    },
    keysOf: openSm4Keys(config.sm4Keys, (message) => log.warn(message)),
  })
  const requests: Figure = {
    name: 'gaugekeeper_hj212_requests_total',
    help: 'Requests to stations of HJ 212 since start',
    read: () => gateway.figures().requests,
  }
  const odd: Figure = {
    name: 'gaugekeeper_hj212_odd_total',
    help: 'Frames of HJ 212 that were taken although a field is not as the standard has it, by field',
    read: () => gateway.figures().odd,
    label: 'field',
  }
  return { protocol: 'hj212', name: 'HJ 212', keeps: 'frames', gateway, more: [requests, odd] }
}

function sl651Wire(foundation: Foundation): Wire {
  const { settings, credentials, networks } = foundation
  const identify = identifyOver('sl651', credentials, networks.fleet)
  const gateway: Sl651Gateway = createSl651Gateway({ ...sharedParts(foundation), config: settings.gateways.sl651, identify })
  return { protocol: 'sl651', name: 'SL 651', keeps: 'uploads', gateway, more: [] }
}

function szy206Wire(foundation: Foundation): Wire {
  const gateway: Szy206Gateway = createSzy206Gateway({ ...sharedParts(foundation), config: foundation.settings.gateways.szy206 })
  return { protocol: 'szy206', name: 'SZY 206', keeps: 'frames', gateway, more: [] }
}
