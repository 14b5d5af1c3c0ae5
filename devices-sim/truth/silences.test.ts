import { expect, test } from '@jest/globals'
import { readNetwork } from '../../domain/network-load.ts'
import { createSilenceWatch } from './silences.ts'
import type { TruthEvent, TruthReading } from './truth.ts'

const minute = 60_000
const network = readNetwork(
  {
    network: { id: 'n', name: { en: 'N', zh: 'N' }, timeZone: 'Asia/Shanghai', dayStartsAt: '08:00' },
    stations: [
      {
        ...{ id: 's1', name: { en: 'S', zh: 'S' }, kind: 'river', location: { lon: 121, lat: 28 } },
        sensors: [
          { parameter: 'water_level', every: '5m' },
          { parameter: 'rainfall', every: '5m', from: 'counter', perTip: 0.5 },
        ],
      },
    ],
    rules: [
      { id: 'gauge-silent', kind: 'silence', parameter: 'water_level', after: '1h', level: 'yellow' },
      { id: 'rain-silent', kind: 'silence', parameter: 'rainfall' },
    ],
  },
  { file: null, run: null },
)

const sent = (madeMin: number, sentMin: number | null, more: Partial<TruthReading> = {}): TruthReading => ({
  ...{ kind: 'reading', device: 'd', station: 's1', parameter: 'water_level', number: 1, value: 1, true: 1, faults: [] },
  ...{ at: madeMin * minute, made: madeMin * minute, sent: sentMin === null ? null : sentMin * minute, outcome: 'stored' },
  ...more,
})
const spans = (events: readonly TruthEvent[]): unknown => events.map(({ rule, onset, end }) => [rule, onset / minute, end / minute])
const watched = (readings: readonly TruthReading[], endMin = 1_000): unknown => {
  const watch = createSilenceWatch(network)
  return spans([...watch.hear(readings), ...watch.finish(endMin * minute)])
}

test('a silence begins when nothing was heard for as long as the rule allows, and ends with the next reading', () => {
  const readings = [sent(0, 0), sent(100, 100), sent(160, 160), sent(990, 990)]
  expect(watched(readings)).toEqual([
    ['gauge-silent', 60, 100],
    ['gauge-silent', 220, 990],
  ])
  // until the end, and not where nothing was ever heard
  expect([watched([sent(0, 0)], 90), watched([sent(0, 0)], 70), watched([])]).toEqual([[['gauge-silent', 60, 90]], [], []])
})

test('what comes out of a memory ends a silence only with what is fresh, and closes no gap that was there', () => {
  const flush = [10, 70, 130].map((made) => sent(made, 135))
  expect(watched([sent(0, 0), ...flush, sent(1_000, 1_000)], 180)).toEqual([['gauge-silent', 60, 135], ['gauge-silent', 190, 1_000]]) // prettier-ignore
  expect(watched([sent(0, 0), sent(10, 135), sent(200, 200)], 200)).toEqual([['gauge-silent', 60, 200]])
})

test('what cannot be read, dated or has no value is not heard; a clock that is wrong is heard all the same', () => {
  const silent = [['gauge-silent', 60, 200]]
  for (const more of [{ outcome: 'quarantined' }, { outcome: 'duplicate' }, { value: null }] as const)
    expect(watched([sent(0, 0), sent(50, 50, more), sent(200, 200)], 200)).toEqual(silent)
  expect(watched([sent(0, 0), sent(50, null), sent(200, 200)], 200)).toEqual(silent)
  const skewed = [0, 50, 100, 150, 200].map((at) => sent(at, at, { at: (at - 480) * minute }))
  expect(watched(skewed, 200)).toEqual([])
})

test('rain that is counted is heard by its count; without a length three intervals make a silence', () => {
  const count = (at: number): TruthReading => sent(at, at, { parameter: 'rain_accumulated' })
  expect(watched([count(0), count(60)], 60)).toEqual([['rain-silent', 15, 60]])
})

test('behind the end nothing is told a second time', () => {
  const watch = createSilenceWatch(network)
  watch.hear([sent(0, 0)])
  expect(spans(watch.finish(200 * minute))).toEqual([['gauge-silent', 60, 200]])
  expect(watch.hear([sent(300, 300)])).toEqual([])
})
