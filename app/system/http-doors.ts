import type { FastifyInstance } from 'fastify'
import { createApi } from '../../api/app.ts'
import type { ReceiptDesk, RunDesk, SimulatorDesk, WarningDesk } from '../../api/parts.ts'
import type { AmendmentDesk } from '../../domain/amendment-desk.ts'
import type { ClockReportDesk } from '../../domain/clock-health.ts'
import type { Gap } from '../../domain/gap.ts'
import type { RunId } from '../../domain/ids.ts'
import { identifyOver } from '../identify-over.ts'
import { version } from '../version.ts'
import { addCliRoutes } from './cli-routes.ts'
import type { Commands } from './commands.ts'
import { shownHost, type DeviceDoors } from './device-doors.ts'
import type { Foundation } from './foundation.ts'
import { isLoopback, listening } from './listen.ts'
import type { Oversight } from './oversight.ts'
import { addPages } from './pages.ts'
import { gateOf, hostsOf } from './web-gate.ts'
import { openSecureDoors, type SecureDoors } from './secure-doors.ts'

export interface HttpParts {
  foundation: Foundation
  devices: DeviceDoors
  warningDesk: WarningDesk
  receiptDesk: ReceiptDesk
  amendments: AmendmentDesk
  clockReports: ClockReportDesk
  commands: Commands
  /** The gaps of all series, newest begin first. */
  gaps: () => Gap[]
  knowsGaps: () => boolean
  runs: RunDesk
  catchingUp: () => readonly RunId[]
  simulator: SimulatorDesk
  cliToken: string
  /** `api` is null until it is open. */
  oversee: (api: () => FastifyInstance | null) => Oversight
}

/** Where people and programs come in, and everybody over TLS. */
export interface HttpDoors {
  url: string
  secure: SecureDoors | null
}

/** Opens HTTP, and what listens for TLS. Rejects with exit 4 when it cannot. */
export async function openHttpDoors(parts: HttpParts): Promise<HttpDoors> {
  const { foundation, devices } = parts
  const { settings } = foundation
  const { host, port } = settings.server
  const api = await openApi(parts)
  devices.broker.attach(api.server, '/mqtt', gateOf(settings, isLoopback(host), api.connections))
  foundation.life.onStop('http', () => api.close())
  await listening('HTTP', host, port, () => api.listen({ port, host }))
  const secure = await openSecureDoors(foundation, devices.broker, api)
  const address = api.server.address()
  const httpPort = typeof address === 'object' && address ? address.port : port
  return { url: `http://${shownHost(host)}:${httpPort}`, secure }
}

async function openApi({ foundation, ...parts }: HttpParts): Promise<FastifyInstance> {
  const {
    warningDesk,
    receiptDesk,
    amendments,
    clockReports,
    commands,
    gaps,
    knowsGaps,
    runs,
    catchingUp,
    simulator,
    cliToken,
    oversee,
    devices,
  } = parts
  const { settings, store, networks, journal, credentials, certificates, deviceDesk, claims, people, keys } = foundation
  const { pace, rateOf, audit, live, world, log } = foundation
  let opened: FastifyInstance | null = null
  const { health, problems, metrics, support } = oversee(() => opened)
  opened = await createApi(
    {
      fleet: networks.fleet,
      store,
      accept: journal.acceptNumbered,
      live,
      warningDesk,
      receipts: receiptDesk,
      sendCommand: commands.send,
      ...{ gaps, knowsGaps },
      ...{ runs, catchingUp, simulator },
      ...{ credentials, certificates },
      identify: identifyOver('mqtt', credentials, networks.fleet),
      pace,
      takeTurn: (device) => rateOf(device).take(world.now()),
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
        const backup = { data: settings.server.data, journal, store, sessions: devices.broker, now: world.now, release: version }
        addCliRoutes(app, { people, journal, networks: () => networks.fleet().networks, backup, store, support, cliToken })
        await addPages(app, world.now)
      },
    },
    { ...settings.api, hosts: hostsOf(settings) },
  )
  return opened
}
