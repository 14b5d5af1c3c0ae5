import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import path from 'node:path'
import { expect } from '@jest/globals'
import { needing, sharedFolder } from '../../testing/needing.ts'
import { near } from '../testing/near.ts'
import { hamedRao } from './hamed-rao.ts'
import { mannKendall } from './mann-kendall.ts'
import { theilSen } from './theil-sen.ts'

needing([sharedFolder('data', 'trend-series')], 'the published statistics of recorded series come out again', (folder) => {
  const series = valuesByStation(gunzipSync(readFileSync(path.join(folder, 'trend_series.csv.gz'))).toString('utf8'))
  const expected = readFileSync(path.join(folder, 'expected.csv'), 'utf8')
  const computed: Record<string, (values: readonly number[]) => Record<string, number | undefined>> = {
    'Mann-Kendall': (values) => {
      const { s, variance, z, p, tauA } = mannKendall(values)
      return { S: s, varS: variance, z, p, tau: tauA }
    },
    'Hamed-Rao modified MK': (values) => {
      const { s, variance, z, p, tauA } = hamedRao(values, { clampFactor: false })
      return { S: s, varS: variance, z, p, tau: tauA }
    },
    "Sen's slope": (values) =>
      ({
        ...theilSen(
          values.map((_, i) => i),
          values,
        ),
      }) as Record<string, number>,
  }
  let checked = 0
  for (const line of expected.split('\n').slice(1)) {
    const [station = '', test = '', statistic = '', value] = line.split(',')
    const found = computed[test]?.(series.get(station) ?? [])[statistic]
    if (found === undefined) continue
    near(found, Number(value), 8) // theirs is 2(1 − Φ): its tail has no more digits
    checked += 1
  }
  expect(checked).toBe(14)
})

function valuesByStation(csv: string): Map<string, number[]> {
  const series = new Map<string, number[]>()
  for (const line of csv.split('\n').slice(1)) {
    const [, station = '', , value = ''] = line.split(',')
    if (value !== '') series.set(station, [...(series.get(station) ?? []), Number(value)])
  }
  return series
}
