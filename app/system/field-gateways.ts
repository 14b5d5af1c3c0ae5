import type { SendCommand } from '../../domain/command.ts'
import type { Device } from '../../domain/network.ts'
import { createHj212Gateway, type Hj212Gateway } from '../../gateways/hj212/gateway.ts'
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

/** Opens the gateways that the configuration switches on. Rejects with exit 3 when one may not listen there, with exit 4 when it cannot. */
export async function openFieldGateways(foundation: Foundation): Promise<FieldGateways> {
  const { hj212: config } = foundation.settings.gateways
  if (!config.enabled) return { addresses: new Map(), send: new Map(), figures: [] }
  mayListen(foundation, config.host)
  const gateway = openHj212(foundation)
  const wanted = foundation.settings.server.port === 0 ? 0 : config.port
  const port = await listening('HJ 212', config.host, wanted, () => gateway.listen(wanted, config.host))
  return {
    addresses: new Map([['hj212', `${config.host}:${port}`]]),
    send: new Map([['hj212', gateway.send]]),
    figures: hj212Figures(gateway),
  }
}

function mayListen({ settings }: Foundation, host: string): void {
  if (isLoopback(host) || settings.server.plain === 'everywhere') return
  const how = 'set server.plain to everywhere on a network that is your own, and name the addresses of the stations'
  throw new ConfigInvalid([`gateways.hj212.host: passwords and readings would pass ${host} unencrypted; ${how}`])
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
