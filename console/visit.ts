import type { FastifyReply, FastifyRequest } from 'fastify'
import type { SessionNote } from '../api/schemas/session.ts'
import { askingFor, type Asking, type ConsoleApi } from './api-client.ts'
import type { Assets } from './assets.ts'
import { pageContext, preferencesOf, readCookies, type PageContext } from './context.ts'
import type { Query } from './load.ts'
import type { PageContent } from './shell.tsx'

export interface VisitParts {
  api: ConsoleApi
  assets: Pick<Assets, 'hash'>
  now: () => number
  version: string
}

/** One request of a reader: whom to ask, and what to make the page with. */
export interface Visit {
  asking: Asking
  page: PageContext
  query: Query
}

export type VisitOf = (request: FastifyRequest) => Promise<Visit>
/** Sends a page with its headers. */
export type Show = (reply: FastifyReply, status: number, content: PageContent, page: PageContext) => FastifyReply

/** Reads who asks, in which language and with which login. */
export function visits({ api, assets, now, version }: VisitParts): VisitOf {
  return async (request) => {
    const asking = askingFor(api, headersFor(request), request.ip)
    const query = request.query as Query
    const preferences = preferencesOf({
      query,
      cookies: readCookies(request.headers.cookie ?? ''),
      acceptLanguage: request.headers['accept-language'] ?? '',
      userAgent: request.headers['user-agent'] ?? '',
    })
    const session = (await asking.maybe<SessionNote>('/api/v1/session')) ?? { user: null, simulatedOnly: true }
    const script = `/console/main.${assets.hash}.js`
    return { asking, query, page: pageContext(preferences, { now: now(), url: request.url, session, version, script }) }
  }
}

const passedOn = ['cookie', 'host', 'origin', 'sec-fetch-site'] as const

/** Of the reader's headers those by which the api knows who asks and from where. */
function headersFor(request: FastifyRequest): Record<string, string> {
  const headers: Record<string, string> = { 'x-forwarded-proto': request.protocol }
  for (const name of passedOn) {
    const value = request.headers[name]
    if (typeof value === 'string') headers[name] = value
  }
  return headers
}
