import { parseDuration } from '../domain/time.ts'
import type { ApiConfig } from './config.ts'

/** How long a request, and its head alone, may take, for an HTTP or HTTPS server: slow senders hold no socket. Node looks once a second. */
export function requestTimeouts({ requestWithin, headWithin }: Pick<ApiConfig, 'requestWithin' | 'headWithin'>) {
  const requestTimeout = parseDuration(requestWithin) ?? 0
  const headersTimeout = Math.min(requestTimeout, parseDuration(headWithin) ?? 0)
  return { requestTimeout, headersTimeout, connectionsCheckingInterval: Math.min(1_000, headersTimeout) }
}
