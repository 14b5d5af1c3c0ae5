import { expect, test } from '@jest/globals'
import { figureNames, figuresOf, passedBounds, readBounds } from './figures.ts'
import { ScoreBook } from './score.ts'

const header = {
  ...{ kind: 'header' as const, format: 1 as const, scenario: 'storm', seed: 1, run: 'storm-1', network: 'x', stations: 1, devices: 1 },
  ...{ start: '2026-06-01T00:00:00.000Z', end: '2026-06-02T00:00:00.000Z' },
}
const series = { station: 's1', parameter: 'water_level', number: 1 }

function scored() {
  const book = new ScoreBook(header)
  for (const at of [1, 2, 3])
    book.expect({ kind: 'reading', device: 'd1', ...series, at, value: 1, true: 1, made: at, sent: at, faults: [], outcome: 'stored' })
  for (const observedAt of [1, 2]) book.see({ series: 's1/water_level/1', observedAt, value: 1, flag: 1, tests: [] })
  return figuresOf(book.score())
}

test('each figure has the name by which a bound may call it', () => {
  expect(scored().map(({ name }) => name)).toEqual(figureNames)
})

test('a bound is passed above or below its limit, and never by what was not measured', () => {
  const passed = (text: string): string[] => {
    const read = readBounds(text)
    return 'bounds' in read ? passedBounds(read.bounds, scored()).map((bound) => bound.text) : [read.problem]
  }
  expect(passed('lost>0, doubled>0,expected<4')).toEqual(['lost>0', 'expected<4'])
  expect(passed('lost>1,csi<0.9')).toEqual([])
  expect(passed('lots>0')).toEqual(['there is no figure "lots"; did you mean lost?'])
  expect(passed('lost=0')).toEqual(['"lost=0" is no bound; write it as lost>0 or csi<0.8'])
})

test('forecasts whose limit was never crossed have a figure of their own', () => {
  const book = new ScoreBook(header)
  const forecast = { timeToThresholdMs: 5, earliestMs: 4, latestMs: 6 }
  book.seeWarning({
    ...{ rule: 'creeping', kind: 'trend', station: 's1', series: 's1/water_level/1', level: 'blue', onset: 1, raisedAt: 1 },
    ...{ retrospective: false, decided: null, limit: 3, figures: forecast },
  })
  const named = new Map(figuresOf(book.score()).map(({ name, value }) => [name, value]))
  expect([named.get('forecasts'), named.get('uncrossed'), named.get('coverage')]).toEqual([0, 1, null])
})
