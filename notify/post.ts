import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { isPublic } from './addresses.ts'

/** Finds the addresses of a name. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>

export interface PostOptions {
  url: URL
  headers: Readonly<Record<string, string>>
  body: string
  /** From the beginning to the end of the answer's head. */
  timeoutMs: number
  /** Connect to addresses that are not of the public Internet too. */
  allowPrivate: boolean
  resolve: Resolve
}

export interface Answer {
  status: number
  retryAfter: string | null
}

export const resolveName: Resolve = (host) =>
  new Promise((resolve, reject) => dnsLookup(host, { all: true }, (error, found) => (error ? reject(error) : resolve(found))))

/**
 * Posts once, following no redirect. The address that is checked is the one that is connected to: the name is resolved once, here.
 * Rejects when there is no answer within the time, or when no address of the name may be connected to.
 */
export function post({ url, headers, body, timeoutMs, allowPrivate, resolve }: PostOptions): Promise<Answer> {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) !== 0 && !allowPrivate && !isPublic(host)) return Promise.reject(notPublic(host, [host]))
  const bytes = Buffer.from(body, 'utf8')
  return new Promise((done, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': bytes.length },
      agent: false,
      lookup: checkedLookup(resolve, allowPrivate),
      signal: AbortSignal.timeout(timeoutMs),
    })
    request.once('error', (error) =>
      reject(error.name === 'AbortError' || error.name === 'TimeoutError' ? new Error(`no answer within ${timeoutMs} ms`) : error),
    )
    request.once('response', (response) => {
      done({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] ?? null })
      // what it says beside is of no interest; a body without end must not hold the socket
      response.destroy()
    })
    request.end(bytes)
  })
}

function checkedLookup(resolve: Resolve, allowPrivate: boolean): LookupFunction {
  return (host, options, callback) => {
    resolve(host).then(
      (found) => {
        const usable = found.filter(({ address }) => allowPrivate || isPublic(address))
        const [first] = usable
        if (!first)
          callback(
            notPublic(
              host,
              found.map(({ address }) => address),
            ),
            '',
            0,
          )
        else if (options.all) callback(null, [...usable])
        else callback(null, first.address, first.family)
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, '', 0),
    )
  }
}

function notPublic(host: string, found: readonly string[]): Error {
  return new Error(
    `${host} is not an address of the public Internet (${found.join(', ') || 'none found'}); set allowPrivate when it is meant`,
  )
}
