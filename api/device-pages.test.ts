import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createFleet, type Fleet } from '../domain/fleet.ts'
import { deviceId, runId } from '../domain/ids.ts'
import { readNetwork } from '../domain/network-load.ts'
import { commitOf, countOf } from '../store/testing/rows.ts'
import type { DeviceList } from './schemas/device.ts'
import { hour, minute, start, testHouse, type TestHouse } from './testing/house.ts'

const most = 450
const idOf = (n: number): string => `rtu-${n}`
const names = Array.from({ length: most }, (_, n) => idOf(n))

/** A real network of so many devices at two stations, of which the second has no regular sensor, and a run with one. */
function fleetOf(devices: readonly string[]): Fleet {
  const station = (id: string, en: string, every?: string) => ({
    ...{ id, name: { en, zh: `${en}站` }, kind: 'river' },
    sensors: [{ parameter: 'water_level', ...(every !== undefined && { every }) }],
  })
  const file = (id: string, ids: readonly string[], stations: readonly [string, string]) => ({
    network: { id, name: { en: id, zh: id }, timeZone: 'UTC' },
    stations: [station(stations[0], `Gauge of ${id}`, '5m'), station(stations[1], 'Ford')],
    devices: ids.map((device) => ({ id: device, protocol: 'mqtt', stations: [stations[device === 'rtu-7' ? 1 : 0]] })),
  })
  return createFleet([
    readNetwork(file('brook', devices, ['brook-1', 'brook-2']), { file: 'brook.yaml', run: null }),
    readNetwork(file('trial', ['sim-1'], ['trial-1', 'trial-2']), { file: null, run: runId('trial') }),
  ])
}

let house: TestHouse
let fleet = fleetOf(names)

beforeAll(async () => {
  house = await testHouse({ parts: { fleet: () => fleet } })
  const heard = (device: string, ago: number) => ({
    ...countOf(device, { received: 2, stored: 1, duplicate: 1 }),
    lastReceivedAt: start + 2 * hour - ago,
  })
  const counts = [heard('rtu-0', 14 * minute), heard('rtu-1', 16 * minute), heard('rtu-7', hour), heard('sim-1', minute)]
  await house.store.ledger.commit(commitOf([], { counts }))
})
afterAll(() => house.app.close())

const list = async (query: string): Promise<DeviceList & { detail?: string }> =>
  (await house.cli(`/api/v1/devices?${query}`)).json<DeviceList & { detail?: string }>()
const ids = async (query: string): Promise<string[]> => (await list(query)).devices.map(({ id }) => id)

test('devices come in pages, in the order of their networks; the sum is that of all', async () => {
  const first = await list('')
  expect([first.devices.length, first.matches, first.totals.received]).toEqual([200, 451, 8])
  const seen = first.devices.map(({ id }) => id)
  for (let { next } = first; next !== null;) {
    const page = await list(`cursor=${next}`)
    expect([page.matches, page.totals.stored]).toEqual([451, 4])
    seen.push(...page.devices.map(({ id }) => id))
    next = page.next
  }
  expect(seen).toEqual([...names, 'sim-1'])
})

test('a device that goes while somebody reads the pages takes nobody else along', async () => {
  const { next } = await list('limit=10')
  fleet = fleetOf(names.filter((id) => id !== 'rtu-9'))
  const { devices } = await list(`limit=3&cursor=${next}`)
  fleet = fleetOf(names)
  expect(devices.map(({ id }) => id)).toEqual(['rtu-10', 'rtu-11', 'rtu-12'])
})

test('some are found by their names, by a part of a name, or by whether they are heard of', async () => {
  expect(await ids('device=rtu-3,sim-1&device=rtu-2')).toEqual(['rtu-2', 'rtu-3', 'sim-1'])
  expect(await ids('search=RTU-44')).toEqual(['rtu-44', ...Array.from({ length: 10 }, (_, n) => `rtu-44${n}`)])
  expect(await ids('search=ford')).toEqual(['rtu-7'])
  expect(await ids('search=trial%E7%AB%99')).toEqual(['sim-1'])
  expect(await ids('run=trial')).toEqual(['sim-1'])
  // 14 minutes are within three intervals of 5, 16 are not; where nothing is regular nobody is silent
  expect(await ids('state=reporting')).toEqual(['rtu-0', 'rtu-7', 'sim-1'])
  expect(await ids('state=silent')).toEqual(['rtu-1'])
  expect(await list('state=never&search=rtu-2&limit=2')).toMatchObject({ matches: 111, devices: [{ id: 'rtu-2', state: 'never' }, {}] })
  expect((await list('state=silen')).detail).toContain('silent')
  expect((await list('cursor=rtu-2')).detail).toContain('take next from the page before')
})

test('who may see runs only is told of nobody else, neither on a page nor in the sums', async () => {
  const seen = (await house.anyone('/api/v1/devices')).json<DeviceList>()
  expect([seen.devices.map(({ id }) => id), seen.matches, seen.totals.received]).toEqual([[deviceId('sim-1')], 1, 2])
})
