import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { createApi } from '../../api/app.ts'
import type { LiveFigures } from '../../api/live.ts'
import type { ReceiptDesk, RunDesk, SimulatorDesk, WarningDesk } from '../../api/parts.ts'
import type { AmendmentDesk } from '../../domain/amendment-desk.ts'
import type { ClockReportDesk } from '../../domain/clock-health.ts'
import type { Gap } from '../../domain/gap.ts'
import { createBroker } from '../../broker/broker.ts'
import type { Broker } from '../../broker/port.ts'
import { profiles } from '../../broker/profiles.ts'
import { identifyOver } from '../credentials.ts'
import { CommandError, ConfigInvalid } from '../errors.ts'
import { version } from '../version.ts'
import { addCliRoutes } from './cli-routes.ts'
import type { Commands } from './commands.ts'
import { openFieldGateways, type FieldGateways } from './field-gateways.ts'
import type { Foundation } from './foundation.ts'
import { isLoopback, listening } from './listen.ts'
import type { Oversight } from './oversight.ts'
import { addPages } from './pages.ts'
import { openSecureDoors, type SecureDoors } from './secure-doors.ts'

export interface DoorParts {
  foundation: Foundation
  warningDesk: WarningDesk
  receiptDesk: ReceiptDesk
  amendments: AmendmentDesk
  clockReports: ClockReportDesk
  commands: Commands
  /** The gaps of all series, newest begin first. */
  gaps: () => Gap[]
  runs: RunDesk
  simulator: SimulatorDesk
  cliToken: string
  oversee: (broker: Broker, field: FieldGateways, live: () => LiveFigures | null) => Oversight
}

/** Where the system can be reached. */
export interface Doors {
  url: string
  mqtt: string
  secure: SecureDoors | null
  broker: Broker
  field: FieldGateways
}

/** Opens MQTT, the field protocols and HTTP. Rejects with exit 3 when it may not listen there yet, and with exit 4 when it cannot. */
export async function openDoors(parts: DoorParts): Promise<Doors> {
  const { foundation } = parts
  const { host, port, mqttPort } = foundation.settings.server
  await mayListen(foundation)
  const broker = await openBroker(foundation, parts.commands)
  const brokerPort = await listening('MQTT', host, mqttPort, () => broker.listenTcp(mqttPort, host))
  const field = await openFieldGateways(foundation)
  const api = await openApi(parts, broker, field)
  broker.attach(api.server, '/mqtt')
  foundation.life.onStop('http', () => api.close())
  await listening('HTTP', host, port, () => api.listen({ port, host }))
  const secure = await openSecureDoors(foundation, broker, api)
  const address = api.server.address()
  const httpPort = typeof address === 'object' && address ? address.port : port
  const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return { url: `http://${shown}:${httpPort}`, mqtt: `mqtt://${shown}:${brokerPort}`, secure, broker, field }
}

async function mayListen({ people, settings: { server, tls, broker } }: Foundation): Promise<void> {
  if (!isLoopback(server.host) && server.plain !== 'everywhere') {
    const how = 'set tls.enabled and leave server.host, or set server.plain to everywhere on a network that is your own'
    throw new ConfigInvalid([`server.plain: passwords and readings would pass ${server.host} unencrypted; ${how}`])
  }
  const host = [server.host, ...(tls.enabled ? [tls.host] : [])].find((one) => !isLoopback(one))
  if (host === undefined) return
  if (profiles[broker.profile].loopbackOnly) {
    const how = 'every login may then read and write every topic; set it to strict, or listen on 127.0.0.1'
    throw new ConfigInvalid([`broker.profile: ${broker.profile} is for this machine only, not for ${host}: ${how}`])
  }
  if (await people.passwordSet()) return
  const how = 'change it at the console on this machine, or pipe a password into `gaugekeeper users password`; then start again'
  throw new CommandError('password-not-set', `listening on ${host}: the administrator still has a one-time password; ${how}`, 3)
}

async function openBroker(
  { settings, journal, networks, credentials, certificates, audit, world, log, life }: Foundation,
  commands: Pick<Commands, 'reply'>,
): Promise<Broker> {
  const broker = await createBroker({
    accept: journal.accept,
    identify: identifyOver('mqtt', credentials, networks.fleet),
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
  life.onStop('broker', () => broker.close())
  return broker
}

async function openApi(
  { foundation, warningDesk, receiptDesk, amendments, clockReports, commands, gaps, runs, simulator, cliToken, oversee }: DoorParts,
  broker: Broker,
  field: FieldGateways,
): Promise<FastifyInstance> {
  const { settings, store, networks, journal, credentials, certificates, deviceDesk, claims, people, keys, audit, live, world, log } =
    foundation
  let opened: FastifyInstance | null = null
  const { health, problems, metrics, support } = oversee(broker, field, () => opened?.liveFigures() ?? null)
  opened = await createApi(
    {
      fleet: networks.fleet,
      store,
      accept: journal.acceptNumbered,
      live,
      warningDesk,
      receipts: receiptDesk,
      sendCommand: commands.send,
      gaps,
      ...{ runs, simulator },
      ...{ credentials, certificates },
      identify: identifyOver('mqtt', credentials, networks.fleet),
      ...{ deviceDesk, claims, people, keys, audit },
      ...{ amendments, mappings: networks.mappings, clockReports },
      health,
      problems,
      metrics,
      now: world.now,
      randomBytes: world.randomBytes,
      version,
      loopback: { http: isLoopback(settings.server.host), https: isLoopback(settings.tls.host) },
      cliToken,
      onFault: (doing, err) => log.error({ err }, doing),
      pages: async (app) => {
        const backup = { data: settings.server.data, journal, store, sessions: broker, now: world.now, release: version }
        addCliRoutes(app, { people, journal, networks: () => networks.fleet().networks, backup, support, cliToken })
        await addPages(app, world.now)
      },
    },
    { ...settings.api, hosts: [...settings.api.hosts, ...settings.tls.names] },
  )
  return opened
}
