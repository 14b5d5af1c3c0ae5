import { expect, test } from '@jest/globals'
import { watchOf } from './watched-server.ts'

const sample = (at: number, residentBytes: number, startedAt = 1) => ({ at, residentBytes, connections: at, clients: at, startedAt })

test('the slope of memory leaves out the first quarter, in which caches fill', () => {
  const samples = Array.from({ length: 121 }, (_, i) => sample(i * 5, i < 30 ? i * 1e6 : 30e6 + (i - 30) * 1000))
  const watch = watchOf(samples)
  expect(watch.residentBytesPerHour).toBeCloseTo((1000 / 5) * 3600, 0)
  expect([watch.residentBytes, watch.clients, watch.restarted]).toEqual([
    { first: 0, last: 30_090_000, most: 30_090_000 },
    { most: 600, after: 600 },
    false,
  ])
})

test('under a minute there is no slope, and a server that was started anew is told of', () => {
  expect(watchOf([sample(0, 1), sample(5, 9), sample(10, 9, 2)])).toMatchObject({ residentBytesPerHour: null, restarted: true })
})
