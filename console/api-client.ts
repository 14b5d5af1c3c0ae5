/** One question to the api. Headers are those of the reader's own request that the api may need. */
export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query, e.g. `/api/v1/stations?cells=true`. */
  path: string
  headers: Readonly<Record<string, string>>
  body?: unknown
  /** The reader's address, for the api's limits on wrong passwords. */
  address: string
}

export interface ApiAnswer {
  status: number
  json: unknown
  /** `Set-Cookie` headers, to be handed on. */
  cookies: readonly string[]
}

/** How the console asks the api: on the server, in the same process (app/ binds it to `fastify.inject`). */
export type ConsoleApi = (request: ApiRequest) => Promise<ApiAnswer>

/** An answer that is not the one asked for. */
export class ApiRefusal extends Error {
  constructor(
    readonly status: number,
    /** The api's own sentence; empty when it gave none. */
    readonly detail: string,
  ) {
    super(`asking the api: it answered ${status}${detail === '' ? '' : `: ${detail}`}`)
    this.name = 'ApiRefusal'
  }
}

/** The api, asked on behalf of one reader. */
export interface Asking {
  /** The body of a 200, as the schema of the route says. Rejects with ApiRefusal. */
  get<Body>(path: string): Promise<Body>
  /** The same, and null where the reader may not or there is no such thing. */
  maybe<Body>(path: string): Promise<Body | null>
  send(method: ApiRequest['method'], path: string, body?: unknown): Promise<ApiAnswer>
}

export function askingFor(api: ConsoleApi, headers: Readonly<Record<string, string>>, address: string): Asking {
  const get = async <Body>(path: string): Promise<Body> => {
    const { status, json } = await api({ method: 'GET', path, headers, address })
    if (status !== 200) throw new ApiRefusal(status, detailOf(json))
    return json as Body
  }
  return {
    get,
    async maybe<Body>(path: string) {
      try {
        return await get<Body>(path)
      } catch (error) {
        if (error instanceof ApiRefusal && error.status < 500) return null
        throw error
      }
    },
    send: (method, path, body) => api({ method, path, headers, address, ...(body !== undefined && { body }) }),
  }
}

/** The sentence of a problem document. */
export function detailOf(json: unknown): string {
  if (typeof json !== 'object' || json === null || !('detail' in json)) return ''
  return typeof json.detail === 'string' ? json.detail : ''
}
