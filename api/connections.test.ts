import { once } from 'node:events'
import net from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { testHouse, type HouseOptions, type TestHouse } from './testing/house.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Door {
  house: TestHouse
  connect(): Promise<net.Socket>
  reasons(): string[]
}

async function open(config: HouseOptions['config']): Promise<Door> {
  const house = await testHouse({ config: config ?? {} })
  const address = await house.app.listen({ port: 0, host: '127.0.0.1' })
  cleanups.push(() => house.app.close())
  const connect = async (): Promise<net.Socket> => {
    const socket = net.connect(Number(new URL(address).port), '127.0.0.1')
    socket.on('error', () => undefined)
    cleanups.push(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { house, connect, reasons: () => house.noted.map(({ action, reason }) => `${action} ${reason}`) }
}

const basic = `Basic ${Buffer.from('rtu-0017:secret-of-0017').toString('base64')}`

/** Asks over a connection, which stays open; the first line of the answer. */
async function ask(socket: net.Socket, path = '/healthz', ...headers: string[]): Promise<string> {
  socket.write([`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n'))
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.toString().split('\r\n')[0] ?? ''
}
const receipt = (socket: net.Socket): Promise<string> => ask(socket, '/api/v1/deliveries/1/receipt', `Authorization: ${basic}`)

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

test('there are so many connections in all; one more is closed and counted', async () => {
  const { connect, reasons, house } = await open({ maxConnections: 2 })
  const first = await connect()
  await ask(first)
  await connect()
  await once(await connect(), 'close')
  expect(reasons()).toEqual(['connect too-many-connections'])
  expect([...house.app.refused()]).toEqual([['too-many-connections', 1]])
  first.destroy()
  await until(() => house.app.connections.total() === 1)
  expect(await ask(await connect())).toContain('200')
})

test('one address has so many connections without a login; more wait for their turn, and those with one are not counted', async () => {
  const { connect, reasons } = await open({ maxStrangers: 2 })
  const known = [await connect(), await connect(), await connect()]
  for (const socket of known) expect(await receipt(socket)).toContain('200')
  const silent = [await connect(), await connect()]
  let answered = false
  const waiting = ask(await connect()).then((line) => ((answered = true), line))
  expect(await receipt(known[0] as net.Socket)).toContain('200')
  expect(answered).toBe(false)
  silent[0]?.destroy()
  expect(await waiting).toContain('200')
  expect(reasons()).toEqual([])
})

test('whose turn does not come is closed and counted', async () => {
  const { connect, reasons } = await open({ maxStrangers: 1, requestWithin: '200ms', headWithin: '10m' })
  const first = await connect()
  const drip = setInterval(() => first.write('x'), 20)
  cleanups.push(() => clearInterval(drip))
  // cut for its slowness no sooner than the other has waited in vain
  await Promise.race([once(await connect(), 'close'), once(await connect(), 'close')])
  await until(() => reasons().includes('connect too-many-strangers'))
})

test('who sends half a head or half a body holds its place no longer than a head may take', async () => {
  const { connect, reasons } = await open({ maxStrangers: 2, headWithin: '300ms', requestWithin: '10m' })
  const slow = [await connect(), await connect()]
  const ended = slow.map((socket) => once(socket.resume(), 'close'))
  const head = 'POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n'
  slow[0]?.write(head)
  slow[1]?.write(`${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`)
  const honest = [await connect(), await connect(), await connect()]
  for (const line of await Promise.all(honest.map((socket) => ask(socket)))) expect(line).toContain('200')
  await Promise.all(ended)
  expect(reasons()).toEqual([])
})

test('a body may take as long as a request, where somebody has logged in', async () => {
  const { connect, house } = await open({ headWithin: '200ms', requestWithin: '10m' })
  const device = await connect()
  device.write(
    [
      ...['POST /api/v1/deliveries HTTP/1.1', 'Host: localhost', `Authorization: ${basic}`],
      ...['Content-Type: application/json', 'Content-Length: 2', '', '{'],
    ].join('\r\n'),
  )
  const slow = await connect()
  slow.write('GET /healthz')
  // by then the time of a head is over for both
  await once(slow.resume(), 'close')
  device.write('}')
  const [bytes] = (await once(device, 'data')) as [Buffer]
  expect(bytes.toString()).toContain(' 202 ')
  expect(house.deliveries).toHaveLength(1)
})

test('a connection that was answered and is silent gives way to one that waits', async () => {
  const { connect, reasons } = await open({ maxStrangers: 2 })
  const kept = [await connect(), await connect()]
  for (const socket of kept) expect(await ask(socket)).toContain('200')
  const ended = once(kept[0] as net.Socket, 'close')
  expect(await ask(await connect())).toContain('200')
  await ended
  expect(await ask(kept[1] as net.Socket)).toContain('200')
  expect(reasons()).toEqual([])
})

test('a wrong login gives its turn to the next while it waits for its answer', async () => {
  const { connect, house } = await open({ maxStrangers: 1 })
  // the first five are answered at once, these wait
  for (let n = 0; n < 5; n++) house.parts.pace.wrong('127.0.0.1', '')
  const guess = await connect()
  guess.write('GET /api/v1/stations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer gk_wrong\r\n\r\n')
  expect(await receipt(await connect())).toContain('200')
})

test('the connections of a trusted proxy bring many clients, and only all together are bounded', async () => {
  const { connect, reasons } = await open({ maxStrangers: 1, trustedProxies: ['127.0.0.0/8'], maxConnections: 4 })
  await connect()
  await connect()
  expect(await ask(await connect())).toContain('200')
  await connect()
  await once(await connect(), 'close')
  expect(reasons()).toEqual(['connect too-many-connections'])
})

test('a server that stops keeps nobody waiting', async () => {
  const { connect, house } = await open({ maxStrangers: 1 })
  await connect()
  const waiting = await connect()
  await until(() => house.app.connections.total() === 2)
  const ended = once(waiting, 'close')
  await house.app.close()
  await ended
})
