import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { influxd } from '../testing/needing.ts'
import { startInfluxd, type Influxd } from '../testing/influxd.ts'
import { runId, stationId } from '../domain/ids.ts'
import { testBit, testNames } from '../domain/quality-tests.ts'
import { levels } from '../domain/warning.ts'
import { connectInflux, type InfluxConnection } from '../store/influx/connection.ts'
import { createInfluxFeed } from '../store/influx/feed.ts'
import type { SystemFigures } from '../store/influx/system-points.ts'
import { createInfluxTelemetry } from '../store/influx/telemetry.ts'
import type { StoredRow } from '../store/ports/ledger.ts'
import { day, hour, minute, seriesOf, start, storedRow, warningOf } from '../store/testing/rows.ts'
import { dashboards } from './generate.ts'
import type { PlainDashboard } from './model.ts'
import { expand, queriesOf, valuesOf, type Range } from './testing/expand.ts'

const range: Range = { from: start, to: start + 2 * day }
const part = influxd()
if (part.found === null) test['skip'](`every panel query against influxd (${part.missing})`, () => undefined)
else againstInfluxd(part.found)

function againstInfluxd(binary: string): void {
  let server: Influxd
  let connection: InfluxConnection
  beforeAll(async () => {
    server = await startInfluxd(binary)
    connection = connectInflux({ url: server.url, api: 'v1', database: 'gaugekeeper', timeoutMs: 10_000 })
    await connection.prepare()
    await fill(connection)
  })
  afterAll(async () => {
    connection.close()
    await server.remove()
  })

  const made = dashboards()
    .filter(({ file }) => file.endsWith('.json'))
    .map(({ content }) => JSON.parse(content) as PlainDashboard)

  describe('every query of the dashboards answers from what our writer wrote', () => {
    for (const dashboard of made) {
      test(`${dashboard.title}`, async () => {
        const answered = await ask(connection, dashboard)
        expect(answered.length).toBeGreaterThan(dashboard.panels.length)
        expect(answered.filter(({ problem }) => problem !== null)).toEqual([])
      })
    }
  })

  describe('the check can fail', () => {
    const network = made[0]
    const withQuery = (query: string): PlainDashboard => {
      const copy = structuredClone(network)
      const target = copy?.panels[0]?.targets?.[0]
      if (!copy || !target) throw new Error('the network dashboard has no panel')
      target.query = query
      return copy
    }
    const problemOf = async (query: string): Promise<string | null> => (await ask(connection, withQuery(query)))[0]?.problem ?? null

    test('on a query that fails, finds nothing, or finds only zeros or nulls', async () => {
      expect(await problemOf('SELECT "value" FROM "observation" WHERE $timeFilter')).toBeNull()
      expect(await problemOf('SELECT MAEN("value") FROM "observation" WHERE $timeFilter')).toContain('undefined function')
      expect(await problemOf('SELECT "value" FROM "observations" WHERE $timeFilter')).toBe('nothing')
      expect(await problemOf('SELECT "valeu", "flug" FROM "observation" WHERE $timeFilter')).toBe('nothing')
      expect(await problemOf('SELECT COUNT("value") FROM "observation" WHERE $timeFilter AND "flag" = 7 GROUP BY time(1d) fill(0)')).toBe(
        'nothing',
      )
      expect(await problemOf('SELECT "value" FROM "observation" WHERE $timeFilter AND "station" = \'$statoin\'')).toContain('$statoin')
    })

    test('on a dashboard without panels or queries', () => {
      expect(() => queriesOf({ ...withQuery(''), panels: [] })).toThrow('has no panel')
      const [panel] = withQuery('').panels
      expect(() => queriesOf({ ...withQuery(''), panels: panel ? [{ ...panel, targets: [] }] : [] })).toThrow('has no query')
    })
  })
}

interface Answered {
  name: string
  query: string
  /** Why the query is no good; null when it is. */
  problem: string | null
}

