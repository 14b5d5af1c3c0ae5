import type { Socket } from 'node:net'
import { createServer, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { JudgeCertificate } from '../domain/certificate.ts'

/** What a listener shows of itself, PEM, and the CA whose certificates it asks clients for. */
export interface TlsCredentials {
  key: string
  certificate: string
  authority: string
}

export interface TlsOptions {
  credentials: TlsCredentials
  /** Whose certificate it is; a good one is a login. */
  judge: JudgeCertificate
  asked: ClientCertificate
}

/** Who needs a certificate: nobody, whose secret decides then; devices, while programs come in with their keys; or everybody. */
export type ClientCertificate = 'optional' | 'devices' | 'required'

/** A listener for MQTT over TLS. */
export interface TlsListener {
  port: number
  /** Those who come from now on see these credentials; connections that stand, stay. */
  use(credentials: TlsCredentials): void
}

export interface TlsDoor extends Pick<TlsListener, 'use'> {
  /** Shakes hands over a connection that came in; at most one call for each. Failing, it is closed. */
  secure(socket: Socket, outcome: TlsOutcome): void
}

export interface TlsOutcome {
  done(wire: TLSSocket): void
  /** The error code, or `closed` where the peer went. */
  failed(code: string): void
}

/**
 * Makes TLS of connections, 1.2 or newer. Clients are asked for a certificate of the CA; which one they show, or none, is judged at their
 * login, so that a refusal has its reason.
 */
export function createTlsDoor(credentials: TlsCredentials, handshakeTimeout: number): TlsDoor {
  const server = createServer({ ...contextOf(credentials), handshakeTimeout, requestCert: true, rejectUnauthorized: false })
  const shaking = new Map<string, TlsOutcome>()
  const settle = (peer: Socket): TlsOutcome | undefined => {
    const outcome = shaking.get(peerOf(peer))
    shaking.delete(peerOf(peer))
    return outcome
  }
  server.on('secureConnection', (wire) => settle(wire)?.done(wire))
  server.on('tlsClientError', (error, wire) => {
    settle(wire)?.failed((error as NodeJS.ErrnoException).code ?? error.message)
    // Node leaves a connection open that was silent for too long
    wire.destroy()
  })
  return {
    secure(socket, outcome) {
      const peer = peerOf(socket)
      shaking.set(peer, outcome)
      socket.once('close', () => {
        if (shaking.get(peer) !== outcome) return
        shaking.delete(peer)
        outcome.failed('closed')
      })
      server.emit('connection', socket)
    },
    use: (renewed) => server.setSecureContext(contextOf(renewed)),
  }
}

function contextOf({ key, certificate, authority }: TlsCredentials): SecureContextOptions {
  return { key, cert: certificate, ca: authority, minVersion: 'TLSv1.2' }
}

/** TLS wraps a connection in a new one; the far end is what both have in common. */
const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`
