import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { checkRules } from '../../analytics/rules/compile.ts'
import { readNetwork } from '../../domain/network-load.ts'
import type { Network } from '../../domain/network.ts'
import { substances, water } from './amounts.ts'
import { createCatchment, type CatchmentParts } from './catchment.ts'
import { demoFaults } from '../demo-faults.ts'
import { demoModel } from '../demo-model.ts'
import { demoNetwork } from '../demo-network.ts'
import { tipMm } from './instruments.ts'

const network: Network = readNetwork(demoNetwork, { file: null, run: null })
const [hour, day] = [3_600_000, 86_400_000]
const start = Date.parse('2026-11-15T00:00:00Z')
const demo = (parts: Omit<CatchmentParts, 'model'>) => {
  const catchment = createCatchment({ ...parts, model: demoModel })
  const advanceTo = (at: number) =>
    catchment.advanceTo(at).flatMap(({ value, ...reading }) => (value === null ? [] : [{ ...reading, value }]))
  return { ...catchment, advanceTo }
}
type Shown = ReturnType<ReturnType<typeof demo>['advanceTo']>[number]
/** The same water with fewer instruments: quicker. */
const only = (...keys: readonly string[]): Network => ({
  ...network,
  stations: network.stations.map((station) => ({
    ...station,
    sensors: station.sensors.filter((sensor) => keys.includes(sensor.parameter.key)),
  })),
})
const brief = ({ sensor, at, value }: Shown) => `${sensor.id} ${at} ${value}`
const of = (readings: readonly Shown[], series: string) => readings.filter((reading) => reading.sensor.id === series)

test('the demo network is a network of 26 stations, its rules are rules of every kind', () => {
  expect(network.stations).toHaveLength(26)
  expect(checkRules(network.rules)).toEqual([])
  expect(new Set(network.rules.map((rule) => rule.kind)).size).toBe(5)
  const served = network.devices.flatMap((device) => device.stations)
  expect(new Set(served).size).toBe(26)
  expect(served).toHaveLength(26)
  expect(network.devices.some((device) => device.stations.length > 1)).toBe(true)
  for (const station of network.stations) {
    expect(station.location).not.toBeNull()
    expect(station.name.en).not.toBe(station.name.zh)
  }
})

test('every sensor reports at its own interval, in time order, with values that an instrument can show', () => {
  const catchment = demo({ network, seed: 1, startAt: start })
  const readings = catchment.advanceTo(start + day - 1)
  for (const sensor of network.stations.flatMap((station) => station.sensors)) {
    if (sensor.statistic !== null) continue
    const own = of(readings, sensor.id)
    expect({ id: sensor.id, n: own.length }).toEqual({ id: sensor.id, n: day / (sensor.everyMs ?? 0) })
    const { min, max } = sensor.parameter.grossRange
    const strange = own.filter(({ value }) => value < (min ?? value) || value > (max ?? value))
    expect({ id: sensor.id, strange }).toEqual({ id: sensor.id, strange: [] })
    expect(own.slice(1).every((reading, i) => reading.at - (own[i]?.at ?? 0) === sensor.everyMs)).toBe(true)
  }
  expect(readings.every((reading, i) => i === 0 || reading.at >= (readings[i - 1]?.at ?? 0))).toBe(true)
  expect(catchment.advanceTo(start)).toEqual([])
})

test('the same seed gives the same readings, however time is cut; another seed gives others', () => {
  const whole = demo({ network, seed: 7, startAt: start }).advanceTo(start + 4 * hour)
  const cut = demo({ network, seed: 7, startAt: start })
  const pieces: Shown[] = []
  for (const minutes of [0, 1, 2, 7, 7.5, 60, 61, 200, 240]) pieces.push(...cut.advanceTo(start + minutes * 60_000))
  expect(pieces.map(brief).sort()).toEqual(whole.map(brief).sort())
  expect(
    demo({ network, seed: 8, startAt: start })
      .advanceTo(start + 4 * hour)
      .map(brief),
  ).not.toEqual(whole.map(brief))
})

test('the warm-up gives the same water to the last digit, however many steps it takes at once', () => {
  const warmedBy = (steps: number) => {
    const catchment = createCatchment({ network, seed: 7, startAt: start, model: demoModel })
    while (!catchment.warmUp(steps));
    return catchment.advanceTo(start + hour).map(({ sensor, at, value, truth }) => [sensor.id, at, value, truth])
  }
  const oneByOne = warmedBy(1)
  expect(oneByOne.length).toBeGreaterThan(500)
  expect(warmedBy(7)).toEqual(oneByOne)
  expect(warmedBy(10_000)).toEqual(oneByOne)
})

test('a start in the middle gives what the first start gave', () => {
  const first = demo({ network, seed: 3, startAt: start }).advanceTo(start + 30 * hour)
  const again = demo({ network, seed: 3, startAt: start + 26 * hour }).advanceTo(start + 30 * hour)
  expect(again.map(brief)).toEqual(first.filter((reading) => reading.at >= start + 26 * hour).map(brief))
})

