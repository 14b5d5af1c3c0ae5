import path from 'node:path'
import { actorOf } from '../../api/keys.ts'
import { createBroker } from '../../broker/broker.ts'
import type { Broker } from '../../broker/port.ts'
import { deviceId } from '../../domain/ids.ts'
import { identifyOver } from '../identify-over.ts'
import { CommandError } from '../errors.ts'
import { identifyAmong, identifyPrograms } from '../programs.ts'
import type { Commands } from './commands.ts'
import { openFieldGateways, type FieldGateways } from './field-gateways.ts'
import type { Foundation } from './foundation.ts'
import { isLoopback, listening } from './listen.ts'

/** Where devices come in. */
export interface DeviceDoors {
  mqtt: string
  broker: Broker
  field: FieldGateways
}

/**
 * Opens MQTT and the field protocols: from here on readings are kept in the journal and acknowledged, whatever else is still to be started.
 * Rejects with exit 3 when it may not listen there yet, and with exit 4 when it cannot.
 */
export async function openDeviceDoors(foundation: Foundation, commands: Pick<Commands, 'reply'>): Promise<DeviceDoors> {
  const { host, mqttPort } = foundation.settings.server
  await mayListen(foundation)
  const broker = await openBroker(foundation, commands)
  const port = await listening('MQTT', host, mqttPort, () => broker.listenTcp(mqttPort, host))
  return { mqtt: `mqtt://${shownHost(host)}:${port}`, broker, field: await openFieldGateways(foundation) }
}

/** A host as an address of it is shown: all addresses of this machine are reached by its name. */
export const shownHost = (host: string): string => (host === '0.0.0.0' || host === '::' ? 'localhost' : host)

async function mayListen({ people, settings: { server, tls } }: Foundation): Promise<void> {
  const host = [server.host, ...(tls.enabled ? [tls.host] : [])].find((one) => !isLoopback(one))
  if (host === undefined) return
  if (await people.passwordSet()) return
  const how = 'change it at the console on this machine, or pipe a password into `gaugekeeper users password`; then start again'
  throw new CommandError('password-not-set', `listening on ${host}: the administrator still has a one-time password; ${how}`, 3)
}

async function openBroker(
  { settings, journal, networks, credentials, certificates, keys, pace, rateOf, audit, world, log, life }: Foundation,
  commands: Pick<Commands, 'reply'>,
): Promise<Broker> {
  const broker = await createBroker({
    accept: journal.accept,
    identify: identifyAmong(identifyPrograms(keys), identifyOver('mqtt', credentials, networks.fleet)),
    ...{ pace, rateOf },
    config: settings.broker,
    persistencePath: path.join(settings.server.data, 'sessions'),
    now: world.now,
    log,
    onRefused: ({ reason, device, address, detail }) =>
      audit.count({ action: 'mqtt-refused', outcome: 'refused', who: device, target: null, address, reason, detail }),
    onLoggedIn: (device, address) =>
      audit.count({ action: 'mqtt-login', outcome: 'done', who: device, target: null, address, reason: null, detail: '' }),
    onReply: commands.reply,
  })
  for (const logins of [credentials, certificates]) logins.onEnded((device) => broker.kick(device))
  keys.onEnded((key) => broker.kick(deviceId(actorOf(key))))
  life.onStop('broker', () => broker.close(), 'door')
  return broker
}
