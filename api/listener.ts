import { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { FastifyRequest } from 'fastify'

/**
 * By which listener a request came in. What a page of the console asks in this process came in by that of its reader, which the console
 * says; from a connection nobody says it but the connection.
 */
export function listenerOf({ headers, raw }: FastifyRequest): 'http' | 'https' {
  // what a proxy says of its own listener says nothing of ours
  if (raw.socket instanceof Socket) return raw.socket instanceof TLSSocket ? 'https' : 'http'
  return headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'
}
