import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { gaugekeeper } from '../testing/command.ts'
import { needing, sharedFolder } from '../testing/needing.ts'
import { sliceOf } from '../testing/record-slices.ts'
import { serve, temporaryFolder, type ServedSystem } from '../testing/server.ts'

/** GAUGEKEEPER_LONG=1: the whole January flood; else its four days of high water, which CI replays. */
const isLong = process.env.GAUGEKEEPER_LONG === '1'
const floodDays = isLong ? null : { from: '2020-01-21', to: '2020-01-25' }

interface ReplayReport {
  run: string
  rows: number
  sent: number
  skipped: number
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
  warnings: number
  leftOut: { station: string; readings: number }[]
}

interface WarningNote {
  id: string
  station: string
  rule: string
  level: string
  state: string
  why: { en: string; zh: string }
}

async function replayed(data: string, ...args: string[]): Promise<ReplayReport> {
  const done = await gaugekeeper('replay', ...args, '--data', data, '--json')
  if (done.code !== 0) throw new Error(`replay ended with ${done.code}: ${done.stderr}${done.stdout}`)
  return JSON.parse(done.stdout) as ReplayReport
}

/** Two days of a river that rises over 3 m and falls, every 10 minutes, and a quiet week before it. */
function writeFlood(folder: string): { flood: string; quiet: string; rows: number } {
  mkdirSync(folder, { recursive: true })
  const line = (at: number, mm: number): string =>
    `${new Date(at).toISOString().replace('.000', '')},Upper-Gauge,water_level,${Math.round(mm)},mm,1`
  const step = 600_000
  const begin = Date.UTC(2020, 0, 20)
  const head = 'time,station,parameter,value,unit,flag'
  const quiet = Array.from({ length: 1008 }, (_, i) => line(begin - (1008 - i) * step, 800 + 30 * Math.sin(i / 12)))
  const flood = Array.from({ length: 288 }, (_, i) => line(begin + i * step, 600 + 2700 * Math.exp(-(((i - 140) / 50) ** 2))))
  // a value that comes again, the same moment with another value, a parameter nobody knows, an empty value
  const at = new Date(begin + 300 * step).toISOString()
  const odd = [
    flood[287] ?? '',
    (flood[287] ?? '').replace(/,\d+,mm/, ',999,mm'),
    `${at},Upper-Gauge,wather_level,1,m,1`,
    `${at},Upper-Gauge,water_level,,mm,1`,
  ]
  writeFileSync(path.join(folder, 'quiet.csv'), [head, ...quiet].join('\n'))
  mkdirSync(path.join(folder, 'flood'))
  writeFileSync(path.join(folder, 'flood', 'flood.csv'), [head, ...flood, ...odd].join('\n'))
  return { flood: path.join(folder, 'flood'), quiet: path.join(folder, 'quiet.csv'), rows: 292 }
}

const warningsOf = async (system: ServedSystem): Promise<WarningNote[]> =>
  (await system.get<{ warnings: WarningNote[] }>('/api/v1/warnings?limit=1000')).warnings

test('a replay accounts for every row, and warns with the reason', async () => {
  const folder = temporaryFolder()
  const { flood, quiet, rows } = writeFlood(folder)
  const data = path.join(folder, 'data')
  const network = path.join(folder, 'made.yaml')
  const report = await replayed(data, flood, '--run', 'flood', '--stages-from', quiet, '--percentile', '95', '--make-network', network)
  expect(report).toMatchObject({ rows, sent: rows, received: rows, stored: 289, versions: 1, duplicate: 1, quarantined: 1, leftOut: [] })

  const system = await serve({ data, flags: ['--no-demo'] })
  const warnings = await warningsOf(system)
  const level = warnings.find((warning) => warning.rule === 'level-high')
  expect(level).toMatchObject({ station: 'Upper-Gauge', level: 'yellow', state: 'cleared' })
  expect(level?.why.en).toMatch(/0\.8\d m/)
  expect(level?.why.zh).toMatch(/0\.8\d/)
  // the clock of the run is moved past the hour of the last row, so that this hour is summed up as well
  const { rollups } = await system.get<{ rollups: { start: number; n: number }[] }>(
    '/api/v1/rollups?series=Upper-Gauge/water_level&size=1h&from=2020-01-21T20:00:00Z&to=2020-01-23T00:00:00Z',
  )
  expect(rollups.map(({ start }) => start)).toContain(Date.UTC(2020, 0, 22, 2))
  expect(await system.stop()).toBe(0)

  const config = await gaugekeeper('serve', '--data', path.join(folder, 'other'), '--network', path.join(folder, 'none.yaml'))
  expect(config.code).toBe(3)
}, 120_000)

