import { expect, test } from '@jest/globals'
import { readNetwork } from '../../domain/network-load.ts'
import { demoNetwork } from '../demo-network.ts'
import { clockAt } from '../logger/clock.ts'
import type { FaultOrder, FaultType, FaultWindow } from './fault.ts'
import { appearing, faultsAt } from './schedule.ts'
import { createSpoil } from './values.ts'

const [minute, hour] = [60_000, 3_600_000]
const order = (changed: Partial<FaultOrder>): FaultOrder => ({
  ...{ type: 'spike', where: '*/water_level', share: 1, everyMs: 24 * hour, at: 0, lastsMs: 30 * minute, height: 1 },
  ...changed,
})

test('a fault comes once in every stretch of time, at the same moments whenever it is asked for', () => {
  const faults = faultsAt([order({})], 'qingxi/water_level', 7)
  const begun = Array.from({ length: 10 }, (_, day) => faults.beginning(day * 24 * hour - 1, (day + 1) * 24 * hour - 1))
  expect(begun.map((windows) => windows.length)).toEqual(Array.from({ length: 10 }, () => 1))
  for (const { id, from, to } of begun.flat()) {
    expect(to - from).toBe(30 * minute)
    expect(faults.at(from).map((window) => window.id)).toEqual([id])
    expect([faults.at(from - 1), faults.at(to)]).toEqual([[], []])
    expect(faultsAt([order({})], 'qingxi/water_level', 7).at(from + minute)[0]?.id).toBe(id)
  }
})

test('a stretch has all that begins in it, however often that is; the first one also what was open before', () => {
  const often = faultsAt([order({ everyMs: minute, lastsMs: 30_000 })], 'qingxi/water_level', 7)
  const begun = often.beginning(-1, 30 * minute - 1)
  expect(begun.map(({ from }) => Math.floor(from / minute))).toEqual(Array.from({ length: 30 }, (_, i) => i))
  const rare = faultsAt([order({ everyMs: 24 * hour, lastsMs: 20 * hour })], 'qingxi/water_level', 7)
  const [open] = rare.beginning(-1, 24 * hour - 1)
  if (open === undefined) throw new Error('no window in a day')
  const startAt = open.from + hour
  const learnt = (from: number): readonly FaultWindow[] => appearing(rare, { from, to: from + 5 * minute, startAt })
  expect([learnt(startAt - 1), learnt(startAt - 1 + 5 * minute)]).toEqual([[open], []])
  const first = appearing(rare, { from: open.from - 1, to: open.from + minute, startAt: open.from })
  expect(first).toEqual([open])
})

test('an order means the places that it names, and its share of them', () => {
  const holds = (where: string, place: string): boolean => faultsAt([order({ where, everyMs: null })], place, 1).at(minute).length > 0
  expect([holds('*', 'a/ph'), holds('*/ph', 'a/ph'), holds('a', 'a/ph'), holds('a/ph', 'a/ph'), holds('*', 'a')]).not.toContain(false)
  expect([holds('b', 'a/ph'), holds('*/do', 'a/ph'), holds('a/do', 'a/ph')]).not.toContain(true)
  const places = Array.from({ length: 1000 }, (_, i) => `station-${i}/ph`)
  const hit = places.filter((place) => faultsAt([order({ where: '*', share: 0.3, everyMs: null })], place, 1).at(minute).length > 0)
  expect(Math.abs(hit.length - 300)).toBeLessThan(60)
})

test('ice comes only while water may freeze, in every winter', () => {
  const { at, beginning } = faultsAt([order({ type: 'ice', lastsMs: 6 * hour })], 'qingxi/water_level', 7)
  const day = 24 * hour
  const struckIn = (month: number): boolean => {
    const middle = Date.UTC(2025, month, 15)
    return beginning(middle, middle + 2 * day).some(({ from }) => at(from).length === 1)
  }
  const months = Array.from({ length: 24 }, (_, month) => month)
  expect(months.filter(struckIn)).toEqual([0, 1, 11, 12, 13, 23])
})

const window = (type: FaultType, height: number | null = 2): FaultWindow => ({
  id: type,
  type,
  from: 0,
  to: 10 * minute,
  height,
  draw: 0.5,
})

