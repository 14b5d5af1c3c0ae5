import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'
import type { Audit, AuditNote } from '../domain/audit.ts'
import type { Access } from './access.ts'
import { operationOf } from './allow.ts'
import { LoginRefused, type ProblemCode } from './errors.ts'
import type { Refusals } from './refusals.ts'

/** Done many times a second by devices and simulations; their refusals are noted all the same. */
const unnoted: ReadonlySet<string> = new Set(['deliver', 'moveClock', 'replayDeliveries'])
const refused: ReadonlySet<number> = new Set([401, 403, 421, 429])

const became = new WeakMap<FastifyRequest, string>()

/** What became of a request, in a word or two, where that it was answered does not tell: for the audit log. */
export const noteBecame = (request: FastifyRequest, what: string): void => void became.set(request, what)

interface NotingParts {
  audit: Audit
  access: Access
  refusals: Refusals
}

/**
 * Notes who changed what: every request of the api that is no GET is in the audit log before it is answered. What was refused is counted
 * by reason, address and minute.
 */
export function noteRequests(app: FastifyInstance, { audit, access, refusals }: NotingParts): void {
  const errors = new WeakMap<FastifyRequest, FastifyError>()
  app.addHook('onError', async (request, _reply, error) => void errors.set(request, error))
  app.addHook('onSend', async (request, reply) => {
    const action = operationOf(request.routeOptions.schema)
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (action === '' || reads || reply.statusCode >= 400 || unnoted.has(action)) return
    const who = action === 'login' ? targetOf(request) : await access.actor(request)
    const note = noteOf(request, action)
    const detail = [note.detail, became.get(request)].filter((part) => part !== undefined && part !== '').join(': ')
    await audit.record({ ...note, detail, outcome: 'done', reason: null, who })
  })
  app.addHook('onResponse', async (request, reply) => {
    const error = errors.get(request)
    if (!refused.has(reply.statusCode) || error === undefined) return
    const who = await access.actor(request).catch(() => null)
    refusals.count(error.code as ProblemCode, { ...refusedNote(request, error), who })
  })
}

/** What is noted of a request that was refused: of a wrong login, whose it was meant to be. */
export function refusedNote(request: FastifyRequest, error: Error): Note {
  const note = noteOf(request, operationOf(request.routeOptions.schema) || 'unknown')
  return error instanceof LoginRefused ? { ...note, detail: error.who } : note
}

type Note = Omit<AuditNote, 'who' | 'outcome' | 'reason'>

const noteOf = (request: FastifyRequest, action: string): Note => ({
  action,
  target: targetOf(request),
  address: request.ip,
  detail: detailOf(request.body),
})

/** What a request is about: the names in its address, or the one in its body. */
function targetOf({ params, body }: FastifyRequest): string | null {
  const named = Object.values((params as Record<string, string> | undefined) ?? {})
  if (named.length > 0) return named.join('/')
  const { name, user, run, device, scenario, series } = fieldsOf(body)
  const target = name ?? user ?? run ?? device ?? scenario ?? series
  return typeof target === 'string' ? target : null
}

/** Fields of bodies that tell what was changed, in the order in which they are told. None of them is a secret; others are not kept. */
const telling = [
  ...['role', 'scopes', 'days', 'minutes', 'devices', 'clock', 'kind', 'everyMs', 'from', 'to', 'at', 'change', 'offset', 'driftPerDay'],
  ...['said', 'when', 'receivedFrom', 'receivedTo', 'replaces'],
  ...['channels', 'units', 'zone', 'noTime', 'ids', 'reason', 'note'],
]
/** Names of a list that are told; of a longer one the number as well. */
const namesTold = 5

/** What a request changes, in a line; that it changes nothing, when it only asks what would become of it. */
function detailOf(body: unknown): string {
  const fields = fieldsOf(body)
  const told = telling.filter((name) => fields[name] !== undefined).map((name) => `${name} ${wordsOf(fields[name])}`)
  return (fields.dryRun === true ? ['dry run', ...told] : told).join(', ')
}

function wordsOf(value: unknown): string {
  if (!Array.isArray(value)) return typeof value === 'string' ? value : JSON.stringify(value)
  const names = value.slice(0, namesTold).map((one: unknown) => wordsOf(fieldsOf(one).id ?? one))
  return value.length > namesTold ? `${value.length}: ${names.join(' ')} …` : names.join(' ')
}

const fieldsOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? (value as Record<string, unknown>) : {}
