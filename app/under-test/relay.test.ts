import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { afterAll, expect, test } from '@jest/globals'
import { openRelay, type Relay } from './relay.ts'

/** Says every byte again. */
const echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1')
let relay: Relay | null = null
afterAll(async () => {
  await relay?.close()
  echo.close()
})

/** What a new connection through the relay hears of `word`; null when it is refused or broken. */
function heard(port: number, word: string): Promise<{ socket: Socket; text: string } | null> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.on('error', () => resolve(null))
    socket.on('close', () => resolve(null))
    socket.on('data', (chunk: Buffer) => resolve({ socket, text: chunk.toString() }))
    socket.write(word)
  })
}

test('a relay carries both ways; closed, it breaks what stands and refuses; opened again, it is at the same port', async () => {
  await once(echo, 'listening')
  let port = (echo.address() as AddressInfo).port
  relay = await openRelay(() => ({ host: '127.0.0.1', port }))
  const standing = await heard(relay.port, 'one')
  expect(standing?.text).toBe('one')
  const broken = standing && once(standing.socket, 'close')
  await relay.close()
  await relay.close()
  await broken
  expect(await heard(relay.port, 'two')).toBeNull()
  await relay.open()
  await relay.open()
  const again = await heard(relay.port, 'three')
  expect(again?.text).toBe('three')
  again?.socket.destroy()
  // where nobody answers behind it, the connection breaks
  port = 1
  expect(await heard(relay.port, 'four')).toBeNull()
})
