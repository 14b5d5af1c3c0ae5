import { execFileSync, spawnSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import https from 'node:https'
import type { IncomingHttpHeaders } from 'node:http'
import path from 'node:path'
import tls from 'node:tls'
import { gunzipSync } from 'node:zlib'
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt'
import { expect, test } from '@jest/globals'
import type { AuditEntry } from '../domain/audit.ts'
import { openAuthority } from '../app/certificates/authority.ts'
import { mintDevice, mintServer } from '../app/certificates/mint.ts'
import { gaugekeeper, gaugekeeperTold } from '../testing/command.ts'
import { mosquittoPub, needing, openssl } from '../testing/needing.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

const day = 86_400_000
const randomBytes = (size: number) => crypto.getRandomValues(new Uint8Array(size))
const reading = JSON.stringify({ at: new Date().toISOString(), values: { water_level: 1.5 } })

/** A certificate with its key and the CA by which the server is known, PEM. */
interface Shown {
  cert?: string
  key?: string
  ca: string
}

async function serveTls(flags: readonly string[] = [], data?: string): Promise<ServedSystem & { mqtts: string; https: string }> {
  const network = writeNetworkFile(temporaryFolder(), riverNetwork(2))
  const secure = ['tls.enabled=true', 'tls.host=127.0.0.1', 'tls.mqttPort=0', 'tls.httpsPort=0', ...flags]
  const system = await serve({
    ...(data !== undefined && { data }),
    flags: ['--no-demo', '--network', network, ...secure.flatMap((one) => ['--set', one])],
  })
  const { secure: addresses } = JSON.parse(readFileSync(path.join(system.data, 'server.json'), 'utf8')) as {
    secure: { mqtts: string; https: string }
  }
  return { ...system, ...addresses }
}

/** Issues a certificate by the command line and reads what it wrote. */
async function issued(system: ServedSystem, device: string, ...options: string[]): Promise<Shown & { serial: string; files: string[] }> {
  const command = options[0] === 'renew' ? options : ['issue', ...options]
  const out = temporaryFolder()
  const { code, stdout, stderr } = await gaugekeeper('devices', 'certificate', ...command, device, '--out', out, '--data', system.data)
  if (code !== 0) throw new Error(stderr)
  const files = stdout.trim().split('\n')
  const [cert = '', key = '', ca = ''] = files.map((file) => readFileSync(file, 'utf8'))
  return { cert, key, ca, serial: new X509Certificate(cert).serialNumber, files }
}

const connect = (system: { mqtts: string }, shown: Shown, options: IClientOptions = {}): MqttClient =>
  mqtt.connect(system.mqtts, { ...shown, reconnectPeriod: 0, connectTimeout: 10_000, ...options }).on('error', () => undefined)

const told = (client: MqttClient, event: 'connect' | 'close'): Promise<void> =>
  new Promise((resolve) => client.once(event, () => resolve()))

/** `in`, the return code of the refusal, or the error. */
async function enters(system: { mqtts: string }, shown: Shown, options: IClientOptions = {}): Promise<string | number> {
  const client = connect(system, shown, options)
  const answer = new Promise<string | number>((resolve) => {
    client.once('connect', () => resolve('in'))
    client.once('error', (error) => resolve((error as { code?: number }).code ?? String(error)))
  })
  const found = await answer
  client.end(true)
  return found
}

/** Certificates that this system's CA never kept: made with a copy of it, or by another. */
async function forged(folder: string, device: string, from: number): Promise<Shown> {
  const signer = await openAuthority({ file: path.join(folder, 'authority.pem'), randomBytes, now: Date.now }).open()
  const order = { serial: '4B4B4B', from, until: from + day }
  const { certificate, key } = await mintDevice(signer, { device, request: null }, order)
  return { cert: certificate, key: key ?? '', ca: '' }
}

const refusals = (system: ServedSystem, reason: string) => metric(system, 'gaugekeeper_broker_refused_total', `reason="${reason}"`)

test('a device logs in with its certificate alone; every other certificate is refused under its reason, counted and audited', async () => {
  const system = await serveTls(['tls.clientCertificate=required'])
  const good = await issued(system, 'logger-1')
  const client = connect(system, good)
  await told(client, 'connect')
  await client.publishAsync('devices/logger-1/readings', reading, { qos: 1 })
  await client.endAsync()

  const revoked = await issued(system, 'logger-2')
  await gaugekeeper('devices', 'certificate', 'revoke', 'logger-2', revoked.serial, '--data', system.data)
  const nowhere = path.join(temporaryFolder(), 'none')
  expect(await gaugekeeper('devices', 'certificate', 'issue', 'logger-2', '--out', nowhere, '--data', system.data)).toMatchObject({
    ...{ code: 2, stdout: '', stderr: expect.stringMatching(/^[^\n]*there is no such folder[^\n]*\n$/) },
  })
  expect((await gaugekeeper('devices', 'certificate', 'list', 'logger-2', '--data', system.data)).stdout.split('\n')).toHaveLength(2)
  const { ca } = good
  const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
  const copied = path.join(system.data, 'certificates')
  const attempts: [string, Shown, IClientOptions][] = [
    ['certificate-missing', { ca }, { username: 'logger-1', password: secret }],
    ['certificate-foreign', await forged(temporaryFolder(), 'logger-1', Date.now() - day / 2), {}],
    ['certificate-unknown', await forged(copied, 'logger-1', Date.now() - day / 2), {}],
    ['certificate-expired', await forged(copied, 'logger-1', Date.now() - 2 * day), {}],
    ['certificate-revoked', revoked, {}],
    ['certificate-of-another', good, { username: 'logger-2' }],
  ]
  for (const [reason, shown, options] of attempts) {
    expect({ reason, answer: await enters(system, { ...shown, ca }, options) }).toEqual({ reason, answer: 5 })
    expect({ reason, count: await refusals(system, reason) }).toEqual({ reason, count: 1 })
  }
  const audited = async () => (await system.get<{ entries: AuditEntry[] }>('/api/v1/audit?limit=100')).entries
  const reasons = async () => new Set((await audited()).filter(({ action }) => action === 'mqtt-refused').map(({ reason }) => reason))
  await until(async () => (await reasons()).size === attempts.length, 10_000, 'the refusals in the audit log')
  expect(await reasons()).toEqual(new Set(attempts.map(([reason]) => reason)))
  expect(await enters(system, good)).toBe('in')
  expect(await system.stop()).toBe(0)
}, 60_000)

test('where devices need a certificate, a program comes in with its key, over WebSocket too, and no device with its secret', async () => {
  const system = await serveTls(['tls.clientCertificate=devices'])
  const { ca, ...good } = await issued(system, 'logger-1')
  const { token } = await system.send<{ token: string }>('POST', '/api/v1/keys', { name: 'display', scopes: ['read'], days: 1 })
  const secret = (await secretsOf(system, ['logger-2'])).get('logger-2') ?? ''
  const web = { mqtts: `${system.https.replace('https:', 'wss:')}/mqtt` }
  for (const door of [system, web]) {
    expect(await enters(door, { ca }, { username: 'display', password: token })).toBe('in')
    expect(await enters(door, { ca }, { username: 'logger-2', password: secret })).toBe(5)
  }
  expect(await enters(system, { ca, ...good })).toBe('in')
  expect(await refusals(system, 'certificate-missing')).toBe(2)
  expect(await system.stop()).toBe(0)
}, 60_000)

test('a revoked certificate cuts its connection; a renewed one takes over within its overlap', async () => {
  const system = await serveTls()
  const [first, other] = [await issued(system, 'logger-1'), await issued(system, 'logger-2')]
  const [live, bystander] = [connect(system, first), connect(system, other)]
  await Promise.all([told(live, 'connect'), told(bystander, 'connect')])
  const second = await issued(system, 'logger-1', 'renew', '--overlap', '1h')
  expect(live.connected).toBe(true)

  const cut = told(live, 'close')
  const from = performance.now()
  await system.send('DELETE', `/api/v1/devices/logger-1/certificates/${first.serial}`)
  await cut
  process.stdout.write(`cut ${Math.round(performance.now() - from)} ms after it was asked to be revoked\n`)
  expect([await enters(system, first), await enters(system, second), bystander.connected]).toEqual([5, 'in', true])

  const ended = told(bystander, 'close')
  await gaugekeeper('devices', 'revoke', 'logger-2', '--data', system.data)
  await ended
  expect(await enters(system, other)).toBe(5)
  const { stdout } = await gaugekeeper('devices', 'certificate', 'list', 'logger-1', '--data', system.data)
  expect(stdout.split('\n').filter((line) => line.includes('revoked'))).toHaveLength(1)
  expect(await system.stop()).toBe(0)
}, 60_000)

test('secrets of certificates stand in the data folder and nowhere else; a restored system knows its devices', async () => {
  const system = await serveTls()
  const good = await issued(system, 'logger-1')
  expect(good.files.map((file) => statSync(file).mode & 0o077)).toEqual([expect.any(Number), 0, expect.any(Number)])
  const folder = temporaryFolder()
  const bundle = path.join(folder, 'bundle.json.gz')
  expect(await gaugekeeper('doctor', 'bundle', bundle, '--data', system.data)).toMatchObject({ code: 0 })
  const text = gunzipSync(readFileSync(bundle)).toString()
  expect(text).toContain('certificates/authority.pem')
  expect(text).not.toContain('PRIVATE KEY')

  const copy = path.join(folder, 'backup')
  expect(await gaugekeeper('backup', copy, '--data', system.data)).toMatchObject({ code: 0 })
  expect(await system.stop()).toBe(0)
  const data = path.join(folder, 'restored')
  expect(await gaugekeeper('restore', copy, '--data', data)).toMatchObject({ code: 0 })
  expect(statSync(path.join(data, 'certificates', 'authority.pem')).mode & 0o777).toBe(0o600)
  const restored = await serveTls(['tls.clientCertificate=required'], data)
  expect(await enters(restored, good)).toBe('in')
  expect(await restored.stop()).toBe(0)
}, 60_000)

needing(
  [openssl()],
  'a key that the device made is signed, and stays with it',
  async (program) => {
    const system = await serveTls(['tls.clientCertificate=required'])
    const folder = temporaryFolder()
    const [key, request] = [path.join(folder, 'own.key'), path.join(folder, 'own.csr')]
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    execFileSync(program, ['req', '-new', ...curve, '-keyout', key, '-out', request, '-subj', '/CN=whatever'], { stdio: 'ignore' })
    const { files, cert = '' } = await issued(system, 'logger-1', '--request', request)
    expect(files.map((file) => path.extname(file))).toEqual(['.crt', '.crt'])
    const shown = { cert, key: readFileSync(key, 'utf8'), ca: readFileSync(files[1] ?? '', 'utf8') }
    expect(await enters(system, shown)).toBe('in')
    expect(await system.stop()).toBe(0)
  },
  60_000,
)

/** One request over HTTPS. */
function ask(
  url: string,
  options: https.RequestOptions,
  body?: object | string,
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const request = https.request(url, { ...options, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() }))
    })
    request.on('error', reject)
    request.end(typeof body === 'object' ? JSON.stringify(body) : body)
  })
}

