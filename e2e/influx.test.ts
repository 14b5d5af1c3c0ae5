import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from '@jest/globals'
import { startInfluxd, type Influxd } from '../testing/influxd.ts'
import { influxd, needing, sharedFolder, type Part } from '../testing/needing.ts'
import { gaugekeeper } from '../testing/command.ts'
import { sliceOf } from '../testing/record-slices.ts'
import { serve, temporaryFolder, until, type ServedSystem } from '../testing/server.ts'

/** GAUGEKEEPER_LONG=1 runs the outage at its full length (60 s at 2,000/s) and both recorded months, instead of the short form that CI runs. */
const isLong = process.env.GAUGEKEEPER_LONG === '1'
const awayAtLeastMs = isLong ? 60_000 : 0
const series = 40
const steps = isLong ? 4_000 : 600

/** So many gauges for so many minutes, as a recorded CSV. */
function writeRecord(folder: string): string {
  const file = path.join(folder, 'record.csv')
  const begin = Date.UTC(2021, 5, 1)
  const rows = ['time,station,parameter,value,unit']
  for (let step = 0; step < steps; step += 1) {
    const at = new Date(begin + step * 60_000).toISOString()
    for (let gauge = 1; gauge <= series; gauge += 1)
      rows.push(`${at},G${gauge},water_level,${(1000 + 300 * Math.sin(step / 50 + gauge)).toFixed(0)},mm`)
  }
  writeFileSync(file, rows.join('\n'))
  return file
}

interface Report {
  sent: number
  received: number
  stored: number
  versions: number
  duplicate: number
  quarantined: number
}

const inflow = (url: string): string[] => ['--set', `influx.url=${url}`, '--set', 'influx.api=v1']

async function points(url: string): Promise<number> {
  const query = encodeURIComponent('SELECT count(value) FROM observation')
  const answer = (await (await fetch(`${url}/query?db=gaugekeeper&q=${query}`)).json()) as {
    results: { series?: { values: [number, number][] }[] }[]
  }
  return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0
}

/** A replay with influxd stopped in its middle, until much waits for it; resolves with the report of the replay. */
async function replayThroughOutage(
  flags: readonly string[],
  server: Influxd,
  waiting: string,
): Promise<{ report: Report; system: ServedSystem }> {
  const file = writeRecord(temporaryFolder())
  const system = await serve({ flags: ['--no-demo', ...flags] })
  const replaying = gaugekeeper('replay', file, '--run', 'outage', '--rate', '2000', '--data', system.data, '--json')
  await until(async () => (await stored(system)) > series * 20, 60_000, 'the replay going on')
  await server.stop()
  const stoppedAt = Date.now()
  await until(
    async () => (await metric(system, waiting)) >= 20 && Date.now() - stoppedAt >= awayAtLeastMs,
    awayAtLeastMs + 60_000,
    `${waiting} growing while influxd is away`,
  )
  await server.start()
  const done = await replaying
  expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' })
  return { report: JSON.parse(done.stdout) as Report, system }
}

async function metric(system: ServedSystem, name: string): Promise<number> {
  const text = await (await fetch(`${system.url}/metrics`, { headers: { authorization: `Bearer ${system.token}` } })).text()
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? NaN)
}

async function stored(system: ServedSystem): Promise<number> {
  const { totals } = await system.get<{ totals: { stored: number } }>('/api/v1/devices')
  return totals.stored
}

const all = series * steps
const whole = { sent: all, received: all, stored: all, versions: 0, duplicate: 0, quarantined: 0 }

for (const [arrangement, extra, waiting] of [
  ['as the only telemetry store', ['--set', 'store.engine=influxdb'], 'gaugekeeper_ingest_backlog'],
  ['as second sink', [], 'gaugekeeper_influx_behind'],
] as const)
  needing(
    [influxd()],
    `influxd ${arrangement}, stopped during a replay and started again: nothing lost, nothing doubled`,
    async (binary) => {
      const server = await startInfluxd(binary)
      const { report, system } = await replayThroughOutage([...inflow(server.url), ...extra], server, waiting)
      expect(report).toMatchObject(whole)
      await until(async () => (await points(server.url)) === all, 120_000, 'every point being in influxd')
      expect(await system.stop()).toBe(0)
      await server.remove()
    },
    400_000,
  )

const floodDays = { from: '2020-01-22', to: '2020-01-24' }
const months = 'river-flood-hubeau-occitanie-2020'
const recorded: readonly [string, Part, (place: string) => string][] = [
  ['the Calder weeks', sharedFolder('data', 'river-rain-ea-calder-2025'), (folder) => folder],
  isLong
    ? ['a flood and a quiet spring', sharedFolder('data', months), (folder) => folder]
    : ['two days of the January flood', sharedFolder('data', months, 'gloria_2020-01.csv.gz'), (file) => sliceOf(file, floodDays).file],
]

for (const [name, part, recordOf] of recorded)
  needing(
    [influxd(), part],
    `${name}: DuckDB and influxd give equal answers`,
    async (binary, place) => {
      const server = await startInfluxd(binary)
      const record = recordOf(place)
      const systems = [await serve(), await serve({ flags: ['--no-demo', ...inflow(server.url), '--set', 'store.engine=influxdb'] })]
      for (const system of systems) {
        const done = await gaugekeeper('replay', record, '--run', 'same', '--data', system.data, '--json')
        expect({ code: done.code, stderr: done.stderr }).toEqual({ code: 0, stderr: '' })
        const { sent, received, stored, versions, duplicate, quarantined } = JSON.parse(done.stdout) as Report
        expect(sent).toBeGreaterThan(5_000)
        expect({ received, accounted: stored + versions + duplicate + quarantined }).toEqual({ received: sent, accounted: sent })
      }
      const [duckdb, influx] = systems as [ServedSystem, ServedSystem]
      const { series: names } = await duckdb.get<{ series: { series: string }[] }>('/api/v1/series')
      expect(names.length).toBeGreaterThan(5)
      for (const { series: one } of names) {
        const range = `series=${encodeURIComponent(one)}&from=2019-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`
        for (const question of [
          `observations?${range}&limit=20000`,
          `observations/windows?${range}&every=1h&aggregates=min,mean,max,sum,median,first,last,n`,
        ])
          expect(plain(await influx.get(`/api/v1/${question}`))).toEqual(plain(await duckdb.get(`/api/v1/${question}`)))
      }
      for (const system of systems) expect(await system.stop()).toBe(0)
      await server.remove()
    },
    900_000,
  )

/** Answers without what differs between two runs: when and in which delivery a reading came. Means within the last digits of a double. */
function plain(answer: unknown): unknown {
  return JSON.parse(
    JSON.stringify(answer, (key, value: unknown) => {
      if (key === 'receivedAt' || key === 'delivery' || key === 'next') return undefined
      return typeof value === 'number' && (key === 'mean' || key === 'sum' || key === 'median') ? Number(value.toPrecision(11)) : value
    }),
  )
}
