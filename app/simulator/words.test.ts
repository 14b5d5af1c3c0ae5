import { expect, test } from '@jest/globals'
import { figureText, figureUnits } from '../../console/score-words.ts'
import { texts } from '../../console/texts.ts'
import { makeBasin } from '../../devices-sim/basin/basin.ts'
import { faultTypes } from '../../devices-sim/faults/fault.ts'
import { systemFaultTypes } from '../../devices-sim/faults/system.ts'
import { figureNames, figuresOf } from '../../devices-sim/score/figures.ts'
import { ScoreBook } from '../../devices-sim/score/score.ts'
import { expectations } from '../../devices-sim/truth/truth.ts'
import { sampleScore } from '../../api/testing/simulator.ts'
import { linesOfScore } from '../scoring/table.ts'
import { scoreDocument } from '../scoring/score-truth.ts'

const missing = (names: Readonly<Record<string, unknown>>, wanted: readonly string[]): string[] => wanted.filter((name) => !(name in names))

test('every fault, rule of a made basin, expectation and figure of a score has a name in both languages', () => {
  const rules = (makeBasin({ id: 'x', stations: 60, seed: 1 }).file.rules ?? []).map(({ id }) => id)
  expect(rules.length).toBeGreaterThan(10)
  for (const { simulator } of [texts.en, texts.zh]) {
    expect(missing(simulator.fault, [...faultTypes, ...systemFaultTypes])).toEqual([])
    expect(missing(simulator.rule, rules)).toEqual([])
    expect(missing(simulator.expects, expectations)).toEqual([])
    expect(missing(simulator.figure, figureNames)).toEqual([])
  }
  expect(Object.keys(figureUnits)).toEqual([...figureNames])
})

test('the page shows the figures with the digits of the command line', () => {
  const { figures: _, failed: __, ...score } = sampleScore
  const figures = figuresOf(score as never)
  const lines = linesOfScore(score as never, figures).join('')
  for (const { name, value } of figures) {
    const shown = figureText(value, figureUnits[name] ?? 'count', { t: texts.en })
    expect([name, lines.includes(` ${shown} `)]).toEqual([name, true])
  }
})

test('the document of a score has its figures by name and the bounds that it passes', () => {
  const start = '2025-06-15T00:00:00.000Z'
  const header = {
    kind: 'header',
    format: 1,
    scenario: 'x',
    seed: 1,
    start,
    end: start,
    run: 'x-1',
    network: '',
    stations: 1,
    devices: 1,
  } as const
  const document = scoreDocument(new ScoreBook(header).score(), [{ text: 'lost<1', name: 'lost', sign: '<', limit: 1 }])
  expect([document.figures.lost, document.failed, document.run]).toEqual([0, ['lost<1'], 'x-1'])
})