async function ask(connection: InfluxConnection, dashboard: PlainDashboard): Promise<Answered[]> {
  const values = await valuesOf(dashboard.templating.list ?? [], range, async (query) => {
    const [found = []] = await connection.ql.ask([query])
    return found.flatMap(({ columns, rows }) => rows.map((row) => String(row[columns.indexOf('value')])))
  })
  const answered: Answered[] = []
  for (const { name, query } of queriesOf(dashboard)) {
    const expanded = expand(query, range, values)
    answered.push({ name, query: expanded, problem: await problemOf(connection, expanded) })
  }
  return answered
}

async function problemOf(connection: InfluxConnection, query: string): Promise<string | null> {
  const left = /\$\w+/.exec(query)
  if (left) return `${left[0]} is no variable`
  try {
    const [found = []] = await connection.ql.ask([query])
    const cells = found.flatMap(({ rows }) => rows.flatMap((row) => row.slice(1)))
    return cells.some((cell) => cell !== null && cell !== 0 && cell !== '') ? null : 'nothing'
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

/** Two days of two stations with everything that a panel shows: each flag and test, late, superseded and simulated readings, a gap. */
async function fill(connection: InfluxConnection): Promise<void> {
  const telemetry = createInfluxTelemetry(connection)
  const level = seriesOf('a-gauge')
  const rows = Array.from({ length: 240 }, (_, i) =>
    storedRow({ series: level, observedAt: start + i * 10 * minute, value: 2 + (i % 7) / 10 }),
  )
  const marked = testNames.map((name, i): StoredRow => {
    const arrival = name === 'late' ? 'late' : 'inserted'
    return storedRow({ series: level, observedAt: start + i * hour + minute, value: 9, flag: i % 2 ? 3 : 4, tests: testBit(name), arrival })
  })
  const missing = storedRow({ series: level, observedAt: start + 2 * minute, value: null, flag: 9 })
  const unjudged = storedRow({ series: level, observedAt: start + 3 * minute, flag: 2 })
  const rain = storedRow({ series: seriesOf('b-rain', 'rainfall'), observedAt: start + hour, value: 0.5, run: runId('demo') })
  expect(await telemetry.append([...rows, ...marked, missing, unjudged, rain], 1)).toEqual([])
  const revised = rows.slice(0, 5).map((row): StoredRow => ({ ...row, value: 1, arrival: 'revised', receivedAt: row.receivedAt + day }))
  expect(await telemetry.append(revised, 2)).toEqual([])
  const rollup = { series: level, n: 6, min: 2, mean: 2.3, max: 2.6, sum: 13.8, completeness: 0.9 }
  await telemetry.putRollups([
    ...Array.from({ length: 40 }, (_, i) => ({ ...rollup, size: '1h' as const, start: start + i * hour, end: start + (i + 1) * hour })),
    ...[0, 1].map((i) => ({ ...rollup, size: '1d' as const, start: start + i * day, end: start + (i + 1) * day })),
  ])
  const feed = createInfluxFeed({ writer: connection.writer })
  feed.offerWarnings(levels.map((each, i) => warningOf({ station: stationId('a-gauge'), level: each, changedAt: start + i * hour })))
  feed.offerWarnings([warningOf({ station: stationId('a-gauge'), state: 'cleared', changedAt: start + 9 * hour, run: runId('demo') })])
  for (let i = 0; i < 10; i += 1) feed.offerSystem(figuresAt(i + 1), start + i * 10 * minute)
  expect(await feed.flush()).toEqual([])
}

function figuresAt(i: number): SystemFigures {
  return {
    received: 40 * i,
    stored: 30 * i,
    versions: 2 * i,
    duplicate: 6 * i,
    quarantined: 2 * i,
    refused: i,
    late: i,
    journalBytes: 1_000 * i,
    journalBacklog: 3,
    sinkBehind: 2,
    devices: 5,
    devicesOnline: 4,
    openWarnings: 1,
    storeRows: 30 * i,
    storeBytes: 4_096,
    rssBytes: 100_000_000,
    loopDelayP99Ms: 1.5,
  }
}
