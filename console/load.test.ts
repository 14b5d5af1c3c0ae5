import { expect, test } from '@jest/globals'
import type { Asking } from './api-client.ts'
import { pageContext } from './context.ts'
import { loadStation } from './load.ts'
import { observations, stationDetail } from './testing/sample.ts'
import { hour, minute, sampleNow } from './testing/sketches.ts'

const page = pageContext(
  { language: 'en', appearance: 'system', viewport: 1280, zone: 'UTC' },
  { now: sampleNow, url: '/', session: { user: null, simulatedOnly: true }, version: '0', script: '' },
)

/** An api that answers about one station that reads every minute, and keeps what it was asked. */
function minutely(): { asking: Asking; asked: string[] } {
  const asked: string[] = []
  const detail = stationDetail('shiqiao')
  if (!detail) throw new Error('the sample has changed')
  const answer = { ...detail, series: detail.series.map((one) => ({ ...one, everyMs: minute })) }
  const windows = [0, 1, 2].map((i) => ({
    series: 'x',
    start: sampleNow - (5 - i) * hour,
    end: sampleNow - (4 - i) * hour,
    n: 60,
    mean: 3 + i,
  }))
  const asking: Asking = {
    async get<Body>(path: string) {
      asked.push(path)
      const json = path.includes('/windows')
        ? { windows }
        : path.includes('/observations')
          ? { observations: observations('shiqiao/water_level/1', sampleNow - hour, sampleNow) }
          : path.includes('/warnings')
            ? { warnings: [], more: false }
            : answer
      return json as Body
    },
    maybe: async () => null,
    send: async () => ({ status: 200, json: {}, cookies: [] }),
  }
  return { asking, asked }
}

test('readings too many to draw come as hourly means, and the chart says so', async () => {
  const { asking, asked } = minutely()
  const { chart } = await loadStation(asking, 'shiqiao', { range: '30d' }, page)
  expect(asked.filter((path) => path.includes('/observations'))).toEqual([
    expect.stringContaining('/observations/windows?series=shiqiao%2Fwater_level%2F1'),
  ])
  expect(chart?.quantity).toBe('Water level (hourly mean)')
  expect(chart?.points.map((point) => point.value)).toEqual([3, 4, 5])
  expect(chart?.everyMs).toBe(hour)
})

test('a day of readings is drawn reading by reading', async () => {
  const { asking, asked } = minutely()
  const { chart, range } = await loadStation(asking, 'shiqiao', { range: '24h', series: 'nothing/1' }, page)
  expect([range, chart?.quantity, chart?.everyMs]).toEqual(['24h', 'Water level', minute])
  expect(asked.some((path) => path.includes('/windows'))).toBe(false)
})
