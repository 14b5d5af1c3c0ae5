import { createPrivateKey, X509Certificate } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import { expect, test } from '@jest/globals'
import type { IClientOptions } from 'mqtt'
import { mintAuthority, mintDevice, mintServer, type Pair } from '../app/certificates/mint.ts'
import type { CertificateFault, CertificateVerdict } from '../domain/certificate.ts'
import type { Identify } from '../domain/identity.ts'
import { deviceId } from '../domain/ids.ts'
import type { BrokerConfig } from './config.ts'
import type { BrokerParts } from './port.ts'
import { returnCodes } from './refusals.ts'
import { afterwards, closed, login, openBroker, rawConnection, refusedWith, until } from './testing/brokers.ts'
import type { ClientCertificate, TlsOptions } from './tls.ts'

let serial = 16
const order = () => ({ serial: (serial++).toString(16), from: Date.now() - 60_000, until: Date.now() + 3_600_000 })
const [ca, foreign] = [mintAuthority('test CA', order()), mintAuthority('another CA', order())]

async function certificateOf(name: string, authority = ca): Promise<Pair> {
  const { certificate, key } = await mintDevice(await authority, { device: name, request: null }, order())
  return { certificate, key: key ?? '' }
}

async function serverCredentials(): Promise<TlsOptions['credentials']> {
  return { ...(await mintServer(await ca, ['localhost', '127.0.0.1'], order())), authority: (await ca).certificate }
}

/** The certificate of a CN `rtu-…` is that device; any other CN is the fault it names. */
function judge(der: Uint8Array): CertificateVerdict {
  const name = new X509Certificate(der).subject.replace('CN=', '')
  if (!name.startsWith('rtu-')) return { fault: name as CertificateFault, device: deviceId('rtu-1') }
  return { identity: { role: 'device', device: deviceId(name), run: null } }
}

async function openTls({
  asked = 'optional',
  parts = {},
  config = {},
}: { asked?: ClientCertificate; parts?: Partial<BrokerParts>; config?: Partial<BrokerConfig> } = {}) {
  const opened = await openBroker(parts, config)
  const listener = await opened.broker.listenTls(0, '127.0.0.1', { credentials: await serverCredentials(), judge, asked })
  const enter = async (shown: Pair | null, options: IClientOptions = {}) =>
    login(listener.port, 'rtu-1', {
      protocol: 'mqtts',
      ca: (await ca).certificate,
      ...(shown && { cert: shown.certificate, key: shown.key, username: '', password: '' }),
      ...options,
    })
  return { ...opened, listener, port: listener.port, enter }
}

test('a good certificate is a login without a name or a secret, for the topics of its device', async () => {
  const { enter, heard, reasons, broker } = await openTls({ asked: 'required' })
  const client = await enter(await certificateOf('rtu-2'))
  await client.publishAsync('devices/rtu-2/readings', 'x'.repeat(200_000), { qos: 1 })
  await client.publishAsync('devices/rtu-2/readings', 'two', { qos: 1 })
  expect(heard().map((one) => one.length)).toEqual([200_023, 26])
  const named = await enter(await certificateOf('rtu-3'), { username: 'rtu-3', password: 'not looked at' })
  const ended = closed(named)
  named.publish('devices/rtu-2/readings', 'foreign')
  await ended
  expect(reasons()).toEqual(['publish-foreign-topic'])
  broker.kick(deviceId('rtu-2'))
  await closed(client)
})

test('each fault of a certificate is refused under its reason, with its code and the device', async () => {
  const { enter, refused } = await openTls()
  const faults: CertificateFault[] = [
    'certificate-foreign',
    'certificate-unknown',
    'certificate-early',
    'certificate-expired',
    'certificate-revoked',
  ]
  for (const fault of faults) {
    const shown = await certificateOf(fault, fault === 'certificate-foreign' ? foreign : ca)
    expect(await refusedWith(enter(shown, { username: 'rtu-1', password: 'secret-of-rtu-1' }))).toBe(5)
    expect(returnCodes[fault]).toBe(5)
  }
  expect(refused).toEqual(faults.map((reason) => ({ reason, device: null, address: '127.0.0.1', detail: 'rtu-1' })))
})

test('the certificate of another device than the user name lets nobody in', async () => {
  const { enter, refused } = await openTls()
  expect(await refusedWith(enter(await certificateOf('rtu-2'), { username: 'rtu-1', password: 'secret-of-rtu-1' }))).toBe(5)
  expect(refused).toMatchObject([{ reason: 'certificate-of-another', detail: 'rtu-2' }])
})

test('without a certificate the secret decides, unless one is required', async () => {
  const optional = await openTls()
  await optional.enter(null)
  expect(await refusedWith(optional.enter(null, { password: 'wrong' }))).toBe(4)
  const required = await openTls({ asked: 'required' })
  expect(await refusedWith(required.enter(null))).toBe(5)
  expect([optional.reasons(), required.reasons()]).toEqual([['login-refused'], ['certificate-missing']])
})

