import { expect, test } from '@jest/globals'
import { faultTypes } from '../faults/fault.ts'
import { withFaults } from './more-faults.ts'
import { readScenario } from './scenario.ts'

const scenario = readScenario(
  '{ id: x, title: { en: x, zh: x }, about: { en: x, zh: x }, lasts: 6h, faults: [{ type: spike, share: 0.3, every: 1h, lasts: 5m }, { type: gap, every: 1h, lasts: 5m }] }',
  'x',
)
const shares = (factor: number): unknown => withFaults(scenario, { factor, more: [], share: 0 }).faults?.map(({ share }) => share)

test('the shares of the faults of a scenario grow by the factor, to all places at most; 0 leaves them out', () => {
  expect(shares(1)).toEqual([0.3, 1])
  expect(shares(2)).toEqual([0.6, 1])
  expect(shares(0.5)).toEqual([0.15, 0.5])
  expect(shares(0)).toEqual([])
})

test('every type can be added, at a share of the places, and the scenario can be read again', () => {
  const { faults = [] } = withFaults(scenario, { factor: 0, more: [...faultTypes, 'no-such'], share: 0.4 })
  expect(faults.map(({ type }) => type)).toEqual(faultTypes)
  expect(new Set(faults.map(({ share }) => share))).toEqual(new Set([0.4]))
  expect(readScenario(JSON.stringify({ ...scenario, faults }), 'again').faults).toEqual(faults)
})
