import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { writeFrame, type Frame } from '../gateways/szy206/frame.ts'
import { writeBcd } from '../gateways/szy206/report.ts'
import { writeNetworkFile } from '../testing/river-network.ts'
import { metric, serve, temporaryFolder, totalsOf, until, untilCarried } from '../testing/server.ts'

const network = {
  network: { id: 'n', timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'works', kind: 'abstraction', sensors: [{ parameter: 'water_flow', every: '5m' }] }],
  devices: [
    {
      ...{ id: 'meter', protocol: 'szy206', stations: ['works'], addresses: ['127.0.0.1'], channels: { flow: 'works/water_flow' } },
      ...{ units: { water_flow: 'm3/s' }, szy206: { address: '5303810D00', confirm: 'bare' } },
    },
  ],
}

const minute = 60_000
/** The minute before this one, as Tp of it. */
const at = Math.floor(Date.now() / minute) * minute - minute
const beijing = new Date(at + 8 * 3_600_000).toISOString()
const tp = `00${beijing.slice(14, 16)}${beijing.slice(11, 13)}${beijing.slice(8, 10)}00`

const report = (values: Buffer, more: Partial<Frame> = {}): Buffer =>
  writeFrame({
    ...{ direction: 'up', count: 0, kind: 3, split: null, station: '5303810D00', code: 0xc0 },
    data: Buffer.concat([values, Buffer.from(`00000000${tp}`, 'hex')]),
    ...more,
  })

test('a meter of SZY 206 over TCP: its flow is stored, what is not described is quarantined, what is wrong is refused, each with its reason', async () => {
  const flags = ['--no-demo', '--network', writeNetworkFile(temporaryFolder(), network), '--set', 'gateways.szy206.enabled=true']
  const system = await serve({ flags })
  const { field } = JSON.parse(readFileSync(path.join(system.data, 'server.json'), 'utf8')) as { field: { szy206: string } }
  const [host = '', port = ''] = field.szy206.split(':')
  const line = connect({ host, port: Number(port) })
  let heard = 0
  line.on('data', (chunk: Buffer) => (heard += chunk.length))

  const spoilt = report(writeBcd(1, 5))
  spoilt[12] = 0x77
  line.write(
    Buffer.concat([report(Buffer.concat([writeBcd(5900, 5), writeBcd(106_182, 5)])), spoilt, report(Buffer.alloc(2), { kind: 10 })]),
  )
  await until(() => heard === 2 * report(Buffer.alloc(0), { data: Buffer.alloc(0) }).length)
  await untilCarried(system, 30_000)

  const { observations } = await system.get<{ observations: { observedAt: number; value: number }[] }>(
    `/api/v1/observations?series=works/water_flow/1&from=${new Date(at).toISOString()}&to=${new Date(at + minute).toISOString()}`,
  )
  expect(observations).toMatchObject([{ observedAt: at, value: 21_240 }]) // 5.9 m3/s in m3/h
  expect(await totalsOf(system)).toEqual(expect.objectContaining({ received: 3, stored: 1, duplicate: 0, quarantined: 2 }))
  const { entries } = await system.get<{ entries: { detail: string }[] }>('/api/v1/quarantine')
  expect(entries.map(({ detail }) => detail).sort()).toEqual([
    expect.stringContaining('"volume" is neither a parameter nor a channel of device meter; say which series it is'),
    expect.stringContaining('how values of data type 10 (quality) are written is not described'),
  ])
  expect(await metric(system, 'gaugekeeper_szy206_refused_total', 'bad-crc')).toBe(1)
  expect(await metric(system, 'gaugekeeper_szy206_frames_total')).toBe(2)
  line.destroy()
  expect(await system.stop()).toBe(0)
}, 120_000)
