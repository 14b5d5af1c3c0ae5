import { readServerFile, type ServerFile } from '../server-file.ts'
import { CommandError } from '../errors.ts'

/** The api of a running server, as the CLI of its machine sees it. */
export interface ApiClient {
  url: string
  mqtt: string
  get<Answer>(path: string): Promise<Answer>
  /** The body of an answer as it comes. */
  stream(path: string): Promise<AsyncIterable<Uint8Array>>
  send<Answer>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer>
}

/** The server that has this data folder open; throws (exit 4) when there is none. */
export function localServer(data: string): ApiClient {
  const file = readServerFile(data)
  if (!file)
    throw new CommandError('server-unreachable', `looking for the server of ${data}: none is running there; start one with npm start`, 4)
  return clientOf(file)
}

export function clientOf(server: Pick<ServerFile, 'url' | 'mqtt' | 'cliToken'>): ApiClient {
  const ask = async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
    const answer = await reach(`${server.url}${path}`, method, server.cliToken, body)
    const text = await answer.text()
    if (answer.ok) return (text === '' ? null : JSON.parse(text)) as Answer
    throw new CommandError('server-refused', `asking ${method} ${path}: ${answer.status} ${reasonIn(text)}`, 1)
  }
  return {
    url: server.url,
    mqtt: server.mqtt,
    get: (path) => ask('GET', path),
    send: (method, path, body) => ask(method, path, body),
    async stream(path) {
      const answer = await reach(`${server.url}${path}`, 'GET', server.cliToken, undefined)
      if (answer.ok && answer.body) return answer.body
      throw new CommandError('server-refused', `asking GET ${path}: ${answer.status} ${reasonIn(await answer.text())}`, 1)
    },
  }
}

interface Place {
  path: string
  message: string
}

const placesShown = 10

async function reach(url: string, method: string, token: string, body: unknown): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  try {
    return await fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  } catch (cause) {
    throw new CommandError('server-unreachable', `asking ${url}: no answer; is the server running there?`, 4, { cause })
  }
}

/** The sentence of a problem document with the first of its places, or the text itself. */
function reasonIn(text: string): string {
  try {
    const { title, detail, problems = [] } = JSON.parse(text) as { title?: string; detail?: string; problems?: Place[] }
    const places = problems.length > 1 ? problems.slice(0, placesShown).map(({ path, message }) => `\n  ${path}: ${message}`) : []
    return `${detail ?? title ?? text}${places.join('')}`
  } catch {
    return text.slice(0, 300)
  }
}