test('HTTPS answers as HTTP does, with a session for TLS only, and MQTT over WebSocket', async () => {
  const system = await serveTls()
  const { ca } = await issued(system, 'logger-1')
  expect(await ask(`${system.https}/healthz`, { ca })).toMatchObject({ status: 200 })
  expect(await ask(`${system.https}/api/v1/devices`, { ca, headers: { authorization: `Bearer ${system.token}` } })).toMatchObject({
    status: 200,
  })
  await expect(ask(`${system.https}/healthz`, {})).rejects.toThrow('certificate')
  const old = { ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
  await expect(ask(`${system.https}/healthz`, old)).rejects.toThrow('alert protocol version')

  await gaugekeeperTold('a long password of the test\n', 'users', 'password', 'admin', '--data', system.data)
  const login = { user: 'admin', password: 'a long password of the test' }
  const headers = { 'content-type': 'application/json' }
  const answer = await ask(`${system.https}/api/v1/session`, { ca, method: 'POST', headers }, login)
  expect(String(answer.headers['set-cookie'])).toMatch(/; HttpOnly; Secure; SameSite=Lax/)

  const form = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
  const page = await ask(`${system.https}/login`, { ca, method: 'POST', headers: form }, new URLSearchParams(login).toString())
  expect([page.status, String(page.headers['set-cookie'])]).toEqual([303, expect.stringContaining('Secure')])

  const secret = (await secretsOf(system, ['logger-1'])).get('logger-1') ?? ''
  const web = mqtt.connect(`${system.https.replace('https', 'wss')}/mqtt`, {
    ca,
    username: 'logger-1',
    password: secret,
    reconnectPeriod: 0,
  })
  await told(web, 'connect')
  await web.publishAsync('devices/logger-1/readings', reading, { qos: 1 })
  web.end(true)
  expect(await system.stop()).toBe(0)
}, 60_000)

test('files of a certificate are read again when they change, and cut nobody', async () => {
  const folder = temporaryFolder()
  const authority = openAuthority({ file: path.join(folder, 'company.pem'), randomBytes, now: Date.now })
  const ca = (await authority.open()).certificate
  const write = async (): Promise<void> => {
    const { certificate, key } = await mintServer(await authority.open(), ['localhost'], await authority.order(20))
    writeFileSync(path.join(folder, 'tls.key'), key)
    writeFileSync(path.join(folder, 'tls.crt'), certificate)
  }
  await write()
  const system = await serveTls([`tls.certificate=${path.join(folder, 'tls.crt')}`, `tls.key=${path.join(folder, 'tls.key')}`])
  const port = Number(new URL(system.https).port)
  const shown = async (): Promise<string> => {
    const socket = tls.connect({ port, host: 'localhost', ca })
    await once(socket, 'secureConnect')
    const { serialNumber } = socket.getPeerCertificate()
    socket.destroy()
    return serialNumber
  }
  const { cert = '', key = '' } = await issued(system, 'logger-1')
  const client = connect(system, { cert, key, ca })
  await told(client, 'connect')
  const before = await shown()
  const doctor = await gaugekeeper('doctor', '--data', system.data)
  expect(doctor.stdout).toMatch(
    /attention {2}certificate-server: the certificate of the TLS listeners ends \d{4}-\d\d-\d\d\n {2}→ put a new one/,
  )
  expect(await metric(system, 'gaugekeeper_certificate_expires_seconds', 'certificate="server"')).toBeLessThan(20 * 86_400)

  await write()
  await until(async () => (await shown()) !== before, 30_000, 'the new certificate')
  await client.publishAsync('devices/logger-1/readings', reading, { qos: 1 })
  expect(client.connected).toBe(true)
  client.end(true)
  expect(await system.stop()).toBe(0)
}, 60_000)

test('beyond loopback TLS needs no leave for plain listeners, but a password of the administrator; files must be there', async () => {
  const data = temporaryFolder()
  const start = (...settings: string[]) =>
    gaugekeeper('serve', '--no-demo', '--data', data, ...['tls.enabled=true', ...settings].flatMap((one) => ['--set', one]))
  expect(await start()).toMatchObject({ code: 3, stderr: expect.stringContaining('listening on 0.0.0.0: the administrator still has') })
  expect(await start('tls.host=127.0.0.1', 'tls.key=/nowhere/tls.key')).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('tls.certificate, tls.key:'),
  })
  await gaugekeeperTold('a long password of the test\n', 'users', 'password', 'admin', '--data', data)
  const system = await serve({
    data,
    flags: ['--no-demo', ...['tls.enabled=true', 'tls.mqttPort=0', 'tls.httpsPort=0'].flatMap((one) => ['--set', one])],
  })
  const { secure } = JSON.parse(readFileSync(path.join(data, 'server.json'), 'utf8')) as { secure: { https: string } }
  // what loopback may see without a login, the world may not: neither of the api nor of the console, whatever it says of itself
  const said = { 'x-forwarded-proto': 'http' }
  for (const page of ['/api/v1/stations', '/']) {
    const { status } = await ask(`${secure.https}${page}`, { rejectUnauthorized: false, headers: said })
    expect([page, status, (await fetch(`${system.url}${page}`)).status]).toEqual([page, 401, 200])
  }
  expect(await system.stop()).toBe(0)
}, 60_000)

needing(
  [mosquittoPub()],
  'mosquitto_pub publishes with the files that the command line wrote',
  async (program) => {
    const system = await serveTls(['tls.clientCertificate=required'])
    const [cert = '', key = '', ca = ''] = (await issued(system, 'logger-1')).files
    const files = ['--cafile', ca, '--cert', cert, '--key', key]
    const address = ['-h', 'localhost', '-p', new URL(system.mqtts).port, '-V', 'mqttv311']
    const message = ['-q', '1', '-t', 'devices/logger-1/readings', '-m', reading]
    const done = spawnSync(program, [...address, ...files, ...message], { encoding: 'utf8', timeout: 30_000 })
    expect({ status: done.status, stderr: done.stderr }).toEqual({ status: 0, stderr: '' })
    expect(await metric(system, 'gaugekeeper_broker_deliveries_total')).toBe(1)
    expect(await system.stop()).toBe(0)
  },
  60_000,
)
