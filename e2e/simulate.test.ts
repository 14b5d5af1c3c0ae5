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

test('a simulation over the real wires: every reading ends where its truth says, and its events raise warnings', async () => {
  const system = await serve()
  const folder = temporaryFolder()
  const [scenario, truthFile] = [path.join(folder, 'trial.yaml'), path.join(folder, 'truth.jsonl.gz')]
  writeFileSync(scenario, cloudburst)
  const args = ['simulate', scenario, '--data', system.data, '--stations', '24', '--seed', '3', '--truth', truthFile, '--json']
  const { code, stdout, stderr } = await gaugekeeper(...args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const told = JSON.parse(stdout) as { stored: number; versions: number; duplicate: number; quarantined: number; rejoined: number }

  const readings: TruthReading[] = []
  const events: { station: string; rule: string }[] = []
  for await (const entry of (await openTruth(truthFile)).entries) {
    if (entry.kind === 'reading') readings.push(entry)
    if (entry.kind === 'event') events.push(entry)
  }
  const ending = (outcome: string): number => readings.filter((one) => one.outcome === outcome).length
  expect({ stored: told.stored, versions: told.versions, duplicate: told.duplicate }).toEqual({
    ...{ stored: ending('stored'), versions: 0, duplicate: ending('duplicate') },
  })
  expect(told.quarantined).toBeGreaterThan(0)
  expect(told.quarantined).toBeLessThanOrEqual(ending('quarantined'))
  expect(told.rejoined).toBeGreaterThan(3)

  const { warnings } = await system.get<{ warnings: Answer[] }>('/api/v1/warnings?simulated=true&limit=1000')
  const raised = new Set(warnings.map(({ station, rule }) => `${station} ${rule}`))
  const floods = events.filter(({ rule }) => ['level-high', 'rain-1h', 'rain-6h'].includes(rule))
  expect(floods.length).toBeGreaterThan(3)
  expect(floods.filter(({ station, rule }) => !raised.has(`${station} ${rule}`))).toEqual([])
  expect(warnings.every(({ run }) => run === 'trial-3')).toBe(true)

  // once more it would be added to the first, and scored with it
  const twice = await gaugekeeper(...args)
  expect(twice).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining('--again removes it first') })
  const again = await gaugekeeper(...args, '--again')
  expect(JSON.parse(again.stdout)).toMatchObject({ received: told.stored + told.duplicate + told.quarantined, stored: told.stored })
  await system.stop()
}, 240_000)