test('a replay into a server elsewhere needs its key, and sends over its WebSocket', async () => {
  const folder = temporaryFolder()
  const { flood, rows } = writeFlood(folder)
  const [theirs, ours] = [path.join(folder, 'theirs'), path.join(folder, 'ours')]
  const system = await serve({ data: theirs, flags: ['--no-demo'] })
  const key = await gaugekeeper('keys', 'add', 'rehearsal', '--scope', 'read', 'runs', '--data', theirs)
  const keyFile = path.join(folder, 'key')
  writeFileSync(keyFile, key.stdout)
  const report = await replayed(ours, flood, '--url', system.url, '--key-file', keyFile)
  expect(report).toMatchObject({ run: 'flood', rows, received: rows, stored: 289, versions: 1, duplicate: 1, quarantined: 1 })
  const { warnings } = await system.get<{ warnings: WarningNote[] }>('/api/v1/warnings?run=flood')
  expect(warnings).toHaveLength(report.warnings)
  expect((await system.get<{ warnings: unknown[] }>('/api/v1/warnings?run=other')).warnings).toEqual([])
  const keyless = await gaugekeeper('replay', flood, '--url', system.url, '--data', ours)
  expect({ code: keyless.code, said: keyless.stderr }).toEqual({ code: 2, said: expect.stringContaining('it wants a key') })
  expect(await system.stop()).toBe(0)
}, 120_000)

const flood = sharedFolder('data', 'river-flood-hubeau-occitanie-2020', 'gloria_2020-01.csv.gz')
const spring = sharedFolder('data', 'river-flood-hubeau-occitanie-2020', 'spring_2020-04.csv.gz')

needing(
  [flood, spring],
  'the January flood, replayed twice, is wholly accounted for and gives the identical warnings',
  async (wholeFlood, quiet) => {
    const flooded = sliceOf(wholeFlood, floodDays)
    if (isLong) expect(flooded.rows).toBe(185_446)
    const lists: WarningNote[][] = []
    for (const time of ['first', 'second']) {
      const data = path.join(temporaryFolder(), time)
      const report = await replayed(data, flooded.file, '--run', 'gloria', '--stages-from', quiet, '--percentile', '95')
      expect({ ...report, total: report.stored + report.versions + report.duplicate + report.quarantined }).toMatchObject({
        rows: flooded.rows,
        sent: flooded.rows,
        received: flooded.rows,
        total: flooded.rows,
      })
      const system = await serve({ data, flags: ['--no-demo'] })
      lists.push(await warningsOf(system))
      expect(await system.stop()).toBe(0)
    }
    expect(lists[0]?.filter((warning) => warning.rule === 'level-high').length).toBeGreaterThan(isLong ? 40 : 10)
    expect(lists[1]).toEqual(lists[0])
  },
  600_000,
)

const calder = sharedFolder('data', 'river-rain-ea-calder-2025')

needing(
  [calder],
  'the Calder weeks, rain and level, are wholly accounted for',
  async (folder) => {
    const report = await replayed(path.join(temporaryFolder(), 'data'), folder, '--run', 'calder')
    expect(report).toMatchObject({ rows: 24_712, sent: 24_712, received: 24_712 })
    expect(report.stored + report.versions + report.duplicate + report.quarantined).toBe(24_712)
  },
  300_000,
)
