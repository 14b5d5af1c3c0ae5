import { randomBytes } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { createPasswordLines } from '../api/passwords.ts'
import { deviceId, runId, type DeviceId } from '../domain/ids.ts'
import { createMemoryStore } from '../store/memory.ts'
import type { DocumentStore } from '../store/ports/documents.ts'
import { riverNetwork, writeNetworkFile } from '../testing/river-network.ts'
import { temporaryFolder } from '../testing/server.ts'
import { createCredentials } from './credentials.ts'
import { createDeviceDesk } from './device-desk.ts'
import { openNetworks } from './networks.ts'

const file = writeNetworkFile(temporaryFolder(), riverNetwork(3))

async function desk(documents: DocumentStore = createMemoryStore().documents, files = [file]) {
  const networks = await openNetworks(files, documents, Date.now)
  const credentials = await createCredentials({
    documents,
    fleet: networks.fleet,
    passwordLine: createPasswordLines(randomBytes),
    randomBytes,
    now: Date.now,
  })
  const uncertified: DeviceId[] = []
  const added = createDeviceDesk({ networks, credentials, certificates: { revoke: async (device) => uncertified.push(device) } })
  const fits = async (device: string, secret: string | null) => (await credentials.identify(device, Buffer.from(secret ?? ''))) !== null
  return { ...added, networks, credentials, documents, fits, uncertified }
}

test('each good row of a list is added with its secret, whatever is wrong with the others', async () => {
  const { add, networks, fits } = await desk()
  const rows = await add([
    { id: 'a-1', stations: ['gauge-1'], channels: { level: 'gauge-1/water_level' } },
    { id: 'a-2', stations: ['gauge-9'] },
    { id: 'a-3' },
    { id: 'logger-1' },
    { id: 'logger-2', stations: ['gauge-2'] },
    { id: 'a-1', stations: ['gauge-2'] },
    { id: 'a b', stations: ['gauge-1'] },
    { id: 'a-4', stations: ['gauge-1', 'gauge-2'], channels: { level: 'gauge-3/water_level' } },
    { id: 'a-5', stations: ['gauge-2'], secret: 'chosen' },
    { id: 'a-6', stations: ['gauge-2'], protocol: 'hj212', hj212: { mn: '399' }, secret: '123456' },
    'not a device',
    { id: 'a-7', stations: ['gauge-2'], protocol: 'hj212', hj212: { mn: '399' } },
    { id: 'a-8', stations: ['gauge-2'], protocol: 'sl651', sl651: { address: '00000000af' } },
    { id: 'a-9', stations: ['gauge-2'], protocol: 'sl651', sl651: { address: '00000000AF' } },
  ] as unknown[])
  expect(rows.map(({ device, problem }) => [device, problem?.message ?? null])).toEqual([
    ['a-1', null],
    ['a-2', expect.stringContaining('there is no station "gauge-9"; did you mean gauge-')],
    ['a-3', 'no file declares device "a-3"; name its stations to add it'],
    ['logger-1', null],
    ['logger-2', `the file ${file} declares device logger-2; change it there`],
    ['a-1', 'device a-1 stands in the list twice'],
    ['a b', expect.stringContaining('id: ')],
    ['a-4', expect.stringContaining('channels.level: the device does not serve station gauge-3')],
    ['a-5', expect.stringContaining('only devices of hj212 and sl651')],
    ['a-6', null],
    ['', expect.any(String)],
    ['a-7', 'device a-6 has the MN 399 already; give each device its own'],
    ['a-8', null],
    ['a-9', 'device a-8 has the SL 651 station address 00000000AF already; give each device its own'],
  ])
  for (const { device, secret, problem } of rows) expect({ device, fits: await fits(device, secret) }).toEqual({ device, fits: !problem })
  expect(rows.find((row) => row.device === 'a-6')?.secret).toBe('123456')
  expect(networks.fleet().devices.get(deviceId('a-1'))).toMatchObject({ network: 'test', run: null, stations: ['gauge-1'] })
  expect(networks.fleet().networks).toHaveLength(1)
})

test('ten thousand devices are one list, and are there after a restart', async () => {
  const { documents } = createMemoryStore()
  const first = await desk(documents)
  const rows = await first.add(Array.from({ length: 10_000 }, (_, i) => ({ id: `d-${i}`, stations: [`gauge-${1 + (i % 3)}`] })))
  expect(rows.filter((row) => row.problem)).toEqual([])
  expect(new Set(rows.map((row) => row.secret)).size).toBe(10_000)
  const again = await desk(documents)
  expect(again.networks.fleet().devices.size).toBe(10_003)
  expect(await again.fits('d-9999', rows[9_999]?.secret ?? null)).toBe(true)
})

test('one device is added, changed and taken away; what a file or a run declares is not', async () => {
  const { put, remove, networks, credentials, fits, uncertified } = await desk()
  const made = await put(deviceId('a-1'), { stations: ['gauge-1'] })
  expect(made).toEqual({ created: true, secret: expect.any(String) })
  expect(await put(deviceId('a-1'), { stations: ['gauge-2'], protocol: 'mqtt' })).toEqual({ created: false, secret: null })
  expect(networks.fleet().devices.get(deviceId('a-1'))?.stations).toEqual(['gauge-2'])
  expect(await fits('a-1', 'secret' in made ? made.secret : null)).toBe(true)
  expect(await put(deviceId('logger-1'), { stations: ['gauge-1'] })).toMatchObject({
    problem: { kind: 'declared', message: `the file ${file} declares device logger-1; change it there` },
  })
  expect(await remove(deviceId('logger-1'))).toMatchObject({ kind: 'declared' })
  await networks.put(runId('flood'), {
    network: { id: 'flood', timeZone: 'UTC' },
    stations: [{ id: 'f', kind: 'river', sensors: [{ parameter: 'water_level' }] }],
    devices: [{ id: 'f-1', stations: ['f'] }],
  })
  expect(await put(deviceId('f-1'), { stations: ['gauge-1'] })).toMatchObject({ problem: { kind: 'declared' } })
  const ended: string[] = []
  credentials.onEnded((device) => ended.push(device))
  expect(await remove(deviceId('a-1'))).toBeNull()
  expect(uncertified).toEqual(['a-1'])
  expect(ended).toEqual(['a-1'])
  expect(await remove(deviceId('a-1'))).toMatchObject({ kind: 'unknown' })
  expect(networks.fleet().devices.has(deviceId('a-1'))).toBe(false)
})

test('a device that a file declares later is the file’s; one whose station went rests', async () => {
  const { documents } = createMemoryStore()
  const { add } = await desk(documents)
  await add([
    { id: 'logger-4', stations: ['gauge-1'] },
    { id: 'a-1', stations: ['gauge-3'] },
  ])
  const more = writeNetworkFile(temporaryFolder(), riverNetwork(4))
  const withFour = await desk(documents, [more])
  expect(withFour.networks.fleet().devices.get(deviceId('logger-4'))?.stations).toEqual(['gauge-4'])
  const fewer = writeNetworkFile(temporaryFolder(), riverNetwork(2))
  const withTwo = await desk(documents, [fewer])
  expect(withTwo.networks.fleet().devices.has(deviceId('a-1'))).toBe(false)
  expect((await desk(documents)).networks.fleet().devices.has(deviceId('a-1'))).toBe(true)
})
