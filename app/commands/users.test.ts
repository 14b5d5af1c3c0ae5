import { expect, test } from '@jest/globals'
import { gaugekeeperTold } from '../../testing/command.ts'
import { serve, temporaryFolder } from '../../testing/server.ts'

const login = (url: string, password: string): Promise<Response> =>
  fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'admin', password }),
  })

test('a password from standard input opens a new data folder, and a server beyond loopback', async () => {
  const data = temporaryFolder()
  const flags = ['--data', data, '--set', 'server.host=0.0.0.0']
  expect(await gaugekeeperTold('too short\n', 'users', 'password', ...flags)).toMatchObject({ code: 1, stdout: '' })
  expect(await gaugekeeperTold('quite-long-enough\r\nnot this\n', 'users', 'password', ...flags)).toMatchObject({ code: 0 })

  const system = await serve({ data, flags: ['--no-demo', '--host', '0.0.0.0', '--set', 'server.plain=everywhere'] })
  const local = system.url.replace('0.0.0.0', '127.0.0.1')
  expect((await login(local, 'quite-long-enough')).status).toBe(200)
  expect((await login(local, 'not this')).status).toBe(401)

  expect((await gaugekeeperTold('quite-long-enough', 'users', 'password', 'nobody', '--data', data)).stderr).toContain('no user nobody')
  // the running server is asked, and the sessions of the old password are over
  expect(await gaugekeeperTold('another-long-one', 'users', 'password', '--data', data)).toMatchObject({ code: 0 })
  expect((await login(local, 'quite-long-enough')).status).toBe(401)
  expect((await login(local, 'another-long-one')).status).toBe(200)
  expect(await system.stop()).toBe(0)
}, 240_000)
