import { once } from 'node:events'
import net from 'node:net'
import { expect, test } from '@jest/globals'
import { testHouse } from './testing/house.ts'

test('who says nothing, half a head or a body drop by drop is cut, and others are answered', async () => {
  const house = await testHouse({ config: { requestWithin: '300ms' } })
  const address = await house.app.listen({ port: 0, host: '127.0.0.1' })
  const head = 'POST /api/v1/session HTTP/1.1\r\nhost: localhost\r\n'
  const cut = ['', head, `${head}content-type: application/json\r\ncontent-length: 100000\r\n\r\n{`].map(async (begin) => {
    const socket = net.connect(Number(new URL(address).port), '127.0.0.1')
    socket.on('error', () => undefined).resume()
    socket.write(begin)
    const drip = setInterval(() => begin.endsWith('{') && socket.write(' '), 20)
    await once(socket, 'close')
    clearInterval(drip)
  })
  await Promise.all(cut)
  expect((await fetch(`${address}/healthz`)).status).toBe(200)
  await house.app.close()
})
