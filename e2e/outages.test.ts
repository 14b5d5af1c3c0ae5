import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import type { Score } from '../devices-sim/score/score.ts'
import { openTruth } from '../devices-sim/truth/read.ts'
import { gaugekeeper } from '../testing/command.ts'
import { startInfluxd } from '../testing/influxd.ts'
import { influxd, needing } from '../testing/needing.ts'
import { serve, temporaryFolder } from '../testing/server.ts'

const scenario = `
id: trial
title: { en: Trial, zh: 试验 }
about: { en: Trial, zh: 试验 }
lasts: 4h
weather: calm
month: 4
faults:
  - { type: line-cut, share: 0.4, at: 70m, lasts: 30m }
system:
  - { fault: broker-away, at: 1h, lasts: 20m }
  - { fault: sigkill, at: 2h10s }
  - { fault: store-away, at: 2h30m, lasts: 20m }
  - { fault: sigkill, at: 2h40m5s }
  - { fault: broker-away, at: 3h50m, lasts: 20m }
devices: { jitter: 20s, firmwares: true }
`

interface Scored extends Pick<Score, 'quality'> {
  figures: Record<string, number>
}

/** Simulates it and gives the score, what was said beside it, and what of the system nobody could ill-treat. */
async function scored(...more: readonly string[]) {
  const folder = temporaryFolder()
  const [file, truth] = [path.join(folder, 'trial.yaml'), path.join(folder, 'truth.jsonl')]
  writeFileSync(file, scenario)
  const args = ['simulate', file, '--stations', '21', '--seed', '3', '--truth', truth, '--score', '--json', ...more]
  const { code, stdout, stderr } = await gaugekeeper(...(more.includes('--data') ? args : [...args, '--data', path.join(folder, 'data')]))
  if (code !== 0) throw new Error(`simulate ended with ${code}: ${stdout}${stderr}`)
  const notDone: string[] = []
  for await (const entry of (await openTruth(truth)).entries)
    if (entry.kind === 'fault' && entry.notDone !== undefined) notDone.push(entry.type)
  const { figures, quality } = JSON.parse(stdout) as Scored
  const rows = new Map(quality.byFault.map((row) => [row.type, row]))
  return { figures, stderr, notDone, rows }
}

const nothingLost = { lost: 0, wrong: 0, doubled: 0, leaked: 0 }

test('a server that is out of reach twice and killed twice while it is loaded loses nothing, doubles nothing and says so by fault', async () => {
  const { figures, stderr, notDone, rows } = await scored()
  expect(figures).toMatchObject(nothingLost)
  expect(figures['expected']).toBeGreaterThan(1_000)
  expect([notDone, stderr]).toEqual([['store-away'], expect.stringContaining('store-away is left out: its store is embedded')])
  for (const type of ['broker-away', 'sigkill']) {
    expect(rows.get(type)).toMatchObject({ expects: 'unharmed', faults: 2, faultsSeen: 2 })
    expect(rows.get(type)?.recall).toBeGreaterThan(0.9)
  }
  expect(rows.has('store-away')).toBe(false)
}, 240_000)

test('a server that the command did not start is not killed; its devices are kept from it all the same', async () => {
  const system = await serve()
  const { figures, notDone, rows } = await scored('--data', system.data)
  expect(figures).toMatchObject(nothingLost)
  expect(notDone).toEqual(['sigkill', 'store-away', 'sigkill'])
  expect(rows.get('broker-away')).toMatchObject({ faults: 2, faultsSeen: 2 })
  expect(await system.stop()).toBe(0)
}, 240_000)

needing(
  [influxd()],
  'with an InfluxDB as the only store, the store is away too, and the server is killed while it is: nothing is lost or doubled',
  async (binary) => {
    const influx = await startInfluxd(binary)
    const store = ['store.engine=influxdb', `influx.url=${influx.url}`, 'influx.api=v1'].flatMap((pair) => ['--set', pair])
    const { figures, notDone, rows } = await scored(...store)
    expect(figures).toMatchObject(nothingLost)
    expect(notDone).toEqual([])
    expect(rows.get('store-away')).toMatchObject({ faults: 1, faultsSeen: 1 })
    await influx.remove()
  },
  240_000,
)
