import { Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'

/**
 * By which listener a request came in. What a page of the console asks in this process came in by that of its reader, which the console
 * says; from a connection nobody says it but the connection.
 */
export function listenerOf({ protocol, headers, raw }: FastifyRequest): 'http' | 'https' {
  const inProcess = !(raw.socket instanceof Socket)
  return inProcess && headers['x-forwarded-proto'] === 'https' ? 'https' : protocol
}
