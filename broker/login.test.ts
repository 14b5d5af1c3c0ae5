import { expect, test } from '@jest/globals'
import mqtt, { type IClientOptions } from 'mqtt'
import { freshFolder, login, openBroker, rawConnection, refusedWith, closed, until } from './testing/brokers.ts'

test('devices log in with their secret in any of the known ways, and with nothing else', async () => {
  const { port, reasons } = await openBroker()
  const answers = async (options: IClientOptions, code: number | string) =>
    expect(await refusedWith(login(port, 'rtu-1', options))).toBe(code)
  await answers({}, 'logged in')
  await answers({ username: 'rtu-1:secret-of-rtu-1', password: '' }, 'logged in')
  await answers({ username: 'secret-of-rtu-1', password: '' }, 'logged in')
  expect(reasons()).toEqual([])

  await answers({ password: 'secret-of-rtu-2' }, 4)
  await answers({ password: '' }, 4)
  await answers({ username: '', password: '' }, 4)
  await answers({ username: 'rtu-1:secret-of-rtu-2', password: '' }, 4)
  await answers({ username: 'x'.repeat(600), password: '' }, 4)
  expect(reasons()).toEqual(['login-refused', 'login-refused', 'login-missing', 'login-refused', 'login-refused'])
})

test('a refused login names the user it was for, and never what may be a secret', async () => {
  const { port, refused } = await openBroker()
  await refusedWith(login(port, 'rtu-1', { password: 'wrong' }))
  await refusedWith(login(port, 'rtu-1', { username: 'rtu-1:wrong', password: '' }))
  await refusedWith(login(port, 'rtu-1', { username: 'wrong', password: '' }))
  expect(refused.map(({ detail, address }) => ({ detail, address }))).toEqual(
    ['rtu-1', '', ''].map((detail) => ({ detail, address: '127.0.0.1' })),
  )
})

test('a login that cannot be checked is told to come again', async () => {
  const { port, reasons } = await openBroker({
    identify: async () => {
      throw new Error('the store is away')
    },
  })
  expect(await refusedWith(login(port, 'rtu-1'))).toBe(3)
  expect(reasons()).toEqual(['login-unavailable'])
})

test('the client id is replaced by the login: nobody ends the session of another', async () => {
  const { port, broker, heard } = await openBroker()
  const first = await login(port, 'rtu-1', { clientId: 'rtu-1' })
  const second = await login(port, 'rtu-2', { clientId: 'rtu-1' })
  await first.publishAsync('devices/rtu-1/readings', 'one', { qos: 1 })
  await second.publishAsync('devices/rtu-2/readings', 'two', { qos: 1 })
  expect(heard()).toEqual(['devices/rtu-1/readings one', 'devices/rtu-2/readings two'])
  expect(broker.figures()).toMatchObject({ clients: 2, replacedIds: 1, takeovers: 0 })
})

test('a second connection of a device ends its first one', async () => {
  const { port, broker } = await openBroker()
  const first = await login(port, 'rtu-1', { clientId: 'a' })
  const ended = closed(first)
  const second = await login(port, 'rtu-1', { clientId: 'b' })
  await ended
  await second.publishAsync('devices/rtu-1/readings', '{}', { qos: 1 })
  expect(broker.figures()).toMatchObject({ clients: 1, takeovers: 1 })
})

test('logins of one device that come together: one that is replaced before it was answered counts as that', async () => {
  const most = 20
  const waiting: (() => void)[] = []
  const { port, broker, refused } = await openBroker({
    persistencePath: await freshFolder(),
    async identify() {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return { role: 'device', device: 'rtu-1' as never, run: null }
    },
  })
  const connections = await Promise.all(Array.from({ length: most }, () => rawConnection(port)))
  for (const { socket } of connections) socket.write(connectOf('rtu-1'))
  await until(() => waiting.length === most)
  for (const release of waiting) release()
  await until(() => broker.figures().connections === 1 && refused.length > 0)
  const replaced = { reason: 'replaced', device: 'rtu-1', address: '127.0.0.1', detail: '' }
  expect(refused).toEqual(refused.map(() => replaced))
})

test('a device can be put out, as after its secret was revoked', async () => {
  const { port, broker } = await openBroker()
  const [one, other] = [await login(port, 'rtu-1'), await login(port, 'rtu-2')]
  const ended = closed(one)
  broker.kick('rtu-1' as never)
  broker.kick('constructor' as never)
  await ended
  expect(other.connected).toBe(true)
  await until(() => broker.figures().connections === 1)
})

test('a device that is put out while it logs in does not stay', async () => {
  const entering = { release: (): void => undefined }
  const { port, broker, reached, refused } = await slowBroker(entering)
  const client = mqtt.connect({ port, host: '127.0.0.1', username: 'rtu-1', password: 'secret-of-rtu-1', reconnectPeriod: 0 })
  const ended = closed(client)
  await reached
  broker.kick('rtu-1' as never)
  entering.release()
  await ended
  await until(() => broker.figures().connections === 0)
  // that it was put out is noted where it was done; it sent nothing wrong
  expect(refused).toEqual([])
})

test('names of JavaScript are names like others', async () => {
  const { port, heard } = await openBroker()
  for (const name of ['constructor', '__proto__', 'toString']) {
    const client = await login(port, name, { clientId: name })
    await client.publishAsync(`devices/${name}/readings`, '{}', { qos: 1 })
  }
  expect(heard()).toHaveLength(3)
})

test('an id that is too long, another protocol and a forbidden will are refused with their codes', async () => {
  const { port, reasons } = await openBroker()
  const refused = async (options: IClientOptions, code: number | string) =>
    expect(await refusedWith(login(port, 'rtu-1', options))).toBe(code)
  await refused({ clientId: 'x'.repeat(65) }, 2)
  await refused({ clientId: '河'.repeat(22) }, 2)
  await refused({ will: { topic: 'devices/rtu-2/status', payload: Buffer.from('offline') } }, 5)
  await refused({ will: { topic: 'devices/rtu-1/readings', payload: Buffer.from('{}') } }, 5)
  await refused({ protocolVersion: 5 }, 1)
  expect(reasons()).toEqual(['client-id-too-long', 'client-id-too-long', 'will-forbidden', 'will-forbidden', 'unsupported-protocol'])
})

/** The bytes of a CONNECT with a clean session. */
function connectOf(name: string): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)])
  const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0b1100_0010, 0, 60]), text('x'), text(name), text(`secret-of-${name}`)])
  return Buffer.concat([Buffer.from([0x10, body.length]), body])
}

/** A broker whose logins wait until they are released. */
async function slowBroker(entering: { release: () => void }) {
  let arrived = (): void => undefined
  const reached = new Promise<void>((resolve) => (arrived = resolve))
  const opened = await openBroker({
    identify: async () => {
      arrived()
      await new Promise<void>((resolve) => (entering.release = resolve))
      return { role: 'device', device: 'rtu-1' as never, run: null }
    },
  })
  return { ...opened, reached }
}
