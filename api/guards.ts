import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { ApiProblem } from './errors.ts'
import { listenerOf } from './listener.ts'
import type { ApiParts } from './parts.ts'

interface GuardOptions {
  loopback: ApiParts['loopback']
  /** Names beside localhost. */
  hosts: readonly string[]
}

/**
 * What stands before every route: while bound to loopback only our own names are answered (a page of another site could else rebind its
 * name to 127.0.0.1 and read here); nothing is changed on behalf of another origin; no compressed bodies (a small one could be a large one).
 */
export function addGuards(app: FastifyInstance, { loopback, hosts }: GuardOptions): void {
  const names = namesOf(hosts)
  app.addHook('onRequest', async (request) => {
    const wrong = loopback[listenerOf(request)] ? hostFault(request.headers, names) : null
    if (wrong) throw wrong
    if (request.headers['content-encoding'] && request.headers['content-encoding'] !== 'identity')
      throw new ApiProblem('media-type', 'Compressed bodies are not taken; send the body without Content-Encoding.')
    const foreign = ['GET', 'HEAD', 'OPTIONS'].includes(request.method) ? null : originFault(request.headers)
    if (foreign) throw foreign
  })
}

/** Whether a request may become a WebSocket: it asks for one of our names, and no page of another site sent it. */
export function createUpgradeGuard(loopback: boolean, hosts: readonly string[]): (headers: IncomingHttpHeaders) => boolean {
  const names = namesOf(hosts)
  return (headers) => (!loopback || hostFault(headers, names) === null) && originFault(headers) === null
}

const namesOf = (hosts: readonly string[]): ReadonlySet<string> =>
  new Set(['localhost', '127.0.0.1', '[::1]', ...hosts.map((host) => host.toLowerCase())])

function hostFault({ host }: IncomingHttpHeaders, names: ReadonlySet<string>): ApiProblem | null {
  if (names.has(nameOf(host ?? ''))) return null
  return new ApiProblem('wrong-host', `Asked for ${host ?? 'no host'}; use http://localhost, or list the name in api.hosts.`)
}

function originFault(headers: IncomingHttpHeaders): ApiProblem | null {
  const { origin, host } = headers
  const site = headers['sec-fetch-site']
  const ours = origin === undefined || sameHost(origin, host ?? '')
  if (ours && (site === undefined || site === 'same-origin' || site === 'none')) return null
  return new ApiProblem('foreign-origin', `Sent by a page of ${origin ?? 'another site'}; only pages of this server may change anything.`)
}

/** Host and port are the same, the usual port of the scheme said or not; false for `null` and what is no URL. */
function sameHost(origin: string, host: string): boolean {
  const asked = `${origin.split(':')[0] ?? ''}://${host}`
  return URL.canParse(origin) && URL.canParse(asked) && new URL(origin).host === new URL(asked).host
}

const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '')
