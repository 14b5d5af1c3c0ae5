import { expect, test } from '@jest/globals'
import { higherLevel, levelRank, levelWords, resolveLevels, resolveLimit, stageOf } from './levels.ts'
import { parse } from 'yaml'
import { readNetwork } from './network-load.ts'
import type { Sensor } from './network.ts'
import { levels } from './warning.ts'

const network = readNetwork(
  parse(
    '{ network: { id: n, timeZone: UTC }, stations: [{ id: a, kind: river, sensors: [{ parameter: water_level, stages: { warning: 3, record: 5 } }] }] }',
  ),
  { file: null, run: null },
)
const sensor = network.stations[0]?.sensors[0] as Sensor

test('levels have an order, words and a CAP severity', () => {
  expect([...levels].sort((a, b) => levelRank(a) - levelRank(b))).toEqual(['blue', 'yellow', 'orange', 'red'])
  expect(levelRank(null)).toBeLessThan(levelRank('blue'))
  expect(higherLevel('yellow', 'orange')).toBe('orange')
  expect(higherLevel(null, 'blue')).toBe('blue')
  expect(higherLevel(null, null)).toBeNull()
  expect(levels.map((level) => levelWords[level].capSeverity)).toEqual(['Minor', 'Moderate', 'Severe', 'Extreme'])
})

test('a limit is a number or a stage of the sensor; a missing stage switches the level off', () => {
  expect(stageOf('stage.warning')).toBe('warning')
  expect(stageOf(3)).toBeNull()
  expect(resolveLimit(2.5, sensor)).toBe(2.5)
  expect(resolveLimit('stage.warning', sensor)).toBe(3)
  expect(resolveLimit('stage.guarantee', sensor)).toBeNull()
  expect(resolveLevels({ levels: { red: 'stage.record', orange: 'stage.guarantee', yellow: 'stage.warning', blue: 1 } }, sensor)).toEqual([
    { level: 'blue', limit: 1 },
    { level: 'yellow', limit: 3 },
    { level: 'red', limit: 5 },
  ])
})
