import { expect, test } from '@jest/globals'
import { readNetwork } from '../../domain/network-load.ts'
import { createCatchment } from '../world/catchment.ts'
import { makeBasin } from './basin.ts'
import { countsOf, fewestStations } from './plan.ts'

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

test('a basin has as many stations as are asked for, and no fewer than it needs', () => {
  for (const stations of [1, 21, fewestStations, fewestStations + 1, 27, 30, 60, 200, 1_000]) {
    const sum = [...countsOf(stations).values()].reduce((total, count) => total + count, 0)
    expect([stations, sum]).toEqual([stations, Math.max(stations, fewestStations)])
  }
})

test('every basin has intakes of a town, a farm and industry, a boat and a drone, whose names say so', () => {
  for (const stations of [fewestStations, 60, 300]) {
    const { file, model } = makeBasin({ id: 'b', stations, seed: 3 })
    const users = new Map([...model].flatMap(([id, { takes }]) => (takes === undefined ? [] : [[takes.user, id]])))
    expect([...users.keys()].sort()).toEqual(['farm', 'industry', 'town'])
    const nameOf = (id: string | undefined) => file.stations.find((station) => station.id === id)?.name
    // a small basin has a meter at the town's intake only; the others pump from the river
    const farm = nameOf(users.get('farm'))
    if (stations < 80) expect(users.get('farm')).toMatch(/^(river|abstraction)-/)
    else expect(farm).toMatchObject({ en: expect.stringContaining('Irrigation'), zh: expect.stringContaining('灌区') })
    expect([...model.values()].filter(({ route }) => route !== undefined).length).toBeGreaterThan(0)
    const [drone] = [...model].filter(([, { flights }]) => flights !== undefined).map(([id]) => id)
    expect(nameOf(drone)).toMatchObject({ en: expect.stringContaining('drone'), zh: expect.stringContaining('无人机') })
  }
})

/** A basin over some days; what its intakes took, by user and hour of the day (Beijing), m3/s. */
function taken(from: string, days: number): Map<string, number[]> {
  const { file, model } = makeBasin({ id: 'b', stations: 80, seed: 1 })
  const only = {
    ...file,
    stations: file.stations.map((station) => ({ ...station, sensors: station.sensors.filter((one) => one.parameter === 'water_flow') })),
  }
  const startAt = Date.parse(from)
  const catchment = createCatchment({
    network: readNetwork({ ...only, rules: [] }, { file: null, run: null }),
    model,
    seed: 1,
    startAt,
    sky: { calmFrom: startAt - 10 * day },
  })
  const sums = new Map<string, number[]>()
  for (const { sensor, at, truth } of catchment.advanceTo(startAt + days * day - 1)) {
    const { takes } = model.get(sensor.station) ?? {}
    if (takes === undefined) continue
    const own = sums.get(takes.user) ?? Array.from({ length: 24 }, () => 0)
    const clock = Math.floor((at / hour + 8) % 24)
    own[clock] = (own[clock] ?? 0) + truth / 3600 / (4 * days)
    sums.set(takes.user, own)
  }
  return sums
}

test('what leaves the river is what its users take: each by its own day and season', () => {
  const [july, january] = [taken('2026-07-12T16:00:00Z', 7), taken('2026-01-11T16:00:00Z', 7)]
  const at = (of: Map<string, number[]>, user: string, hours: readonly number[]): number =>
    hours.reduce((sum, each) => sum + (of.get(user)?.[each] ?? 0), 0) / hours.length
  expect(at(july, 'town', [19])).toBeGreaterThan(2 * at(july, 'town', [3]))
  expect(at(july, 'industry', [10])).toBeGreaterThan(2 * at(july, 'industry', [3]))
  expect(at(july, 'farm', [20, 5])).toBeGreaterThan(0)
  expect(at(july, 'farm', [11, 14])).toBe(0)
  expect(
    at(
      january,
      'farm',
      Array.from({ length: 24 }, (_, each) => each),
    ),
  ).toBe(0)
  expect(at(january, 'town', [19])).toBeGreaterThan(0)
})

test('a drone measures on its flights only: air on the way, water where it dips', () => {
  const { file, model } = makeBasin({ id: 'b', stations: 40, seed: 1 })
  const [id = ''] = [...model].filter(([, { flights }]) => flights !== undefined).map(([station]) => station)
  const startAt = Date.parse('2026-04-12T16:00:00Z')
  const network = readNetwork({ ...file, rules: [] }, { file: null, run: null })
  const catchment = createCatchment({ network, model, seed: 1, startAt, sky: { calmFrom: startAt - 10 * day } })
  const flight = catchment.flights.get(id)
  const own = catchment.advanceTo(startAt + 2 * day - 1).filter(({ sensor }) => sensor.station === id)
  const air = own.filter(({ sensor }) => sensor.parameter.key === 'pm2_5')
  const water = own.filter(({ sensor }) => sensor.parameter.key === 'conductivity')
  expect(air.length).toBeGreaterThan(60)
  expect(air.length).toBeLessThan(8 * 40)
  expect(air.every(({ at }) => flight?.(at) !== null)).toBe(true)
  expect(water.length).toBeGreaterThan(8)
  expect(water.every(({ at }) => flight?.(at)?.dips === true)).toBe(true)
  expect(air.slice(1).some(({ at }, i) => at - (air[i]?.at ?? 0) === minute)).toBe(true)
})
