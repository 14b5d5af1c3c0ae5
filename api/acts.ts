import type { FastifyRequest } from 'fastify'
import type Type from 'typebox'
import type { ActState } from '../domain/amendment-desk.ts'
import { noteBecame } from './audited.ts'
import { answers } from './documented.ts'

/** The answers of a route that changes what is stored: 200, or 202 while the change waits for the store. */
export const actAnswers = <Schema extends Type.TSchema>(schema: Schema, description: string) => ({
  ...answers(200, schema, description),
  ...answers(202, schema, 'The same; state is waiting: it is on disk and is carried when the store takes it. Do not send it again.'),
})

/** The status of an answer; the audit log says it too where the change waits. */
export function statusOf(request: FastifyRequest, state: ActState): 200 | 202 {
  if (state !== 'waiting') return 200
  noteBecame(request, 'on disk, waits for the store')
  return 202
}
