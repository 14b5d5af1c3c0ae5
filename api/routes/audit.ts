import Type from 'typebox'
import type { AuditFilter } from '../../domain/audit.ts'
import { momentOf, wrong } from '../asked.ts'
import type { Resource } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { AuditList } from '../schemas/audit.ts'

const auditRoute = {
  tags: ['people'],
  security: security.person,
  operationId: 'audit',
  summary: 'Who did what, and what was refused; newest first',
  querystring: strict({
    from: asked.moment('Only at or after this moment.', '2026-03-01T00:00:00Z'),
    to: asked.moment('Only before this moment.', '2026-03-02T00:00:00Z'),
    who: asked.text('Only of this person, device, "key NAME" or "command line"', 'admin'),
    action: asked.text('Only this operation of the api, or start, mqtt-login, mqtt-refused', 'deviceSecret'),
    target: asked.text('Only what was done to this: a device, a user, a run …', 'rtu-0017'),
    address: asked.text('Only from this address', '192.0.2.7'),
    outcome: Type.Optional(Type.Enum(['done', 'refused'], { description: 'Only what was done, or refused', examples: ['refused'] })),
    reason: asked.text('Only what was refused for this reason', 'login-refused'),
    cursor: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'next of the page before, with the same query',
        examples: ['0999999999999999-1000000'],
      }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 100, examples: [100] }),
  }),
  response: answers(200, AuditList, 'A page of the log'),
}

/** The log of what people, programs and devices did. */
export const audit: Resource =
  ({ parts }) =>
  async (app) => {
    app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
    app.get('/audit', { schema: auditRoute }, async ({ query: { from, to, cursor, ...query } }) => {
      const filter: AuditFilter & { limit: number } = {
        ...query,
        ...(from !== undefined && { from: momentOf(from, 'from') }),
        ...(to !== undefined && { to: momentOf(to, 'to') }),
      }
      if (filter.from !== undefined && filter.to !== undefined && filter.from > filter.to)
        throw wrong('from', 'lies behind to; exchange them')
      return parts.audit.list({ ...filter, ...(cursor !== undefined && { after: placeOf(cursor) }) })
    })
  }

function placeOf(cursor: string): string {
  if (/^\d{16}-\d{7}$/.test(cursor)) return cursor
  throw wrong('cursor', 'is no place of this log; take next from the page before, and leave out cursor for the first page')
}
