import Type from 'typebox'
import { hint } from '../../domain/nearest.ts'
import type { Resource } from '../context.ts'
import { answers, strict } from '../documented.ts'
import { apiErrors, ApiProblem } from '../errors.ts'
import { Alive, Readiness } from '../schemas/health.ts'
import { SystemState } from '../schemas/system.ts'

const healthRoute = {
  operationId: 'healthz',
  tags: ['system'],
  summary: 'The process lives',
  response: answers(200, Alive, 'It does'),
}
const readyRoute = {
  operationId: 'readyz',
  tags: ['system'],
  summary: 'Everything that is needed works; 503 and the reasons when not',
  response: {
    ...answers(200, Readiness, 'All is well'),
    503: { ...Readiness, description: 'Something is not; each check says what to do' },
  },
}
const systemRoute = {
  operationId: 'system',
  tags: ['system'],
  summary: 'Readiness, and what somebody should mend',
  response: answers(200, SystemState, 'The state'),
}
const metricsRoute = {
  operationId: 'metrics',
  tags: ['system'],
  summary: 'Figures for Prometheus',
  response: { 200: { description: 'Text exposition format', content: { 'text/plain': { schema: Type.String() } } } },
}
const openapiRoute = {
  operationId: 'openapi',
  tags: ['system'],
  summary: 'This description, OpenAPI 3.1',
  response: { 200: { description: 'OpenAPI', content: { 'application/json': { schema: Type.Unsafe<object>({ type: 'object' }) } } } },
}
const Meaning = strict({ code: Type.String(), title: Type.String(), status: Type.Integer(), meaning: Type.String() })
const problemRoute = {
  operationId: 'problem',
  tags: ['system'],
  summary: 'What a type of problem means',
  params: strict({ code: Type.String({ maxLength: 100, examples: ['invalid-request'] }) }),
  response: answers(200, Meaning, 'The meaning'),
}

/** Life, readiness, figures and the description; at the root, not under /api/v1. */
export const system: Resource =
  ({ parts }) =>
  async (app) => {
    app.get('/healthz', { schema: healthRoute }, async () => ({ ok: true as const, version: parts.version }))
    app.get('/readyz', { schema: readyRoute }, async (_request, reply) => {
      const checks = (await parts.health()).map(({ name, ok, detail }) => ({ name, ok, detail }))
      const ready = checks.every((check) => check.ok)
      return reply
        .code(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ready, checks })
    })
    app.get('/api/v1/system', { schema: systemRoute }, async () => {
      const checks = (await parts.health()).map(({ name, ok, detail }) => ({ name, ok, detail }))
      return { version: parts.version, ready: checks.every(({ ok }) => ok), checks, problems: await parts.problems() }
    })
    app.get('/metrics', { schema: metricsRoute }, async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await parts.metrics()),
    )
    app.get('/openapi.json', { schema: openapiRoute }, async () => app.swagger())
    app.get('/api/v1/problems/:code', { schema: problemRoute }, async (request) => {
      const entry = apiErrors.find((one) => one.code === request.params.code)
      if (entry) return { code: entry.code, title: entry.title, status: entry.status, meaning: entry.meaning }
      const near = hint(
        request.params.code,
        apiErrors.map((one) => one.code),
      )
      throw new ApiProblem('not-found', `There is no type of problem ${JSON.stringify(request.params.code)}${near}.`)
    })
  }
