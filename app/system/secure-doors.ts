import https from 'node:https'
import type { FastifyInstance } from 'fastify'
import { requestTimeouts } from '../../api/timeouts.ts'
import type { Broker } from '../../broker/port.ts'
import type { TlsCredentials } from '../../broker/tls.ts'
import type { ServerCertificate } from '../certificates/server-certificate.ts'
import { every } from './every.ts'
import type { Foundation } from './foundation.ts'
import { isLoopback, listening } from './listen.ts'
import { gateOf } from './web-gate.ts'

/** Where the system can be reached over TLS. */
export interface SecureDoors {
  mqtts: string
  https: string
}

const refreshEveryMs = 10_000
const handshakeTimeoutMs = 10_000

/**
 * Opens MQTT and HTTP over TLS; null when they are not asked for. The certificate they show is looked after: another one cuts nobody.
 * MQTT over WebSocket, where nobody can show a certificate, is there unless everybody needs one; where devices do, it takes programs. Rejects with exit 4 when it cannot.
 */
export async function openSecureDoors(foundation: Foundation, broker: Broker, api: FastifyInstance): Promise<SecureDoors | null> {
  const { settings, serverCertificate, certificates, life, log, world } = foundation
  const { host, mqttPort, names, clientCertificate: asked } = settings.tls
  if (serverCertificate === null) return null
  const credentials = async (): Promise<TlsCredentials> => ({
    ...serverCertificate.current(),
    authority: (await foundation.authority.open()).certificate,
  })
  const { judge } = certificates
  const options = { credentials: await credentials(), judge, asked }
  const mqtt = await listening('MQTT over TLS', host, mqttPort, () => broker.listenTls(mqttPort, host, options))
  const web = await openHttps(foundation, serverCertificate, api)
  const proof = { certificate: null, asked, judge }
  if (asked !== 'required') broker.attach(web.server, '/mqtt', gateOf(settings, isLoopback(host), api.connections), proof)
  const renew = async (): Promise<void> => {
    if (!(await serverCertificate.refresh())) return
    mqtt.use(await credentials())
    web.use()
    log.info('the TLS listeners show a new certificate')
  }
  const look = () => renew().catch((err: unknown) => log.warn({ err }, 'taking a new certificate for the TLS listeners; they keep theirs'))
  life.onStop('certificate of the server', every(refreshEveryMs, look, world))
  const shown = names[0] ?? 'localhost'
  return { mqtts: `mqtts://${shown}:${mqtt.port}`, https: `https://${shown}:${web.port}` }
}

/** HTTPS on the routes of the api. */
async function openHttps({ settings, life }: Foundation, certificate: ServerCertificate, api: FastifyInstance) {
  const { host, httpsPort } = settings.tls
  const context = () => {
    const { key, certificate: cert } = certificate.current()
    return { key, cert, minVersion: 'TLSv1.2' as const }
  }
  const timeouts = { handshakeTimeout: handshakeTimeoutMs, ...requestTimeouts(settings.api) }
  const server = https.createServer({ ...context(), ...timeouts }, (request, reply) => api.routing(request, reply))
  api.connections.guard(server)
  await listening('HTTPS', host, httpsPort, () => listen(server, httpsPort, host))
  life.onStop('https', () => {
    api.connections.dismiss()
    return close(server)
  })
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : httpsPort
  return { server, port, use: () => server.setSecureContext(context()) }
}

function listen(server: https.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

function close(server: https.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
