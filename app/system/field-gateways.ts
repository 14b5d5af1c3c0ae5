import type { SendCommand } from '../../domain/command.ts'
import type { Device } from '../../domain/network.ts'
import { createHj212Gateway, type Hj212Gateway } from '../../gateways/hj212/gateway.ts'
import { createSl651Gateway, type Sl651Gateway } from '../../gateways/sl651/gateway.ts'
import { identifyOver } from '../credentials.ts'
import { ConfigInvalid } from '../errors.ts'
import { openSm4Keys } from '../sm4-keys.ts'
import type { Foundation } from './foundation.ts'
import { isLoopback, listening } from './listen.ts'
import type { Figure } from './metrics.ts'

/** The field protocols that are listened for. */
export interface FieldGateways {
  /** Protocol -> where it listens, `127.0.0.1:9212`. */
  addresses: ReadonlyMap<Device['protocol'], string>
  /** How a device of a protocol is asked something. */
  send: ReadonlyMap<Device['protocol'], SendCommand>
  figures: Figure[]
}

/** A gateway that listens. */
interface Opened {
  protocol: Device['protocol']
  address: string
  send: SendCommand
  figures: Figure[]
}

/** Opens the gateways that the configuration switches on. Rejects with exit 3 when one may not listen there, with exit 4 when it cannot. */
export async function openFieldGateways(foundation: Foundation): Promise<FieldGateways> {
  const { hj212, sl651 } = foundation.settings.gateways
  const opened: Opened[] = []
  if (hj212.enabled) {
    const gateway = openHj212(foundation)
    const address = await listenOn('hj212', gateway, foundation)
    opened.push({ protocol: 'hj212', address, send: gateway.send, figures: hj212Figures(gateway) })
  }
  if (sl651.enabled) {
    const gateway = openSl651(foundation)
    const address = await listenOn('sl651', gateway, foundation)
    opened.push({ protocol: 'sl651', address, send: gateway.send, figures: sl651Figures(gateway) })
  }
  return {
    addresses: new Map(opened.map(({ protocol, address }) => [protocol, address])),
    send: new Map(opened.map(({ protocol, send }) => [protocol, send])),
    figures: opened.flatMap(({ figures }) => figures),
  }
}

async function listenOn(
  protocol: 'hj212' | 'sl651',
  gateway: { listen(port: number, host: string): Promise<number> },
  foundation: Foundation,
): Promise<string> {
  const { host, port } = foundation.settings.gateways[protocol]
  mayListen(foundation, protocol, host)
  const name = protocol === 'hj212' ? 'HJ 212' : 'SL 651'
  const wanted = foundation.settings.server.port === 0 ? 0 : port
  return `${host}:${await listening(name, host, wanted, () => gateway.listen(wanted, host))}`
}

function openSl651({ settings, journal, credentials, networks, world, log, life }: Foundation): Sl651Gateway {
  const gateway = createSl651Gateway({
    accept: journal.accept,
    identify: identifyOver('sl651', credentials, networks.fleet),
    fleet: networks.fleet,
    config: settings.gateways.sl651,
    now: world.now,
    timers: world.timers,
    onRefused: (refused) => log.debug(refused, 'refused'),
  })
  credentials.onEnded((device) => gateway.kick(device))
  life.onStop('SL 651', () => gateway.close())
  return gateway
}

function sl651Figures(gateway: Sl651Gateway): Figure[] {
  return [
    { name: 'gaugekeeper_sl651_connections', help: 'Open lines of SL 651', read: () => gateway.figures().connections },
    { name: 'gaugekeeper_sl651_stations', help: 'Stations of SL 651 that have logged in', read: () => gateway.figures().stations },
    { name: 'gaugekeeper_sl651_uploads_total', help: 'Uploads of SL 651 kept since start', read: () => gateway.figures().kept },
    {
      name: 'gaugekeeper_sl651_refused_total',
      help: 'What the gateway of SL 651 did not take, by reason',
      read: () => gateway.figures().refused,
      label: 'reason',
    },
  ]
}

function mayListen({ settings }: Foundation, protocol: 'hj212' | 'sl651', host: string): void {
  if (isLoopback(host) || settings.server.plain === 'everywhere') return
  const how = 'set server.plain to everywhere on a network that is your own, and name the addresses of the stations'
  throw new ConfigInvalid([`gateways.${protocol}.host: passwords and readings would pass ${host} unencrypted; ${how}`])
}

function openHj212({ settings, journal, credentials, networks, world, log, life }: Foundation): Hj212Gateway {
  const { hj212: config } = settings.gateways
  const gateway = createHj212Gateway({
    accept: journal.accept,
    identify: identifyOver('hj212', credentials, networks.fleet),
    fleet: networks.fleet,
    config,
    now: world.now,
    timers: world.timers,
    keysOf: openSm4Keys(config.sm4Keys, (message) => log.warn(message)),
    onRefused: (refused) => log.debug(refused, 'refused'),
  })
  credentials.onEnded((device) => gateway.kick(device))
  life.onStop('HJ 212', () => gateway.close())
  return gateway
}

function hj212Figures(gateway: Hj212Gateway): Figure[] {
  return [
    { name: 'gaugekeeper_hj212_connections', help: 'Open connections of HJ 212', read: () => gateway.figures().connections },
    { name: 'gaugekeeper_hj212_stations', help: 'Stations of HJ 212 that have logged in', read: () => gateway.figures().stations },
    { name: 'gaugekeeper_hj212_frames_total', help: 'Frames of HJ 212 kept since start', read: () => gateway.figures().kept },
    {
      name: 'gaugekeeper_hj212_requests_total',
      help: 'Requests to stations of HJ 212 since start',
      read: () => gateway.figures().requests,
    },
    {
      name: 'gaugekeeper_hj212_refused_total',
      help: 'What the gateway of HJ 212 did not take, by reason',
      read: () => gateway.figures().refused,
      label: 'reason',
    },
  ]
}
