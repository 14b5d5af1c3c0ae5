import { afterAll, beforeAll, expect, test } from '@jest/globals'
import Fastify, { type InjectOptions } from 'fastify'
import { askBeforeRoutes } from './allow.ts'
import { roles, type Role } from './people.ts'
import { operations, permissions } from './permissions.ts'
import { cookieOf, furnish, newPassword, testHouse, type TestHouse } from './testing/house.ts'

let house: TestHouse
const cookies = new Map<Role, string>()
beforeAll(async () => {
  house = await testHouse({ parts: { loopback: { http: false, https: false } } })
  await furnish(house)
  await house.loggedIn()
  const admin = (await house.store.documents.get<object>('user', 'admin'))?.body
  for (const role of roles) {
    await house.store.documents.put('user', role, { ...admin, role }, 0)
    const login = { user: role, password: newPassword }
    cookies.set(role, cookieOf(await house.anyone({ method: 'POST', url: '/api/v1/session', payload: login })))
  }
})
afterAll(() => house.app.close())

interface Route {
  operation: string
  request: InjectOptions
}

/** Every route of the description, asked for something that is not there. */
async function routes(): Promise<Route[]> {
  const { paths } = (await house.anyone('/openapi.json')).json<{ paths: Record<string, Record<string, { operationId: string }>> }>()
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => {
      const url = path.replace(/\{\w+\}/g, 'nothing')
      const bodied = ['post', 'put'].includes(method)
      return { operation: operationId, request: { method: method.toUpperCase() as 'GET', url, ...(bodied && { payload: {} }) } }
    }),
  )
}

const refused = new Set([401, 403])

test('every route of the description is in the table, and the table has no other', async () => {
  expect((await routes()).map((route) => route.operation).sort()).toEqual(Object.keys(operations).sort())
})

test('every route asks for the role of the table, and lets nobody else in', async () => {
  for (const { operation, request } of await routes()) {
    const need = operations[operation]
    if (need === undefined || need === 'anyone' || need === 'device' || need === 'person' || operation === 'stream') continue
    const least = roles.indexOf(permissions[need])
    const entered = async (cookie: string | undefined) =>
      !refused.has((await house.anyone({ ...request, ...(cookie !== undefined && { headers: { cookie } }) })).statusCode)
    expect({ operation, anybody: await entered(undefined) }).toEqual({ operation, anybody: false })
    for (const [place, role] of roles.entries())
      expect({ operation, role, entered: await entered(cookies.get(role)) }).toEqual({ operation, role, entered: place >= least })
  }
})

test('a route that says nothing of what it needs cannot be registered', () => {
  const app = Fastify()
  askBeforeRoutes(app, { allow: async () => undefined } as never)
  expect(() => app.get('/api/v1/forgotten', { schema: { operationId: 'forgotten' } }, async () => null)).toThrow('api/permissions.ts')
})
