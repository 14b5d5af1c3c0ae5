import { once } from 'node:events'
import net from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { createTcpDoor, type TcpDoor, type TcpDoorParts, type Visitor } from './tcp-door.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Opened {
  door: TcpDoor
  visitors: Visitor[]
  refused: string[]
  connect(): net.Socket
}

async function open(more: Partial<TcpDoorParts> = {}): Promise<Opened> {
  const [visitors, refused]: [Visitor[], string[]] = [[], []]
  const door = createTcpDoor({
    ...{ name: 'a test', maxConnections: 10, maxStrangers: 10, loginWithinMs: 60_000, idleMs: 60_000 },
    serve: (visitor) => void visitors.push(visitor),
    onRefused: (reason, address) => void refused.push(`${reason} ${address}`),
    ...more,
  })
  const port = await door.listen(0, '127.0.0.1')
  cleanups.push(() => door.close())
  const connect = (): net.Socket => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    cleanups.push(() => socket.destroy())
    return socket
  }
  return { door, visitors, refused, connect }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

test('a connection is served with its address', async () => {
  const { door, visitors, connect } = await open()
  connect()
  await until(() => visitors.length === 1)
  expect(visitors[0]?.address).toBe('127.0.0.1')
  expect([door.connections(), door.listening()]).toEqual([1, true])
})

test('too many connections are closed at once and counted', async () => {
  const { refused, connect, visitors } = await open({ maxConnections: 1 })
  connect()
  await until(() => visitors.length === 1)
  await once(connect(), 'close')
  expect(refused).toEqual(['too-many-connections 127.0.0.1'])
})

test('an address has so many strangers; who logged in is none', async () => {
  const { refused, connect, visitors } = await open({ maxStrangers: 1 })
  connect()
  await until(() => visitors.length === 1)
  await once(connect(), 'close')
  expect(refused).toEqual(['too-many-strangers 127.0.0.1'])
  visitors[0]?.known()
  connect()
  await until(() => visitors.length === 2)
})

test('who does not log in, or falls silent, is closed', async () => {
  const late = await open({ loginWithinMs: 1 })
  await once(late.connect(), 'close')
  expect(late.refused).toEqual(['login-late 127.0.0.1'])
  const idle = await open({ idleMs: 1, serve: (visitor) => visitor.known() })
  await once(idle.connect(), 'close')
  expect(idle.refused).toEqual(['idle 127.0.0.1'])
})

test('a shut door keeps who is in; a closed one does not', async () => {
  const { door, visitors, connect } = await open()
  const socket = connect()
  await until(() => visitors.length === 1)
  await door.shut()
  expect([door.listening(), door.connections()]).toEqual([false, 1])
  const closed = once(socket, 'close')
  await door.close()
  await closed
})

test('a taken port is told as one', async () => {
  const holder = net.createServer().listen(0, '127.0.0.1')
  await once(holder, 'listening')
  cleanups.push(() => holder.close())
  const address = holder.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const door = createTcpDoor({
    ...{ name: 'a test', maxConnections: 1, maxStrangers: 1, loginWithinMs: 1, idleMs: 1 },
    serve: () => undefined,
    onRefused: () => undefined,
  })
  await expect(door.listen(port, '127.0.0.1')).rejects.toMatchObject({ code: 'gateway-port-taken' })
})