test('each fault of an instrument makes its own kind of wrong', () => {
  const network = readNetwork(demoNetwork, { file: null, run: null })
  const sensorOf = (id: string) => {
    const sensor = network.stations.flatMap((station) => station.sensors).find((one) => one.id === id)
    if (sensor === undefined) throw new Error(`no ${id}`)
    return sensor
  }
  const shown = (type: FaultType, values: readonly number[], id = 'qingxi/water_level/1', height: number | null = 2) => {
    const spoil = createSpoil(sensorOf(id), 1)
    return values.map((value, i) => spoil(value, (i - 1) * minute, i === 0 ? [] : [window(type, height)]))
  }
  expect(shown('spike', [5, 5])).toEqual([5, 7])
  expect(shown('offset', [5, 6])).toEqual([5, 8])
  expect(shown('drift', [5, 5, 5, 5])).toEqual([5, 5, 5.2, 5.4])
  expect(shown('fouling', [5, 5, 5, 5])).toEqual([5, 5, 5.02, 5.08])
  expect(shown('flat-line', [5, 6, 7], undefined, null)).toEqual([5, 5, 5])
  expect(shown('quantisation', [5, 5.4, 6.9])).toEqual([5, 6, 6])
  expect(shown('unit-slip', [5, 5])).toEqual([5, 500])
  expect(shown('gap', [5, 5])).toEqual([5, null])
  expect(shown('stuck-bucket', [1, 1], 'shimen/rainfall/1')).toEqual([1, 0])
  expect(shown('blocked-gauge', [1, 1], 'shimen/rainfall/1')).toEqual([1, 0.2])
  expect(shown('out-of-water', [5, 5])[1]).toBeLessThan(0.2)
  expect(shown('ice', [5, 5, 6, 7])).toEqual([5, 5, 6.6, 7])
})

test('the count of a gauge that sticks stands still and goes on from there; of one that is blocked, a fifth of its tips come', () => {
  const network = readNetwork(demoNetwork, { file: null, run: null })
  const sensor = network.stations.flatMap((station) => station.sensors).find(({ parameter }) => parameter.key === 'rainfall')
  if (sensor === undefined) throw new Error('no rain gauge')
  const counted = (type: FaultType): (number | null)[] => {
    const spoil = createSpoil({ ...sensor, from: 'counter', perTip: 0.2 }, 1)
    const tips = [98, 106, 156, 256, 306, 310, 4, 9]
    return tips.map((value, i) => spoil(value, i * minute, i >= 2 && i < 5 ? [window(type)] : []))
  }
  expect(counted('stuck-bucket')).toEqual([98, 106, 106, 106, 106, 110, 4, 9])
  expect(counted('blocked-gauge')).toEqual([98, 106, 116, 136, 146, 150, 4, 9])
})

test('no instrument has a fault that its kind cannot have', () => {
  const strikes = (type: FaultType, place: string): boolean =>
    faultsAt([order({ type, where: '*', everyMs: null })], place, 1).at(minute).length > 0
  expect([strikes('flat-line', 'a/ph'), strikes('out-of-water', 'a/ph'), strikes('stuck-bucket', 'a/rainfall')]).not.toContain(false)
  expect([strikes('flat-line', 'a/rainfall'), strikes('out-of-water', 'a/pm10'), strikes('ice', 'a/rainfall')]).not.toContain(true)
})

test('a clock is wrong in its own way, and second by second', () => {
  const at = Date.parse('2026-06-15T12:00:00Z')
  const wrong = (type: FaultType, height: number | null) =>
    (clockAt(at, [{ ...window(type, height), from: at - hour, to: at + hour }]) - at) / 1000
  expect(wrong('clock-skew', 75)).toBe(75)
  expect(wrong('clock-drift', 60)).toBe(30)
  expect(wrong('wrong-zone', null)).toBe(-8 * 3600 + 1)
  expect(clockAt(at, [{ ...window('clock-reset'), from: at - hour, to: at + hour }])).toBe(hour)
  expect(clockAt(at, [])).toBe(at)
})
