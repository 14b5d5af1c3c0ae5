import { expect, test } from '@jest/globals'
import type { Flag } from '../../domain/flag.ts'
import type { Expectation, TruthFault } from '../truth/truth.ts'
import { QualityLedger } from './quality.ts'
import { ScoreBook } from './score.ts'

const fault = (id: string, type: string, expects: Expectation, from = 0, to = 10): TruthFault => ({
  ...{ kind: 'fault', id, type, device: 'd1', station: 's1', parameter: 'water_level', from, to, expects },
})
const seen = (value: Flag, ...tests: string[]) => ({ series: 's1/water_level/1', observedAt: 1, value: 2, flag: value, tests })

test('recall counts readings and faults by type, precision the flags that were right, by test', () => {
  const ledger = new QualityLedger()
  for (const one of [
    fault('a', 'spike', 'suspect'),
    fault('b', 'spike', 'suspect'),
    fault('c', 'stuck', 'fail'),
    fault('d', 'skew', 'unharmed'),
  ])
    ledger.expect(one)
  ledger.see(seen(3, 'spike'), ['a'])
  ledger.see(seen(1), ['a'])
  ledger.see(seen(1), ['b'])
  ledger.see(seen(3, 'flat_line', 'late'), ['c'])
  ledger.see(seen(4, 'flat_line'), ['c'])
  ledger.see(seen(1), ['d'])
  ledger.see(seen(3, 'spike'), [])
  ledger.see(seen(1), [])
  const { byFault, byTest, ...all } = ledger.score()
  expect(byFault.map(({ type, faults, faultsSeen, readings, readingsSeen }) => [type, faults, faultsSeen, readings, readingsSeen])).toEqual(
    [
      ['skew', 1, 1, 1, 1],
      ['spike', 2, 1, 3, 1],
      ['stuck', 1, 1, 2, 1],
    ],
  )
  expect(byTest).toEqual([
    { test: 'spike', flagged: 2, right: 1, precision: 0.5 },
    { test: 'flat_line', flagged: 2, right: 2, precision: 1 },
  ])
  expect(all).toEqual({ faulty: 5, faultySeen: 3, harmless: 0, flagged: 4, flaggedRight: 3, recall: 0.6, precision: 0.75 })
})

test('a gap is seen where the system found one of its series at that time', () => {
  const recall = (...gaps: [from: number, to: number | null, series?: string][]): number | null => {
    const ledger = new QualityLedger()
    ledger.expect(fault('g', 'gap', 'gap', 100, 200))
    for (const [from, to, series = 's1/water_level/1'] of gaps) ledger.seeGap({ series, from, to })
    return ledger.score().byFault[0]?.recall ?? null
  }
  expect([recall([90, 210]), recall([150, null]), recall([0, 100]), recall([90, 210, 's2/water_level/1']), recall()]).toEqual([
    1, 1, 0, 0, 0,
  ])
})

test('the gap of an empty battery is seen at a station of its own device', () => {
  const recall = (...series: string[]): number | null => {
    const ledger = new QualityLedger()
    ledger.expect({ ...fault('b', 'dead-battery', 'gap', 100, 200), station: null, parameter: null })
    for (const [device, station] of [['d1', 's1'], ['d1', 's2'], ['d2', 's3']] as const) ledger.serve(device, station) // prettier-ignore
    for (const one of series) ledger.seeGap({ series: one, from: 110, to: 190 })
    return ledger.score().byFault[0]?.recall ?? null
  }
  expect([recall('s3/water_level/1'), recall('s9/water_level/1'), recall('s3/ph/1', 's2/rainfall/1')]).toEqual([0, 0, 1])
})

test('faults that stored readings do not tell of are left out', () => {
  const ledger = new QualityLedger()
  ledger.expect(fault('q', 'wrong-unit', 'quarantined'))
  expect(ledger.score()).toMatchObject({ byFault: [], recall: null, precision: null })
})

test('readings that a fault left as near the truth as a sound instrument is are no part of the recall', () => {
  const start = '2026-06-01T00:00:00.000Z'
  const header = { kind: 'header', format: 1, scenario: 'x', seed: 1, start, end: start, run: 'x-1', network: '', stations: 1, devices: 1 } as const // prettier-ignore
  const book = new ScoreBook(header)
  const readings: [parameter: string, value: number, truth: number][] = [
    // a bucket that does not tip: dry, one tip of rain, and rain
    ...[['rainfall', 0, 0], ['rainfall', 0, 0.2], ['rainfall', 0, 3]] as [string, number, number][], // prettier-ignore
    // a flat line: within the noise, and beyond it
    ...[['water_level', 2, 2.004], ['water_level', 2, 2.006]] as [string, number, number][], // prettier-ignore
  ]
  for (const [id, type] of [['rainfall', 'stuck-bucket'], ['water_level', 'flat-line']] as const) book.expect(fault(id, type, 'suspect')) // prettier-ignore
  for (const [at, [parameter, value, truth]] of readings.entries()) {
    book.expect({
      ...{ kind: 'reading', device: 'd1', station: 's1', parameter, number: 1, at, value, true: truth, made: at, sent: at },
      ...{ faults: [parameter], outcome: 'stored' },
    })
    book.see({ series: `s1/${parameter}/1`, observedAt: at, value, flag: at === 4 || at === 3 ? 3 : 1, tests: ['flat_line'] })
  }
  const { byFault, ...all } = book.score().quality
  expect(byFault).toMatchObject([
    { type: 'flat-line', faults: 1, faultsSeen: 1, readings: 1, readingsSeen: 1, harmless: 1, recall: 1 },
    { type: 'stuck-bucket', faults: 1, faultsSeen: 0, readings: 1, readingsSeen: 0, harmless: 2, recall: 0 },
  ])
  // a flag on the harmless one is right nevertheless
  expect(all).toMatchObject({ faulty: 2, faultySeen: 1, harmless: 3, recall: 0.5, flagged: 2, flaggedRight: 2 })
})

test('what is lost was harmed, and what nobody could do counts for nothing', () => {
  const ledger = new QualityLedger()
  ledger.expect(fault('a', 'sigkill', 'unharmed'))
  ledger.expect({ ...fault('b', 'store-away', 'unharmed'), notDone: 'it has none' })
  ledger.see(seen(1), ['a', 'b'])
  ledger.lose(['a', 'b'])
  ledger.lose([])
  expect(ledger.score().byFault).toMatchObject([{ type: 'sigkill', faults: 1, faultsSeen: 1, readings: 2, readingsSeen: 1, recall: 0.5 }])
})
