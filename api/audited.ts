import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Audit, AuditNote } from '../domain/audit.ts'
import type { Access } from './access.ts'
import { operationOf } from './allow.ts'

/** Done many times a second by devices and simulations; their refusals are noted all the same. */
const unnoted: ReadonlySet<string> = new Set(['deliver', 'moveClock', 'replayDeliveries'])
const refusals: ReadonlySet<number> = new Set([401, 403, 421, 429])

/**
 * Notes who changed what: every request of the api that is no GET is in the audit log before it is answered. What was refused is counted
 * by reason, address and minute.
 */
export function noteRequests(app: FastifyInstance, audit: Audit, access: Access): void {
  const codes = new WeakMap<FastifyRequest, string>()
  app.addHook('onError', async (request, _reply, error) => void codes.set(request, error.code))
  app.addHook('onSend', async (request, reply) => {
    const action = operationOf(request.routeOptions.schema)
    const reads = request.method === 'GET' || request.method === 'HEAD'
    if (action === '' || reads || reply.statusCode >= 400 || unnoted.has(action)) return
    const who = action === 'login' ? targetOf(request) : await access.actor(request)
    await audit.record({ ...noteOf(request, action), outcome: 'done', who })
  })
  app.addHook('onResponse', async (request, reply) => {
    if (!refusals.has(reply.statusCode)) return
    const action = operationOf(request.routeOptions.schema) || 'unknown'
    const who = await access.actor(request).catch(() => null)
    audit.count({ ...noteOf(request, action), outcome: 'refused', who, reason: codes.get(request) ?? null })
  })
}

const noteOf = (request: FastifyRequest, action: string): Omit<AuditNote, 'who' | 'outcome'> => ({
  action,
  target: targetOf(request),
  address: request.ip,
  reason: null,
  detail: '',
})

/** What a request is about: the names in its address, or the one in its body. */
function targetOf({ params, body }: FastifyRequest): string | null {
  const named = Object.values((params as Record<string, string> | undefined) ?? {})
  if (named.length > 0) return named.join('/')
  const { name, user, run, device, scenario } = (body ?? {}) as Record<string, unknown>
  const target = name ?? user ?? run ?? device ?? scenario
  return typeof target === 'string' ? target : null
}
