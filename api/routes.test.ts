import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Ajv } from 'ajv'
import type { InjectOptions } from 'fastify'
import { demoNetwork, furnish, testHouse, type TestHouse } from './testing/house.ts'

interface Operation {
  operationId: string
  parameters?: {
    in: string
    name: string
    required?: boolean
    example?: unknown
    examples?: Record<string, { value: unknown }>
    schema: unknown
  }[]
  requestBody?: { content: Record<string, { example?: unknown; schema: { example?: unknown; examples?: unknown[] } }> }
  responses: Record<string, { content?: Record<string, { schema: object }> }>
}
interface Description {
  openapi: string
  paths: Record<string, Record<string, Operation>>
}

let [full, bare]: TestHouse[] = []
let description: Description
beforeAll(async () => {
  full = await testHouse()
  bare = await testHouse({ empty: true })
  await furnish(full)
  description = (await full.anyone('/openapi.json')).json<Description>()
})
afterAll(() => Promise.all([full, bare].map((house) => house?.app.close())))

/**
 * Routes whose example is not one request: the stream is followed in stream.test.ts; the others need something that is not there yet, and
 * have tests of their own.
 */
const elsewhere = new Set([
  'stream',
  'login',
  'logout',
  'changePassword',
  'claimDevice',
  'removeUser',
  'revokeKey',
  'revokeCertificate',
  'withdrawClock',
  'stopSimulation',
  'simulationTruth',
])

const operations = (): { method: string; path: string; operation: Operation }[] =>
  Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )

/** The request that the examples of an operation describe. */
function requestOf(path: string, method: string, operation: Operation): InjectOptions {
  const examples = (operation.parameters ?? []).map((one) => ({
    ...one,
    value: one.example ?? Object.values(one.examples ?? {})[0]?.value,
  }))
  const filled = examples.filter((one) => one.in === 'path').reduce((url, one) => url.replace(`{${one.name}}`, String(one.value)), path)
  const query = new URLSearchParams()
  for (const one of examples)
    if (one.in === 'query' && one.value !== undefined) for (const value of [one.value].flat()) query.append(one.name, String(value))
  const media = operation.requestBody?.content['application/json']
  const payload = media && (media.example ?? media.schema.example ?? media.schema.examples?.[0])
  const device = { authorization: `Basic ${Buffer.from('rtu-0017:secret-of-0017').toString('base64')}` }
  const headers = operation.operationId.startsWith('deliver') ? device : undefined
  const url = `${filled}${query.size > 0 ? `?${query.toString()}` : ''}`
  return {
    method: method.toUpperCase() as 'GET',
    url,
    ...(headers && { headers }),
    ...(payload !== undefined && { payload: payload as object }),
  }
}

const ajv = new Ajv({ strict: false, allErrors: true })

test('the example of every route is answered as its schema says', async () => {
  expect(description.openapi).toBe('3.1.0')
  const runs = operations().filter(({ operation }) => !elsewhere.has(operation.operationId))
  expect(runs.length).toBeGreaterThanOrEqual(20)
  for (const { path, method, operation } of runs) {
    const answer = await full?.cli(requestOf(path, method, operation))
    const what = `${method} ${path}: ${answer?.statusCode} ${answer?.body.slice(0, 300)}`
    const [status = ''] = Object.keys(operation.responses)
    expect({ what, status: String(answer?.statusCode) }).toEqual({ what, status })
    // one simulation runs at a time
    if (answer && path.startsWith('/api/v1/simulator') && status === '201') {
      const { run } = answer.json<{ run: string }>()
      await full?.cli({ method: 'POST', url: `/api/v1/simulator/${run}/stop` })
    }
    const schema = operation.responses[status]?.content?.['application/json']?.schema
    if (!schema) continue
    const fits = ajv.compile(closed(schema))
    expect({ what, errors: fits(answer?.json()) ? null : fits.errors }).toEqual({ what, errors: null })
  }
})

/** The schema with every object closed: an answer may hold nothing that is not described. */
function closed(schema: unknown): object {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema as unknown as object
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  return 'properties' in inner && !('additionalProperties' in inner) ? { ...inner, additionalProperties: false } : inner
}

test('every route answers with sense when the store is empty', async () => {
  const reads = operations().filter(({ method, operation }) => method === 'get' && !elsewhere.has(operation.operationId))
  const lists: string[] = []
  for (const { path, method, operation } of reads) {
    const request = requestOf(path, method, operation)
    const whole = await bare?.cli({ ...request, url: String(request.url).split('?')[0] ?? '' })
    const answer = whole?.statusCode === 400 ? await bare?.cli(request) : whole
    const body = String(answer?.headers['content-type']).includes('json') && answer ? answer.json<Record<string, unknown>>() : {}
    if (answer?.statusCode === 200) lists.push(operation.operationId)
    else
      expect({ path, status: answer?.statusCode, says: /There is no|there is no/.test(String(body['detail'])) }).toEqual({
        path,
        status: answer?.statusCode,
        says: true,
      })
  }
  expect(lists).toEqual(expect.arrayContaining(['stations', 'seriesList', 'warnings', 'devices', 'quarantine', 'runs', 'readyz']))
})

test('a run is made, gets its clock and goes', async () => {
  const house = await testHouse()
  const made = await house.cli({ method: 'POST', url: '/api/v1/runs', payload: { run: 'trial', network: demoNetwork, clock: 'run' } })
  expect(made.statusCode).toBe(201)
  expect(made.json()).toMatchObject({ summary: { run: 'trial', clock: 'run' }, secrets: [{ device: 'rtu-0017', secret: 'shown-once' }] })
  expect((await house.cli({ method: 'POST', url: '/api/v1/runs/trial/clock', payload: { at: 5 } })).json()).toEqual({ run: 'trial', at: 5 })
  expect(house.ticks).toEqual([{ run: 'trial', at: 5 }])
  expect((await house.cli({ method: 'DELETE', url: '/api/v1/runs/trial' })).json()).toEqual({ removed: true })
  const again = await house.cli({ method: 'POST', url: '/api/v1/runs', payload: { run: 'trial', network: demoNetwork, clock: 'run' } })
  expect([again.statusCode, again.json<{ detail: string }>().detail]).toEqual([409, expect.stringContaining('Take another name.')])
  expect((await house.cli('/api/v1/runs')).json()).toMatchObject({ removed: ['trial'] })
  const gone = await house.cli({ method: 'POST', url: '/api/v1/runs/flod-2020/clock', payload: { at: 5 } })
  expect(gone.statusCode).toBe(404)
  expect(gone.json<{ detail: string }>().detail).toContain('did you mean flood-2020?')
  await house.app.close()
})

test('a network with mistakes is answered with each of them', async () => {
  const network = { ...demoNetwork, stations: [{ id: 'a', kind: 'river', sensors: [{ parameter: 'watr_level' }] }] }
  const answer = await full?.cli({ method: 'POST', url: '/api/v1/runs', payload: { run: 'bad', network, clock: 'run' } })
  expect(answer?.statusCode).toBe(422)
  const { problems } = answer?.json<{ problems: { path: string; message: string }[] }>() ?? { problems: [] }
  expect(problems.find(({ path }) => path.startsWith('network.stations'))?.message).toContain('water_level')
})
