import { expect, test } from '@jest/globals'
import mqtt from 'mqtt'
import type { Receipt } from '../domain/receipt.ts'
import { serve, until } from '../testing/server.ts'

const network = {
  network: { id: 'small', name: 'Small', timeZone: 'Asia/Shanghai' },
  stations: [{ id: 'gauge', kind: 'river', sensors: [{ parameter: 'water_level', every: '5m' }] }],
  devices: [{ id: 'logger', stations: ['gauge'] }],
}
const began = Date.UTC(2026, 2, 1)
const reading = (seq: number, values: object) => JSON.stringify({ seq, at: began + seq * 300_000, values })

test('a device hears over MQTT and over HTTP what became of its deliveries', async () => {
  const system = await serve()
  const { secrets } = await system.send<{ secrets: { device: string; secret: string }[] }>('POST', '/api/v1/runs', {
    ...{ run: 'small', clock: 'run', network },
  })
  const [{ device, secret } = { device: '', secret: '' }] = secrets
  const client = await mqtt.connectAsync(system.mqtt, { username: device, password: secret, reconnectPeriod: 0 })
  const heard: Receipt[] = []
  client.on('message', (_topic, payload) => void heard.push(JSON.parse(payload.toString()) as Receipt))
  await client.subscribeAsync(`devices/${device}/receipts`)
  await client.publishAsync(`devices/${device}/readings`, reading(1, { water_level: 1 }), { qos: 1 })
  await client.publishAsync(`devices/${device}/readings`, reading(3, { water_level: 1, nonsense: 2 }), { qos: 1 })
  await until(() => heard.length === 2)
  expect(heard).toMatchObject([
    { seq: { from: 1, to: 1 }, contiguousSeq: 1, accepted: 1, quarantined: 0 },
    { seq: { from: 3, to: 3 }, contiguousSeq: 1, accepted: 0, quarantined: 2, items: [{ reason: 'unknown-parameter' }] },
  ])

  const answer = await fetch(`${system.url}/api/v1/deliveries?wait=receipt`, {
    ...{ method: 'POST', body: reading(2, { water_level: 1.1 }) },
    headers: { authorization: `Bearer ${device}:${secret}`, 'content-type': 'application/json' },
  })
  const receipt = (await answer.json()) as Receipt
  expect([answer.status, receipt.accepted, receipt.contiguousSeq]).toEqual([200, 1, 3])
  await until(() => heard.length === 3)
  expect(heard[2]).toEqual(receipt)
  await client.endAsync(true)
  expect(await system.stop()).toBe(0)
})
