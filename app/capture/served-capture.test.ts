import { expect, test } from '@jest/globals'
import { deviceId } from '../../domain/ids.ts'
import { readNetwork } from '../../domain/network-load.ts'
import type { NetworkFile } from '../../domain/network-schema.ts'
import { networkClashes } from '../../domain/fleet.ts'
import { servedDelivery, servedNetwork } from './served-capture.ts'

const file: NetworkFile = {
  network: { id: 'valley', timeZone: 'UTC' },
  stations: [
    { id: 'upper', kind: 'river', reach: { downstream: 'lower', travelTime: '2h' }, sensors: [{ parameter: 'water_level', every: '5m' }] },
    { id: 'lower', kind: 'river', sensors: [{ parameter: 'water_level', every: '5m' }] },
    { id: 'works', kind: 'outfall', sensors: [{ parameter: 'ammonia_nitrogen', every: '1h' }] },
  ],
  devices: [
    { id: 'logger', stations: ['upper', 'lower'], channels: { ch1: 'upper/water_level' } },
    { id: 'analyser', protocol: 'hj212', stations: ['works'], hj212: { mn: 'A1234' } },
    { id: 'rtu', protocol: 'sl651', stations: ['lower'], sl651: { address: '0012345678' } },
  ],
  rules: [{ id: 'high', kind: 'threshold', parameter: 'water_level', stations: ['upper'], levels: { yellow: 3 }, hold: '5m' }],
}

test('a network under the ids of a run lives on a server beside itself, and beside another replay of it', () => {
  const real = readNetwork(file, { file: null, run: null })
  const first = readNetwork(servedNetwork(file, 'replay'), { file: null, run: 'replay' as never })
  const second = readNetwork(servedNetwork(file, 'replay-2'), { file: null, run: 'replay-2' as never })
  expect(networkClashes([real, first, second])).toEqual([])
  expect(networkClashes([real, readNetwork(file, { file: null, run: 'replay' as never })])).not.toEqual([])
  expect([first.id, first.recorded, first.stations.map(({ id }) => id)]).toEqual([
    'replay',
    true,
    ['replay-upper', 'replay-lower', 'replay-works'],
  ])
  expect(first.stations[0]?.reach?.downstream).toBe('replay-lower')
  expect([...(first.devices[0]?.channels ?? [])]).toEqual([['ch1', 'replay-upper/water_level/1']])
  expect(first.devices.map(({ stationPrefix }) => stationPrefix)).toEqual(['replay-', 'replay-', 'replay-'])
  expect(first.rules[0]?.stations).toEqual(['replay-upper'])
})

test('a replay of a replay still knows the names that the devices write', () => {
  const again = servedNetwork(servedNetwork(file, 'replay'), 'again')
  expect(again.devices?.[0]).toMatchObject({ stations: ['again-replay-upper', 'again-replay-lower'], stationPrefix: 'again-replay-' })
})

test('a delivery has the name of its new device, also in its topic, and the same bytes; the clock is left alone', () => {
  const payload = Buffer.from('{"station":"upper"}')
  const sent = { number: 1, receivedAt: 5, source: 'mqtt' as const, device: deviceId('logger'), topic: 'devices/logger/readings', payload }
  expect(servedDelivery(sent, 'replay')).toEqual({ ...sent, device: 'replay-logger', topic: 'devices/replay-logger/readings' })
  const tick = { ...sent, source: 'tick' as const, device: deviceId('clock'), topic: 'wall' }
  expect(servedDelivery(tick, 'replay')).toEqual(tick)
})
