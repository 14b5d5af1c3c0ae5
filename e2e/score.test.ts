import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { Score } from '../devices-sim/score/score.ts'
import { buildMutant, type Mistake } from '../testing/mutant.ts'
import { temporaryFolder } from '../testing/server.ts'

interface ScoreDocument extends Pick<Score, 'byRule'> {
  figures: Record<string, number>
}

const scenario = `
id: trial
title: { en: Trial, zh: 试验 }
about: { en: A storm and gauges that slip a unit., zh: 暴雨与单位错误。 }
lasts: 15h
stations: 8
month: 6
weather: calm
happenings:
  - { id: burst, kind: storm, at: 4h, lasts: 5h, size: 85, centre: [0.35, 0.6], radius: 0.3 }
faults:
  - { type: unit-slip, where: '*/water_level', share: 1, at: 1h, lasts: 90m }
  - { type: spike, where: '*/water_level', share: 0.5, every: 8h, lasts: 5m }
`

/** Each with the row of the score that must tell it. */
const mistakes: Readonly<Record<string, Mistake>> = {
  'a rule off': {
    file: 'analytics/rules/threshold.ts',
    right: 'advance: (state, samples, i) => advance(bound, state, samples, i)',
    wrong: 'advance: (state) => (advance === null ? null : state)',
  },
  'a queue that drops': {
    file: 'broker/acknowledge.ts',
    right: 'const kept = accept(delivery)',
    wrong: 'const kept = delivery.receivedAt % 20 === 0 ? Promise.resolve() : accept(delivery)',
  },
  'a flag ignored': { file: 'analytics/trust.ts', right: 'if (value !== value) return false', wrong: 'return value === value' },
}

async function scored(name: string, mistake: Mistake | null): Promise<ScoreDocument> {
  const folder = temporaryFolder()
  const file = path.join(folder, 'trial.yaml')
  writeFileSync(file, scenario)
  const gaugekeeper = await buildMutant(name.replaceAll(' ', '-'), mistake)
  const { stdout, stderr } = await gaugekeeper('simulate', file, '--seed', '3', '--data', path.join(folder, 'data'), '--score', '--json')
  try {
    return JSON.parse(stdout) as ScoreDocument
  } catch (cause) {
    throw new Error(`simulate wrote ${stdout}${stderr}`, { cause })
  }
}

const csiOf = ({ byRule }: ScoreDocument, rule: string): number => byRule.find((one) => one.rule === rule)?.csi ?? NaN

test('a broken build scores visibly worse, in the row that tells what is broken', async () => {
  const right = await scored('right', null)
  expect(right.figures).toMatchObject({ lost: 0, wrong: 0, doubled: 0 })
  expect(right.figures.hits).toBeGreaterThan(0)

  const off = await scored('rule off', mistakes['a rule off'] ?? null)
  expect(csiOf(off, 'level-high')).toBe(0)
  expect([off.figures.lost, csiOf(off, 'rising-fast')]).toEqual([0, csiOf(right, 'rising-fast')])
  expect(off.figures.misses).toBeGreaterThan(right.figures.misses ?? NaN)

  const dropping = await scored('dropping', mistakes['a queue that drops'] ?? null)
  expect(dropping.figures.lost).toBeGreaterThan(0.01 * (dropping.figures.expected ?? NaN))

  const trusting = await scored('trusting', mistakes['a flag ignored'] ?? null)
  expect(trusting.figures.lost).toBe(0)
  expect(trusting.figures.false).toBeGreaterThan((right.figures.false ?? NaN) + 2)
}, 900_000)
