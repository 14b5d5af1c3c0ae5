import { readFileSync } from 'node:fs'
import net from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import mqtt, { type MqttClient } from 'mqtt'
import { rawConnection, rawWebSocket } from '../broker/testing/brokers.ts'
import { hostilePackets, packetOf, tryPacket } from '../broker/testing/hostile-packets.ts'
import { gaugekeeper } from '../testing/command.ts'
import { riverNetwork, secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

// Reliability goals R7 to R11, short; with GAUGEKEEPER_LONG=1 at full length.
const long = process.env['GAUGEKEEPER_LONG'] === '1'
const quickConnects = long ? 2_000 : 500
const fleet = long ? 500 : 100

let system: ServedSystem
let port = 0
let secrets = new Map<string, string>()
let healthy: Healthy

beforeAll(async () => {
  const folder = temporaryFolder()
  const network = riverNetwork(fleet) as { devices: unknown[] }
  network.devices.push({ id: 'rtu-1', protocol: 'mqtt', stations: ['gauge-1'] }, { id: 'rtu-2', protocol: 'mqtt', stations: ['gauge-2'] })
  system = await serve({ flags: ['--no-demo', '--network', writeNetworkFile(folder, network)] })
  port = Number(new URL(system.mqtt).port)
  const names = ['rtu-1', 'rtu-2', ...Array.from({ length: fleet }, (_, n) => `logger-${n + 1}`)]
  secrets = await secretsOf(system, names)
  healthy = await startHealthy()
}, 120_000)

afterAll(() => healthy?.stop())

/** A device that sends a reading, waits for the acknowledgement, and begins again. */
interface Healthy {
  acknowledged: number
  /** Longest wait for an acknowledgement so far, ms. */
  slowest: number
  stop(): void
}

async function startHealthy(): Promise<Healthy> {
  const client = await connect('rtu-2')
  let going = true
  const state: Healthy = { acknowledged: 0, slowest: 0, stop: () => ((going = false), client.end(true)) }
  const loop = async (): Promise<void> => {
    for (let seq = 1; going; seq++) {
      const began = performance.now()
      const payload = JSON.stringify({ seq, at: Date.now(), values: { water_level: 1 } })
      await client.publishAsync('devices/rtu-2/readings', payload, { qos: 1 })
      state.acknowledged++
      state.slowest = Math.max(state.slowest, performance.now() - began)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  void loop().catch(() => undefined)
  return state
}

function connect(device: string): Promise<MqttClient> {
  return mqtt.connectAsync(
    `mqtt://127.0.0.1:${port}`,
    { username: device, password: secrets.get(device) ?? '', reconnectPeriod: 0, connectTimeout: 30_000 },
    false,
  )
}

/** Refusals so far, by reason. */
async function refusals(): Promise<Map<string, number>> {
  const text = await (await fetch(`${system.url}/metrics`, { headers: { authorization: `Bearer ${system.token}` } })).text()
  const found = text.matchAll(/^gaugekeeper_broker_refused_total\{reason="(.+?)"\} (\d+)$/gm)
  return new Map([...found].map(([, reason = '', count]) => [reason, Number(count)]))
}

/** Resident memory of the server, MB. */
function memoryMb(): number {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${system.pid}/status`, 'utf8')) ?? []
  return Number(kb) / 1024
}

/** Says what was measured; nothing is decided by it. */
const measured = (what: string, figures: Record<string, number>): void => {
  const text = Object.entries(figures).map(([name, value]) => `${name} ${Math.round(value * 10) / 10}`)
  if (long) process.stderr.write(`${what}: ${text.join(', ')}\n`)
}

/** The healthy device goes on: more acknowledgements come. */
async function stillServed(what: string): Promise<void> {
  const before = healthy.acknowledged
  await until(() => healthy.acknowledged > before + 3, 10_000, 'the healthy device being served')
  measured(what, { 'slowest acknowledgement of the healthy device, ms': healthy.slowest, 'RSS, MB': memoryMb() })
  healthy.slowest = 0
}

test('each hostile packet is answered and counted as the table says, by the same process', async () => {
  const cases = hostilePackets(secrets.get('rtu-1') ?? '')
  expect(cases.length).toBeGreaterThanOrEqual(142)
  const base = memoryMb()
  let counts = await refusals()
  for (const one of cases) {
    const { answer, closed } = await tryPacket(port, secrets.get('rtu-1') ?? '', one)
    const now = await refusals()
    const reasons = [...now].filter(([reason, count]) => count > (counts.get(reason) ?? 0)).map(([reason]) => reason)
    counts = now
    expect({ what: one.what, answer: answer.toString('hex'), closed, reasons }).toEqual({
      what: one.what,
      answer: one.answer.toString('hex'),
      closed: one.closed,
      reasons: one.reason === null ? [] : [one.reason],
    })
  }
  measured('hostile packets', { cases: cases.length, 'RSS more, MB': memoryMb() - base })
  await stillServed('after the hostile packets')
}, 120_000)

test('the same packets over WebSocket, at the door of the pages, end the same way', async () => {
  const web = Number(new URL(system.url).port)
  const cases = hostilePackets(secrets.get('rtu-1') ?? '')
  for (const one of long ? cases : cases.filter((_, place) => place % 4 === 0)) {
    const { answer, closed } = await tryPacket(web, secrets.get('rtu-1') ?? '', one, rawWebSocket)
    const said = { what: one.what, answer: answer.toString('hex'), closed }
    expect(said).toEqual({ what: one.what, answer: one.answer.toString('hex'), closed: one.closed })
  }
  await stillServed('after the hostile packets over WebSocket')
}, 120_000)

const upgrade = (...more: string[]): string =>
  [
    ...['GET /mqtt HTTP/1.1', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Protocol: mqtt', 'Sec-WebSocket-Version: 13'],
    ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', ...more, '', ''],
  ].join('\r\n')

test('WebSocket messages of 256 kB that are announced before a login and half sent are not kept', async () => {
  const [web, base] = [Number(new URL(system.url).port), memoryMb()]
  const head = Buffer.from('82ff000000000003e80000000000', 'hex')
  const before = await refusals()
  await Promise.all(
    Array.from({ length: long ? 300 : 100 }, async () => {
      const { socket, closed } = await rawConnection(web)
      socket.write(upgrade('Host: 127.0.0.1'))
      socket.write(Buffer.concat([head, Buffer.alloc(250_000, 0x78)]))
      await closed
    }),
  )
  measured('half-sent WebSocket messages', { 'RSS more, MB': memoryMb() - base })
  const more = (await refusals()).get('too-early') ?? 0
  expect(more - (before.get('too-early') ?? 0)).toBeGreaterThan(0)
  await stillServed('after half-sent WebSocket messages')
}, 60_000)

test('a WebSocket for another host or from a page of another site is refused', async () => {
  const answerTo = async (...headers: string[]): Promise<string> => {
    const { socket, received } = await rawConnection(Number(new URL(system.url).port))
    socket.write(upgrade(...headers))
    await until(async () => received().includes('\r\n'), 10_000, 'an answer to the upgrade')
    socket.destroy()
    return received().toString('latin1').slice(9, 12)
  }
  expect(await answerTo('Host: evil.example', 'Origin: http://evil.example')).toBe('403')
  expect(await answerTo('Host: 127.0.0.1', 'Origin: http://evil.example')).toBe('403')
  expect(await answerTo('Host: 127.0.0.1:8080', 'Origin: http://127.0.0.1:8080')).toBe('101')
  expect((await refusals()).get('foreign-page')).toBe(2)
})

test('packets of 256 MB that are announced and half sent are not kept', async () => {
  const base = memoryMb()
  const junk = Buffer.alloc(4 * 1024 * 1024, 0x78)
  const sockets = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { socket, closed } = await rawConnection(port)
      socket.write(packetOf('10 ff ff ff 7f'))
      socket.write(junk)
      return closed
    }),
  )
  await Promise.all(sockets)
  measured('20 half-sent packets', { 'RSS more, MB': memoryMb() - base })
  expect((await refusals()).get('packet-too-large')).toBeGreaterThanOrEqual(20)
  await stillServed('after half-sent packets')
})

test('connections that say nothing are closed, and so many wait for their turn that others come in', async () => {
  const before = (await refusals()).get('connect-late') ?? 0
  const idle = await Promise.all(Array.from({ length: 20 }, () => rawConnection(port)))
  for (const { socket } of idle) socket.write(Buffer.from([0x10]))
  await Promise.all(idle.map(({ closed }) => closed))
  await until(async () => ((await refusals()).get('connect-late') ?? 0) >= before + 20, 10_000, 'counting the late ones')
  await stillServed('after slowloris')
}, 60_000)

test(`${quickConnects} quick connects leave nothing behind`, async () => {
  const base = memoryMb()
  for (let done = 0; done < quickConnects; done += 50) {
    await Promise.all(
      Array.from({ length: 50 }, () => {
        const socket = net.connect(port, '127.0.0.1')
        socket.on('error', () => undefined)
        socket.once('connect', () => socket.destroy())
        return new Promise((resolve) => socket.once('close', resolve))
      }),
    )
  }
  await until(async () => (await openConnections()) === 1, 30_000, 'only the healthy device staying')
  measured('quick connects', { count: quickConnects, 'RSS more, MB': memoryMb() - base })
  await stillServed('after quick connects')
}, 60_000)

const eventLoop = 'gaugekeeper_nodejs_eventloop_lag_p99_seconds'

async function openConnections(): Promise<number> {
  return metric(system, 'gaugekeeper_broker_connections')
}

test(`${fleet} devices reconnect at once, and all of them are back`, async () => {
  const names = Array.from({ length: fleet }, (_, n) => `logger-${n + 1}`)
  const began = performance.now()
  const clients = await Promise.all(names.map(connect))
  const storm = performance.now() - began
  for (const client of clients) client.stream.destroy()
  // a look at the figure begins it anew
  await metric(system, eventLoop)
  const again = performance.now()
  const back = await Promise.all(names.map(connect))
  const lag = (await metric(system, eventLoop)) * 1000
  measured('reconnect storm', {
    devices: fleet,
    'first, ms': storm,
    'again, ms': performance.now() - again,
    'event loop delay p99 meanwhile, ms': lag,
  })
  expect(back.every((client) => client.connected)).toBe(true)
  await Promise.all(back.map((client) => client.endAsync(true)))
  await stillServed('after the storm')
}, 60_000)

test('an address that guesses is answered slowly, and a right login from it is not', async () => {
  const guess = async (n: number): Promise<string> => {
    const { socket, received, closed } = await rawConnection(port)
    socket.write(packetOf(`10 ( [ "MQTT" ] 04 c2 00 3c [ "x" ] [ "rtu-1" ] [ "guess-${n}" ] )`))
    await closed
    return received().toString('hex')
  }
  const began = performance.now()
  const guesses = Promise.all(Array.from({ length: 100 }, (_, n) => guess(n)))
  const right = performance.now()
  await (await connect('rtu-1')).endAsync(true)
  const loginMs = performance.now() - right
  const answers = await guesses
  const answered = answers.filter((one) => one === '20020004').length
  measured('guessing', { answered, 'in, s': (performance.now() - began) / 1_000, 'right login, ms': loginMs })
  expect(answered).toBeLessThanOrEqual(5 + 10 * Math.ceil((performance.now() - began) / 1_000))
  expect((await refusals()).get('login-throttled')).toBeGreaterThan(0)
  await stillServed('after guessing')
}, 60_000)

test('the profile for interoperability tests is refused beyond loopback, before anything is opened', async () => {
  const flags = ['--no-demo', '--host', '0.0.0.0', '--port', '0', '--mqtt-port', '0', '--data', temporaryFolder()]
  const { code, stderr } = await gaugekeeper('serve', ...flags, '--set', 'server.plain=everywhere', 'broker.profile=interop')
  expect({ code, line: stderr.trim().split('\n').at(-1) }).toEqual({ code: 3, line: expect.stringContaining('broker.profile') })
})

test('it is the same process as before all this, and it stops in order', async () => {
  healthy.stop()
  expect(await system.stop()).toBe(0)
})
