import { expect, test } from '@jest/globals'
import type { Network } from '../../domain/network.ts'
import type { Rollup } from '../../store/ports/telemetry.ts'
import { SmallPipeline, watchOver, type Sent } from '../testing/pipeline.ts'
import { dawn, fleetOf, hour, minute, networkWith, sensorAt, stationWith } from '../testing/places.ts'
import { daysOf, DirtyHours, hoursOf } from './rollups.ts'

const level = sensorAt('qingxi', 'water_level', { everyMs: 15 * minute })
const loose = sensorAt('qingxi', 'ph', { everyMs: null })
const network: Network = networkWith([stationWith('qingxi', [level, loose])], [])
const day = 24 * hour

const sent = (values: readonly number[], start = dawn, step = 15 * minute): Sent[] =>
  values.map((value, i) => ({ series: level.id, at: start + i * step, value }))

async function rolled(
  batches: readonly (readonly [readonly Sent[], number])[],
  over = network,
): Promise<(size: Rollup['size']) => Promise<unknown[][]>> {
  const pipeline = new SmallPipeline()
  const { watch } = watchOver(pipeline.store, () => fleetOf(over))
  await watch.start()
  for (const [batch, now] of batches) {
    const commit = await pipeline.commit(batch, [{ run: null, at: now }])
    if (commit) await watch.consume(commit)
  }
  return async (size) => {
    const found = await pipeline.store.telemetry.rollups({ series: [level.id, loose.id], size, from: dawn - 10 * day, to: dawn + 10 * day })
    return found.map(({ start, n, min, mean, max, sum, completeness }) => [(start - dawn) / hour, n, min, mean, max, sum, completeness])
  }
}

test('an hour is summed up when it and the grace are over, with what is missing', async () => {
  const early = await rolled([[sent([1, 2, 3, 6]), dawn + hour + 4 * minute]])
  expect(await early('1h')).toEqual([])
  const late = await rolled([
    [sent([1, 2, 3, 6, 9]), dawn + hour + 4 * minute],
    [[], dawn + 3 * hour + 5 * minute],
  ])
  expect(await late('1h')).toEqual([
    [0, 4, 1, 3, 6, 12, 1],
    [1, 1, 9, 9, 9, 9, 0.25],
    [2, 0, null, null, null, null, 0],
  ])
})

test('what late readings, corrections and judgements touch is summed up again', async () => {
  const [first, second, third, fourth] = sent([1, 2, 3, 6])
  if (!first || !second || !third || !fourth) throw new Error('four')
  const hours = await rolled([
    [[first, fourth], dawn + 2 * hour + 5 * minute],
    [[second, { ...third, late: true }, { ...fourth, flag: 4 }, { ...first, value: 0 }], dawn + 2 * hour + 6 * minute],
    [[], dawn + 3 * hour + 5 * minute],
  ])
  expect((await hours('1h'))[0]).toEqual([0, 3, 0, 5 / 3, 3, 5, 0.75])
  const gone = await rolled([
    [[first], dawn + hour + 5 * minute],
    [[{ ...first, flag: 4 }], dawn + hour + 6 * minute],
    [[], dawn + 2 * hour + 5 * minute],
  ])
  expect((await gone('1h'))[0]).toEqual([0, 0, null, null, null, null, 0])
})

test("a network's day begins when it says, and lasts as long as its clocks do", async () => {
  const days = await rolled([
    [sent([4], dawn - 20 * minute), dawn],
    [sent([8], dawn + 20 * minute), dawn + day],
    [[], dawn + day + 5 * minute],
  ])
  expect(await days('1d')).toEqual([
    [-24, 1, 4, 4, 4, 4, 1 / 96],
    [0, 1, 8, 8, 8, 8, 1 / 96],
  ])
  const berlin = { ...network, timeZone: 'Europe/Berlin', dayStartsAtMinutes: 0 }
  const lengths = (from: number) => daysOf(berlin, from, from + 3 * day).map(({ start, end }) => (end - start) / hour)
  expect(lengths(Date.UTC(2026, 2, 27, 23))).toEqual([24, 23, 24])
  expect(lengths(Date.UTC(2026, 9, 23, 22))).toEqual([24, 25])
})

test('a long stretch without a clock is done in pieces, without empty hours', () => {
  const orders = hoursOf(network, dawn, dawn + 100 * hour)
  expect(orders.map(({ start, end, withEmpty }) => [(start - dawn) / hour, (end - dawn) / hour, withEmpty])).toEqual([
    [0, 48, false],
    [48, 96, false],
    [96, 100, false],
  ])
  expect(hoursOf(network, dawn, dawn + hour)[0]?.withEmpty).toBe(true)
})

test('touched hours are kept once, by day, and an hour across two days touches both', () => {
  const dirty = new DirtyHours()
  for (const at of [dawn, dawn + 10 * minute, dawn + 2 * hour]) dirty.add(level.id, at)
  expect(dirty.size).toBe(2)
  expect(dirty.entries()).toEqual([[level.id, [dawn, dawn + 2 * hour]]])
  const orders = dirty.orders(network, dawn + day).map(({ size, start, end }) => [size, (start - dawn) / hour, (end - dawn) / hour])
  expect(orders).toEqual([
    ['1h', 0, 3],
    ['1d', 0, 24],
  ])
  const kolkata = { ...network, timeZone: 'Asia/Kolkata', dayStartsAtMinutes: 0 }
  const night = new DirtyHours()
  night.add(level.id, dawn + 18 * hour)
  expect(night.orders(kolkata, dawn + 5 * day).filter(({ size }) => size === '1d')).toHaveLength(2)
  dirty.keepOnly({ has: () => false })
  expect(dirty.size).toBe(0)
})