test('where devices need a certificate, programs come in with their keys and no secret of a device opens anything', async () => {
  const program = deviceId('key display (gk_1)')
  const identify: Identify = async (name, secret) => {
    if (Buffer.from(secret).toString() === 'gk_1') return { role: 'service', device: program, run: null }
    return name === 'rtu-1' && Buffer.from(secret).toString() === 'secret-of-rtu-1'
      ? { role: 'device', device: deviceId('rtu-1'), run: null }
      : null
  }
  const { enter, refused, broker } = await openTls({ asked: 'devices', parts: { identify } })
  const display = await enter(null, { username: 'display', password: 'gk_1' })
  expect(await display.subscribeAsync('warnings/#')).toMatchObject([{ qos: 0 }])
  await enter(await certificateOf('rtu-2'))
  expect(broker.figures().clients).toBe(2)
  expect(await refusedWith(enter(null, { password: 'secret-of-rtu-1' }))).toBe(5)
  expect(await refusedWith(enter(null, { username: '', password: '' }))).toBe(5)
  expect(await refusedWith(enter(null, { username: 'display', password: 'gk_2' }))).toBe(4)
  expect(refused.map(({ reason, detail }) => `${reason} ${detail}`)).toEqual([
    ...['certificate-missing rtu-1', 'certificate-missing ', 'login-refused display'],
  ])
})

test('what is no TLS 1.2, no TLS at all, or comes to no end is closed and counted', async () => {
  const { port, refused, broker } = await openTls({ config: { connectWithin: '200ms' } })
  const plain = await rawConnection(port)
  plain.socket.write(Buffer.from([0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0]))
  await plain.closed
  const old = tls.connect({
    port,
    host: '127.0.0.1',
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    rejectUnauthorized: false,
  })
  const failed = await new Promise<string>((resolve) => old.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? '')))
  expect(failed).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  await (
    await rawConnection(port)
  ).closed
  const gone = await rawConnection(port)
  gone.socket.destroy()
  await until(() => refused.length === 4 && broker.figures().connections === 0)
  expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['tls-handshake']))
  expect(refused.map(({ detail }) => detail).slice(0, 3)).toEqual([
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_UNSUPPORTED_PROTOCOL',
    'ERR_TLS_HANDSHAKE_TIMEOUT',
  ])
})

test('handshakes wait for their turn as logins do', async () => {
  const { port, enter, broker } = await openTls({ config: { maxStrangers: 1, connectWithin: '60s' } })
  const idle = await rawConnection(port)
  const entering = enter(await certificateOf('rtu-1'))
  await until(() => broker.figures().connections === 2)
  expect(broker.figures().clients).toBe(0)
  idle.socket.destroy()
  await entering
})

test('another certificate of the server is shown to those who come after, and cuts nobody', async () => {
  const { port, enter, listener, broker } = await openTls()
  const client = await enter(await certificateOf('rtu-1'))
  const shown = async () => {
    const socket = tls.connect({ port, host: '127.0.0.1', ca: (await ca).certificate })
    await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()))
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }
  const renewed = await serverCredentials()
  const before = await shown()
  listener.use(renewed)
  expect(await shown()).not.toBe(before)
  expect(new X509Certificate(renewed.certificate).checkPrivateKey(createPrivateKey(renewed.key))).toBe(true)
  await client.publishAsync('devices/rtu-1/readings', 'still here', { qos: 1 })
  await broker.close()
})

test('a device that resumes its TLS session is judged anew, by the same certificate', async () => {
  const { port, broker, listener } = await openTls({ asked: 'required' })
  const mine = await certificateOf('rtu-1')
  const connect = Buffer.from([0x10, 12, 0, 4, 77, 81, 84, 84, 4, 2, 0, 60, 0, 0])
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    let session: Buffer | undefined
    for (const resumed of [false, true]) {
      const socket = tls.connect({
        port,
        host: '127.0.0.1',
        ca: (await ca).certificate,
        cert: mine.certificate,
        key: mine.key,
        maxVersion,
        session,
      })
      afterwards(async () => socket.destroy())
      socket.on('session', (ticket) => (session = ticket))
      const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve))
      socket.write(connect)
      expect([...(await answer)]).toEqual([0x20, 2, 0, 0])
      expect([maxVersion, socket.isSessionReused()]).toEqual([maxVersion, resumed])
      await until(() => session !== undefined)
    }
  }
  expect(broker.figures().listening).toBe(listener.port > 0)
})

test('a port that is taken is told', async () => {
  const { broker } = await openTls()
  const other = net.createServer().listen(0, '127.0.0.1')
  await new Promise<void>((resolve) => other.once('listening', () => resolve()))
  afterwards(async () => other.close())
  const { port } = other.address() as net.AddressInfo
  const listening = broker.listenTls(port, '127.0.0.1', { credentials: await serverCredentials(), judge, asked: 'optional' })
  await expect(listening).rejects.toMatchObject({ code: 'broker-port-taken' })
})
