import { Ajv } from 'ajv'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { ApiProblem } from './errors.ts'

/** Deepest nesting of a body that is looked at. */
const depthAtMost = 16

/**
 * Checks what comes in against the routes' schemas. Text of an address becomes the number or list it stands for; a body is taken as it
 * is. What no schema names is refused, never dropped. Answers are written as they are: tests hold them against their schemas.
 */
export function checkRequests(app: FastifyInstance): void {
  const shared = { allErrors: true, verbose: true, useDefaults: true, removeAdditional: false, strict: false } as const
  const ofAddress = new Ajv({ ...shared, coerceTypes: 'array' })
  const ofBody = new Ajv({ ...shared, coerceTypes: false })
  app.setValidatorCompiler(({ schema, httpPart }) => (httpPart === 'body' ? ofBody : ofAddress).compile(schema))
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/api/')) return
    route.schema = { querystring: Type.Object({}, { additionalProperties: false }), ...route.schema }
  })
  app.addHook('preValidation', async (request) => {
    if (typeof request.body === 'object' && deeperThan(request.body, depthAtMost))
      throw new ApiProblem(
        'invalid-request',
        `The body is nested more than ${depthAtMost} deep; nothing that is asked for here needs that.`,
      )
  })
}

function deeperThan(body: unknown, depth: number): boolean {
  let level: unknown[] = [body]
  for (let down = 0; level.length > 0; down += 1) {
    if (down > depth) return true
    level = level.flatMap((value) => (typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? Object.values(value) : []))
  }
  return false
}
