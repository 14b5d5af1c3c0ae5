import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorObject } from 'ajv'
import { GaugekeeperError, NetworkInvalid } from '../domain/errors.ts'
import { hint } from '../domain/nearest.ts'
import { StoreUnavailable } from '../store/errors.ts'
import { ApiProblem, LoginRefused, problemEntry, type ProblemCode, type ProblemPlace } from './errors.ts'
import type { Problem } from './schemas/problem.ts'
import type { AnswerWrongLogin } from './wrong-logins.ts'

/** Where a problem's type is explained. */
export const problemPath = '/api/v1/problems/'

interface ProblemParts {
  /** Told of faults of ours, which say nothing of themselves outside. */
  onFault: (doing: string, error: unknown) => void
  answerWrongLogin: AnswerWrongLogin
}

/** Answers every error with a problem document (RFC 9457); a wrong login when it is its turn, or not at all. */
export function answerProblems(app: FastifyInstance, { onFault, answerWrongLogin }: ProblemParts): void {
  const addresses = new Map<string, Set<string>>()
  app.addHook('onRoute', ({ url, method }) => {
    const methods = addresses.get(url) ?? new Set()
    for (const one of [method].flat()) methods.add(one)
    addresses.set(url, methods)
  })
  app.setErrorHandler(async (error, request, reply) => {
    const found = asProblem(error, request)
    const problem = found instanceof LoginRefused ? await answerWrongLogin(request, found) : found
    if (problem === null) {
      reply.hijack()
      return void request.raw.socket.destroy()
    }
    if (problem.code === 'internal') onFault(`answering ${request.method} ${request.routeOptions.url ?? request.url}`, error)
    return sendProblem(reply, problem)
  })
  app.setNotFoundHandler((request, reply) => sendProblem(reply, noRoute(request, addresses)))
}

function sendProblem(reply: FastifyReply, problem: ApiProblem): FastifyReply {
  const { status, title } = problemEntry(problem.code as ProblemCode)
  const document: Problem = { type: problemPath + problem.code, title, status, detail: problem.message, code: problem.code }
  if (problem.places.length > 0) document.problems = problem.places.map(({ path, message }) => ({ path, message }))
  return reply.code(status).headers(problem.headers).header('cache-control', 'no-store').type('application/problem+json').send(document)
}

function asProblem(error: unknown, request: FastifyRequest): ApiProblem {
  if (error instanceof ApiProblem) return error
  if (error instanceof NetworkInvalid) {
    const places = error.problems.map(({ path, message }) => ({ path: `network.${path}`, message }))
    return new ApiProblem('network-not-valid', `The network has ${places.length} mistakes; mend them and send it again.`, { places })
  }
  if (error instanceof StoreUnavailable) return away('The store does not answer for now')
  if (error instanceof GaugekeeperError && error.code === 'journal-full') return away('The journal is full')
  if (error instanceof GaugekeeperError && error.code === 'amendment-refused') return new ApiProblem('conflict', asSentence(error.message))
  const { validation, validationContext, statusCode } = error as Partial<FastifyError>
  if (validation) return notUnderstood(validation as ErrorObject[], validationContext ?? 'request')
  if (statusCode && statusCode < 500) return refusedByServer(statusCode, error as FastifyError, request)
  return new ApiProblem('internal', 'The server could not answer; its log says why. Try again, and report it when it stays.', {
    cause: error,
  })
}

const asSentence = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`

const away = (what: string): ApiProblem =>
  new ApiProblem('unavailable', `${what}; nothing of this request was kept. Send it again later.`, { headers: { 'retry-after': '5' } })

/** Errors of the HTTP server itself, by status. */
function refusedByServer(status: number, error: FastifyError, request: FastifyRequest): ApiProblem {
  const options = { cause: error }
  if (status === 413)
    return new ApiProblem('too-large', `The body is over ${request.routeOptions.bodyLimit} bytes; send it in smaller parts.`, options)
  if (status === 415) return new ApiProblem('media-type', 'Send the body as JSON, with Content-Type application/json.', options)
  if (status === 429) return new ApiProblem('too-many', error.message, options)
  return new ApiProblem('invalid-request', error.message, options)
}

function notUnderstood(errors: readonly ErrorObject[], context: string): ApiProblem {
  const where = context === 'querystring' ? 'query' : context
  // a name that is not known says more than the one that is missing for it
  const unknownFirst = [...errors].sort(
    (a, b) => Number(b.keyword === 'additionalProperties') - Number(a.keyword === 'additionalProperties'),
  )
  const places = unknownFirst.map((error) => placeOf(error, where))
  const first = places[0]
  return new ApiProblem('invalid-request', first ? `${first.path}: ${first.message}` : `The ${where} is wrong.`, { places })
}

/** One complaint of the validator in words that say how to mend it. */
function placeOf({ instancePath, keyword, params, message, parentSchema, data }: ErrorObject, where: string): ProblemPlace {
  const path = [where, ...instancePath.split('/').slice(1)].join('.')
  if (keyword === 'additionalProperties') {
    const name = String(params.additionalProperty)
    const known = Object.keys((parentSchema?.properties as object | undefined) ?? {})
    const all = known.length > 0 ? `known: ${known.join(', ')}` : 'it takes none'
    return { path: `${path}.${name}`, message: `there is no such parameter${hint(name, known)}; ${all}` }
  }
  if (keyword === 'enum') {
    const allowed = (params.allowedValues as unknown[]).map(String)
    return { path, message: `${JSON.stringify(data)} is not one of ${allowed.join(', ')}${hint(String(data), allowed)}` }
  }
  if (keyword === 'required') return { path: `${path}.${String(params.missingProperty)}`, message: 'is needed' }
  return { path, message: message ?? 'is wrong' }
}

function noRoute(request: FastifyRequest, addresses: ReadonlyMap<string, ReadonlySet<string>>): ApiProblem {
  const path = request.url.split('?')[0] ?? ''
  const methods = [...addresses].find(([url]) => fits(url, path))?.[1]
  if (methods) {
    const allow = [...methods].join(', ')
    return new ApiProblem('method-not-allowed', `${path} takes ${allow}, not ${request.method}.`, { headers: { allow } })
  }
  return new ApiProblem('not-found', `There is nothing at ${path.slice(0, 200)}${hint(path, addresses.keys())}. All addresses: /docs`)
}

/** Whether a path is one of a route's addresses, `:name` standing for any part. */
function fits(url: string, path: string): boolean {
  const [pattern, parts] = [url.split('/'), path.split('/')]
  return pattern.length === parts.length && pattern.every((part, place) => part.startsWith(':') || part === parts[place])
}
