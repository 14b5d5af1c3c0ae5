import type { FastifyInstance } from 'fastify'
import type { Access } from './access.ts'
import { ApiProblem } from './errors.ts'
import { operations, type Need } from './permissions.ts'

/**
 * Asks before every route whether the caller has what `operations` says that the route needs. Deny by default: a route of the api that is
 * not in the table cannot be registered (throws internal at the start). Pages and the command line's own routes ask for themselves.
 */
export function askBeforeRoutes(app: FastifyInstance, access: Access): void {
  app.addHook('onRoute', ({ url, schema }) => {
    if (url.startsWith('/api/') && needOf(schema) === undefined)
      throw new ApiProblem('internal', `registering ${url}: say in api/permissions.ts what ${operationOf(schema)} needs`)
  })
  app.addHook('onRequest', async (request) => {
    const need = needOf(request.routeOptions.schema)
    if (need !== undefined) await access.allow(request, need)
  })
}

/** The operationId of a route; empty where it has none. */
export const operationOf = (schema: object | undefined): string => (schema as { operationId?: string } | undefined)?.operationId ?? ''

const needOf = (schema: object | undefined): Need | undefined => {
  const operation = operationOf(schema)
  return Object.hasOwn(operations, operation) ? operations[operation] : undefined
}
