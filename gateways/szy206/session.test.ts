import { afterEach, expect, test } from '@jest/globals'
import { deviceId } from '../../domain/ids.ts'
import { readNetwork } from '../../domain/network-load.ts'
import { until } from '../sl651/testing/gateways.ts'
import { writeFrame, type Frame } from './frame.ts'
import { writeBcd } from './report.ts'
import { closeGateways, meterFleet, openGateway, openLine } from './testing/gateways.ts'

afterEach(closeGateways)

const frame = (more: Partial<Frame> = {}): Buffer =>
  writeFrame({
    ...{ direction: 'up', count: 2, kind: 3, split: null, station: '5303810D00', code: 0xc0 },
    data: Buffer.concat([writeBcd(5900, 5), Buffer.from('000000000030080900', 'hex')]),
    ...more,
  })

test('a report is kept as it came, and answered by nothing, for no answer is described', async () => {
  const { port, deliveries, gateway } = await openGateway()
  const { socket, heard } = await openLine(port)
  socket.write(Buffer.concat([frame(), frame({ code: 0xb1 })]))
  await until(() => gateway.figures().kept === 2)
  expect(deliveries.map(({ device, source, topic }) => `${device} ${source} ${topic}`)).toEqual([
    'meter szy206 szy206/C0',
    'meter szy206 szy206/B1',
  ])
  expect(Buffer.from(deliveries[0]?.payload ?? [])).toEqual(frame())
  expect(gateway.figures()).toMatchObject({ connections: 1, stations: 1 })
  expect(heard).toEqual([])
})

test('a device that declares it is answered, when the journal has the frame and not before', async () => {
  const held: (() => void)[] = []
  const fleet = meterFleet({ confirm: 'bare' })
  const { port } = await openGateway({ accept: () => new Promise((keep) => held.push(keep)) }, fleet)
  const { socket, heard } = await openLine(port)
  socket.write(frame())
  await until(() => held.length === 1)
  expect(heard).toEqual([])
  held[0]?.()
  await until(() => heard.length === 1)
  expect(heard[0]).toMatchObject({ direction: 'down', kind: 0, count: 2, station: '5303810D00', code: 0xc0, data: Buffer.alloc(0) })
  socket.write(frame({ code: 0x02, data: Buffer.of(0xf2) }))
  await until(() => heard.length === 2)
  expect([heard[1]?.code, held.length]).toEqual([0x02, 1])
})

test('a journal that takes nothing: no answer, counted', async () => {
  const fleet = meterFleet({ confirm: 'bare' })
  const { port, refused } = await openGateway({ accept: () => Promise.reject(new Error('full')) }, fleet)
  const { socket, heard } = await openLine(port)
  socket.write(frame())
  await until(() => refused.length === 1)
  expect([refused[0]?.reason, heard]).toEqual(['journal-refused', []])
})

test('what is not taken is counted by its reason', async () => {
  const { port, refused, deliveries } = await openGateway()
  const { socket } = await openLine(port)
  const spoilt = frame()
  spoilt[12] = (spoilt[12] ?? 0) ^ 1
  for (const bytes of [
    Buffer.from('hello'),
    spoilt,
    Buffer.from('680168B3', 'hex'),
    frame({ direction: 'down' }),
    frame({ station: '9999999999' }),
    frame({ kind: 0 }),
    frame({ code: 0x33 }),
    frame({ code: 0x02, data: Buffer.of(0x00) }),
    frame(),
  ])
    socket.write(bytes)
  await until(() => deliveries.length === 1)
  expect(refused.map(({ reason }) => reason)).toEqual([
    ...[
      'junk',
      'bad-crc',
      'picture',
      'truncated',
      'wrong-direction',
      'unknown-station',
      'unexpected-answer',
      'unknown-function',
      'unknown-function',
    ],
  ])
})

test('a station speaks from the addresses of its entry alone, which must name some: frames carry no password', async () => {
  const { port, refused } = await openGateway({}, meterFleet({}, ['10.1.0.0/16']))
  const { socket } = await openLine(port)
  socket.write(frame())
  await until(() => refused.length === 1)
  expect(refused[0]?.reason).toBe('foreign-address')
  expect(() => meterFleet({}, [])).toThrow('frames of SZY 206 carry no password')
  expect(() =>
    readNetwork(
      { network: { id: 'n' }, stations: [], devices: [{ id: 'm', protocol: 'szy206', stations: [], addresses: ['10.0.0.1'] }] },
      { file: null, run: null },
    ),
  ).toThrow('needs the station address')
})

test('no request is sent, and kick ends the line', async () => {
  const { port, gateway, deliveries } = await openGateway()
  const { socket } = await openLine(port)
  let isClosed = false
  socket.once('close', () => (isClosed = true))
  socket.write(frame())
  await until(() => deliveries.length === 1)
  expect(await gateway.send(deviceId('meter'), { kind: 'sync-clock' })).toMatchObject({ outcome: 'unsupported' })
  gateway.kick(deviceId('meter'))
  await until(() => isClosed)
})
