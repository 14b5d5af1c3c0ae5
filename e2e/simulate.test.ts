import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { openTruth } from '../devices-sim/truth/read.ts'
import type { TruthReading } from '../devices-sim/truth/truth.ts'
import { gaugekeeper } from '../testing/command.ts'
import { serve, temporaryFolder } from '../testing/server.ts'

/** A cloudburst over a small basin, with everything that wires and clocks do wrong. */
const cloudburst = `
id: trial
title: { en: Trial, zh: 试验 }
about: { en: Trial, zh: 试验 }
lasts: 6h
weather: calm
happenings:
  - { id: burst, kind: storm, at: 30m, lasts: 2h, size: 130, radius: 0.9 }
faults:
  - { type: duplicate, share: 0.5, every: 2h, lasts: 20m }
  - { type: reorder, share: 0.5, every: 3h, lasts: 20m }
  - { type: line-cut, share: 0.4, at: 3h, lasts: 1h }
  - { type: wrong-unit, share: 0.2, at: 2h, lasts: 10m }
  - { type: wrong-id, share: 0.2, at: 2h30m, lasts: 10m }
  - { type: truncated, share: 0.2, at: 5h, lasts: 10m }
  - { type: clock-reset, share: 0.1, at: 4h30m, lasts: 20m }
devices: { jitter: 20s, sendEvery: 15m, byException: true, firmwares: true }
`

interface Answer {
  run: string | null
  station: string
  rule: string
  level: string
}

type Event = Pick<Answer, 'station' | 'rule'>

async function truthOf(file: string): Promise<{ readings: TruthReading[]; floods: Event[] }> {
  const readings: TruthReading[] = []
  const floods: Event[] = []
  for await (const entry of (await openTruth(file)).entries) {
    if (entry.kind === 'reading') readings.push(entry)
    if (entry.kind === 'event' && ['level-high', 'rain-1h', 'rain-6h'].includes(entry.rule)) floods.push(entry)
  }
  return { readings, floods }
}

function notRaised(events: readonly Event[], warnings: readonly Answer[]): Event[] {
  const raised = new Set(warnings.map(({ station, rule }) => `${station} ${rule}`))
  return events.filter(({ station, rule }) => !raised.has(`${station} ${rule}`))
}

test('a simulation over the real wires: every reading ends where its truth says, and its events raise warnings', async () => {
  const system = await serve()
  const folder = temporaryFolder()
  const [scenario, truthFile] = [path.join(folder, 'trial.yaml'), path.join(folder, 'truth.jsonl.gz')]
  writeFileSync(scenario, cloudburst)
  const args = ['simulate', scenario, '--data', system.data, '--stations', '24', '--seed', '3', '--truth', truthFile, '--json']
  const { code, stdout, stderr } = await gaugekeeper(...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const told = JSON.parse(stdout) as { stored: number; versions: number; duplicate: number; quarantined: number; rejoined: number }

  const { readings, floods } = await truthOf(truthFile)
  const ending = (outcome: string): number => readings.filter((one) => one.outcome === outcome).length
  expect({ stored: told.stored, versions: told.versions, duplicate: told.duplicate }).toEqual({
    ...{ stored: ending('stored'), versions: 0, duplicate: ending('duplicate') },
  })
  expect(told.quarantined).toBeGreaterThan(0)
  expect(told.quarantined).toBeLessThanOrEqual(ending('quarantined'))
  expect(told.rejoined).toBeGreaterThan(3)

  const { warnings } = await system.get<{ warnings: Answer[] }>('/api/v1/warnings?simulated=true&limit=1000')
  expect(floods.length).toBeGreaterThan(3)
  expect(notRaised(floods, warnings)).toEqual([])
  expect(warnings.every(({ run }) => run === 'trial-3')).toBe(true)

  // once more it would be added to the first, and scored with it
  const twice = await gaugekeeper(...args)
  expect(twice).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('--again removes the earlier one first') })
  // in its place and a year earlier: it has a clock and warnings of its own
  const again = await gaugekeeper(...args, '--again', '--start', '2024-06-15T00:00:00Z')
  expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('this one is trial-3-2') })
  const own = await system.get<{ warnings: Answer[] }>('/api/v1/warnings?run=trial-3-2&limit=1000')
  expect(notRaised((await truthOf(truthFile)).floods, own.warnings)).toEqual([])
  await system.stop()
}, 240_000)
