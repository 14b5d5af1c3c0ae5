import type { FastifyInstance, FastifyRequest } from 'fastify'
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
  const names = new Set(['localhost', '127.0.0.1', '[::1]', ...hosts.map((host) => host.toLowerCase())])
  app.addHook('onRequest', async (request) => {
    if (loopback[listenerOf(request)] && !names.has(nameOf(request.headers.host ?? '')))
      throw new ApiProblem(
        'wrong-host',
        `Asked for ${request.headers.host ?? 'no host'}; use http://localhost, or list the name in api.hosts.`,
      )
    if (request.headers['content-encoding'] && request.headers['content-encoding'] !== 'identity')
      throw new ApiProblem('media-type', 'Compressed bodies are not taken; send the body without Content-Encoding.')
    if (!['GET', 'HEAD', 'OPTIONS'].includes(request.method)) refuseForeign(request)
  })
}

function refuseForeign(request: FastifyRequest): void {
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  const ours = origin === undefined || hostOf(origin) === (host ?? '').toLowerCase()
  if (ours && (site === undefined || site === 'same-origin' || site === 'none')) return
  throw new ApiProblem('foreign-origin', `Sent by a page of ${origin ?? 'another site'}; only pages of this server may change anything.`)
}

/** Host with port as a browser writes it; nothing for `null` and what is no URL. */
function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host.toLowerCase() : null
}

const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '')