test('water and what it carries come, go or stay: nothing is lost', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 0, max: 1000 }), (seed, days) => {
      const catchment = demo({ network: only(), seed, startAt: start + days * day })
      catchment.advanceTo(start + days * day)
      const before = catchment.balance()
      catchment.advanceTo(start + (days + 4) * day)
      const after = catchment.balance()
      for (let i = 0; i < substances.length; i += 1) {
        const came = (after.came[i] ?? 0) - (before.came[i] ?? 0)
        const went = (after.went[i] ?? 0) - (before.went[i] ?? 0)
        const stayed = (after.there[i] ?? 0) - (before.there[i] ?? 0)
        expect(came).toBeGreaterThan(0)
        expect({ substance: substances[i], error: Math.abs(came - went - stayed) / came < 1e-9 }).toEqual({
          substance: substances[i],
          error: true,
        })
      }
      expect((after.went[water] ?? 0) - (before.went[water] ?? 0)).toBeGreaterThan(0)
    }),
    { numRuns: 3 },
  )
})

test('the tips of a rain gauge add up to its rain', () => {
  const catchment = demo({ network: only('rainfall'), seed: 5, startAt: start })
  const readings = of(catchment.advanceTo(start + 7 * day), 'shimen/rainfall/1')
  const sum = readings.reduce((mm, { value }) => mm + value, 0)
  expect(sum).toBeGreaterThan(10)
  for (const { value } of readings) expect(Math.abs(value / tipMm - Math.round(value / tipMm))).toBeLessThan(1e-6)
})

test('a week of history shows rain, and a river at its warning stage', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 3000 }), (seed, days) => {
      const startAt = start + days * day
      const readings = demo({ network: only('water_level'), seed, startAt }).advanceTo(startAt + 7 * day)
      const reached = readings.filter(({ sensor, value }) => value >= (sensor.stages.get('warning') ?? Infinity))
      expect(reached.length).toBeGreaterThan(10)
    }),
    { numRuns: 3 },
  )
})

test('a flood wave comes down the river in its travel time', () => {
  const readings = demo({ network: only('river_discharge'), seed: 1, startAt: start }).advanceTo(start + 9 * day)
  const lagBetween = (up: string, down: string): number => {
    const [a, b] = [up, down].map((id) => of(readings, `${id}/river_discharge/1`).map(({ value }) => value))
    let [best, lag] = [-Infinity, 0]
    for (let minutes = 0; minutes <= 720; minutes += 10) {
      let sum = 0
      for (let i = 0; i + minutes < (b?.length ?? 0); i += 10)
        sum += ((a?.[i + 10] ?? 0) - (a?.[i] ?? 0)) * ((b?.[i + minutes + 10] ?? 0) - (b?.[i + minutes] ?? 0))
      if (sum > best) [best, lag] = [sum, minutes]
    }
    return lag / 60
  }
  const lag = lagBetween('shuangkou', 'qingxi')
  expect(lag).toBeGreaterThan(1)
  expect(lag).toBeLessThan(3)
  expect(lagBetween('shuangkou', 'lower-weir')).toBeGreaterThan(lag)
})

test('oxygen and temperature have their day, dirt comes from the works', () => {
  const readings = demo({ network, seed: 2, startAt: start }).advanceTo(start + 4 * day)
  const mean = (series: string, hours: readonly number[]): number => {
    const own = of(readings, series).filter(({ at }) => hours.includes(Math.floor((at / hour + 8) % 24)))
    return own.reduce((sum, { value }) => sum + value, 0) / own.length
  }
  expect(mean('xiyuan/water_temperature/1', [15, 16, 17])).toBeGreaterThan(mean('xiyuan/water_temperature/1', [4, 5, 6]) + 0.8)
  expect(mean('xiyuan/dissolved_oxygen/1', [14, 15, 16])).toBeGreaterThan(mean('xiyuan/dissolved_oxygen/1', [3, 4, 5]) + 0.2)
  const all = Array.from({ length: 24 }, (_, each) => each)
  expect(mean('nanwan/ammonia_nitrogen/1', all)).toBeGreaterThan(mean('dongqiao/ammonia_nitrogen/1', all))
  expect(mean('chengguan-air/o3/1', [13, 14, 15])).toBeGreaterThan(2 * mean('chengguan-air/o3/1', [4, 5, 6]))
})

test('some instruments fail now and then, the same way each time', () => {
  const faulty = demo({ network: only('water_level', 'turbidity'), seed: 1, startAt: start, faults: demoFaults }).advanceTo(start + 6 * day)
  const sound = demo({ network: only('water_level', 'turbidity'), seed: 1, startAt: start }).advanceTo(start + 6 * day)
  expect(of(sound, 'lower-weir/water_level/1').length - of(faulty, 'lower-weir/water_level/1').length).toBeGreaterThanOrEqual(45)
  const [a, b] = [of(faulty, 'baishui/water_level/1'), of(sound, 'baishui/water_level/1')]
  const spikes = a.filter((reading, i) => reading.value !== b[i]?.value)
  expect(spikes.length).toBeGreaterThanOrEqual(4)
  expect(spikes.length).toBeLessThanOrEqual(8)
  const stuck = of(faulty, 'dongqiao/turbidity/1').map(({ value }) => value)
  let [run, longest] = [1, 1]
  for (const [i, value] of stuck.entries()) {
    run = value === stuck[i - 1] ? run + 1 : 1
    longest = Math.max(longest, run)
  }
  expect(longest).toBeGreaterThan(100)
})
