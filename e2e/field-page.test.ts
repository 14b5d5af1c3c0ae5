import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import { writeFrame as writeHj212, writeQn, writeTime } from '../gateways/hj212/frame.ts'
import { writeMessage } from '../gateways/sl651/codec.ts'
import { control, writeFrame as writeSl651, type Frame } from '../gateways/sl651/frame.ts'
import { gaugekeeperTold } from '../testing/command.ts'
import { secretsOf, writeNetworkFile } from '../testing/river-network.ts'
import { serve, temporaryFolder, until, untilCarried, type ServedSystem } from '../testing/server.ts'

const network = {
  network: { id: 'n', timeZone: 'Asia/Shanghai' },
  stations: [
    {
      ...{ id: 'works', kind: 'outfall', name: { en: 'Works outfall', zh: '污水厂排口' } },
      sensors: [
        { parameter: 'cod', every: '5m' },
        { parameter: 'ammonia_nitrogen', every: '5m' },
      ],
    },
    { id: 'bridge', kind: 'river', name: { en: 'Bridge', zh: '桥头' }, sensors: [{ parameter: 'water_level', every: '5m' }] },
    { id: 'weir', kind: 'river', name: { en: 'Weir', zh: '堰' }, sensors: [{ parameter: 'water_level', every: '5m' }] },
  ],
  devices: [
    { id: 'logger', protocol: 'hj212', stations: ['works'], hj212: { mn: 'MN1' } },
    { id: 'gauge', protocol: 'sl651', stations: ['bridge'], sl651: { address: '0011223301' } },
    { id: 'rtu', protocol: 'mqtt', stations: ['weir'] },
  ],
}

/** The minute before this one: SL 651 has no seconds. */
const at = Math.floor(Date.now() / 60_000) * 60_000 - 60_000

/** Writes bytes on a line of a gateway and waits for an answer of any kind. */
async function exchange(system: ServedSystem, protocol: 'hj212' | 'sl651', bytes: Buffer): Promise<void> {
  const { field } = JSON.parse(readFileSync(path.join(system.data, 'server.json'), 'utf8')) as { field: Record<string, string> }
  const [host = '', port = ''] = field[protocol]?.split(':') ?? []
  const line = connect({ host, port: Number(port) })
  let heard = 0
  line.on('data', (chunk: Buffer) => (heard += chunk.length))
  line.write(bytes)
  await until(() => heard > 0, 30_000, `the answer over ${protocol}`)
  line.destroy()
}

/** Real-time data (2011): COD is good, ammonia has the letter D, a faulty instrument. */
const outfall = (pw: string): Buffer =>
  writeHj212({
    ...{ qn: writeQn(at), st: '32', cn: '2011', pw, mn: 'MN1', flag: 5 },
    area: `DataTime=${writeTime(at)};w01018-Rtd=38.2,w01018-Flag=N;w21003-Rtd=4.56,w21003-Flag=D`,
  })

/** A timed report (32H) of a level. */
function river(password: string): Buffer {
  const frame: Omit<Frame, 'body'> = {
    ...{ encoding: 'hex', direction: 'up', centre: 1, station: '0011223301', password: parseInt(password, 16), code: 0x32 },
    ...{ packet: null, end: control.ETX },
  }
  const level = { kind: 'number', id: 0x39, bytes: 4, decimals: 3, value: 12.34 } as const
  const part = { station: '0011223301', stationClass: 0x48, observedAt: at, items: [level] }
  return writeSl651({ ...frame, body: writeMessage('hex', { serial: 1, sentAt: at, text: null, parts: [part] }) })
}

async function sendAll(system: ServedSystem): Promise<void> {
  const secrets = await secretsOf(system, ['logger', 'gauge', 'rtu'])
  await exchange(system, 'hj212', outfall(secrets.get('logger') ?? ''))
  await exchange(system, 'sl651', river(secrets.get('gauge') ?? ''))
  const rtu = await mqtt.connectAsync(system.mqtt, { username: 'rtu', password: secrets.get('rtu') ?? '' })
  const message = JSON.stringify({ at: new Date(at).toISOString(), values: { water_level: 3.42 } })
  await rtu.publishAsync('devices/rtu/readings', message, { qos: 1 })
  await rtu.endAsync()
  await untilCarried(system, 30_000)
}

/** Reads pages as the administrator: their text, tags taken out, spaces made one. */
async function reader(system: ServedSystem): Promise<(place: string, language: string) => Promise<string>> {
  const password = 'a long password of the test'
  await gaugekeeperTold(`${password}\n`, 'users', 'password', 'admin', '--data', system.data)
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const body = JSON.stringify({ user: 'admin', password })
  const login = await fetch(`${system.url}/api/v1/session`, { method: 'POST', headers, body })
  const session = login.headers.get('set-cookie')?.split(';')[0] ?? ''
  return async (place, language) => {
    const answer = await fetch(`${system.url}${place}`, { headers: { cookie: `${session}; gk_lang=${language}` } })
    expect([place, answer.status]).toEqual([place, 200])
    const main = /<main[\s\S]*<\/main>/.exec(await answer.text())?.[0] ?? ''
    return main.replace(/<svg[\s\S]*?<\/svg>|<[^>]*>/g, ' ').replace(/\s+/g, ' ')
  }
}

/** What each page says: name and protocol, quantity with value and unit, and what its flag means. */
const pages: readonly (readonly [place: string, en: readonly RegExp[], zh: readonly RegExp[]])[] = [
  [
    '/s/works?series=cod/1',
    [/Works outfall outfall · HJ 212/, /Chemical oxygen demand 38\.2 mg\/L/, /Quality: good/, /logger \(HJ 212\)/],
    [/污水厂排口 排污口 · HJ 212/, /化学需氧量 38\.2 mg\/L/, /质量：有效/, /logger .HJ 212/],
  ],
  [
    '/s/works?series=ammonia_nitrogen/1',
    [/· HJ 212/, /Ammonia nitrogen 4\.56 mg\/L/, /Quality: rejected \(source calls it wrong/],
    [/· HJ 212/, /氨氮 4\.56 mg\/L/, /质量：无效（来源标为错误/],
  ],
  [
    '/s/bridge',
    [/Bridge river · SL 651/, /Water level 12\.34 m/, /Quality: good/, /gauge \(SL 651\)/],
    [/桥头 河道 · SL 651/, /水位 12\.34 m/, /质量：有效/],
  ],
  [
    '/s/weir',
    [/Weir river · MQTT/, /Water level 3\.42 m/, /Quality: good/, /rtu \(MQTT\)/],
    [/堰 河道 · MQTT/, /水位 3\.42 m/, /质量：有效/],
  ],
  ['/devices', [/logger HJ 212/, /gauge SL 651/, /rtu MQTT/, /Works outfall/], [/logger HJ 212/, /gauge SL 651/, /rtu MQTT/, /污水厂排口/]],
]

test('an outfall of HJ 212 and a river of SL 651 stand beside an MQTT station: value, unit, flag and protocol, in both languages', async () => {
  const system = await serve({ flags: ['--no-demo', '--network', writeNetworkFile(temporaryFolder(), network)] })
  await sendAll(system)
  const read = await reader(system)
  for (const [place, en, zh] of pages)
    for (const [language, words] of [
      ['en', en],
      ['zh', zh],
    ] as const) {
      const text = await read(place, language)
      for (const each of words) expect(text).toMatch(each)
    }
  expect(await system.stop()).toBe(0)
}, 120_000)
