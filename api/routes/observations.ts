import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import Type from 'typebox'
import type { Sensor } from '../../domain/network.ts'
import type { Observation } from '../../domain/observation.ts'
import { testsIn } from '../../domain/quality-tests.ts'
import { aggregates, type Aggregate, type RangeQuery } from '../../store/ports/telemetry.ts'
import { observationRow } from '../answers/observation.ts'
import { durationOf, momentOf, namesOf, oneOf, sensorsOf, spanOf, wrong } from '../asked.ts'
import { readClocks } from '../clocks.ts'
import type { Resource, RouteContext } from '../context.ts'
import { csvLines, csvMoment, sendCsv, type CsvCell } from '../csv.ts'
import { answers, asked, security, strict, wantsCsv } from '../documented.ts'
import { cursorOf, pageOf, pagesOf, placeOf } from '../observation-pages.ts'
import { LatestObservations, ObservationPage, WindowPage } from '../schemas/observation.ts'

/** Rows of a page of a CSV download, and of a JSON answer unless it asks for others: about 10 ms of work at a time. */
const pageRows = 5_000
/** Windows of one answer at most. */
const windowsAtMost = 200_000

const span = {
  from: asked.moment('Begin, inclusive; absent: a day before to.', '2026-03-01T00:00:00Z'),
  to: asked.moment('End, exclusive; absent: now, of a run its clock.', '2026-03-02T00:00:00Z'),
}

const RangeAsked = strict({
  series: asked.series(['qingxi/water_level']),
  ...span,
  asOf: asked.moment('What was known at this moment; absent: now.', '2026-03-01T12:00:00Z'),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 20_000, description: 'Rows at most; absent: 5000 of JSON, all of CSV', examples: [100] }),
  ),
  cursor: Type.Optional(Type.String({ maxLength: 400, description: 'next of the page before (JSON)' })),
  format: asked.format(),
})

const WindowsAsked = strict({
  series: asked.series(['qingxi/water_level']),
  ...span,
  every: Type.String({ maxLength: 40, description: 'Length of a window', examples: ['1h'] }),
  offset: asked.text('Windows begin at this time behind midnight UTC', '0s'),
  aggregates: Type.Array(Type.String(), {
    default: ['mean'],
    description: `Of ${aggregates.join(', ')}`,
    examples: [['min', 'mean', 'max']],
  }),
  flags: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 9 }), { description: 'Flags that count; absent: 1 and 2', examples: [[1, 2]] }),
  ),
  format: asked.format(),
})

/** Judged values: range, latest, windows. */
export const observations: Resource = (context) => async (app) => {
  const { parts, access } = context
  app.get(
    '/observations',
    {
      schema: {
        operationId: 'observations',
        tags: ['observations'],
        summary: 'Values of some series in a range of time, as JSON in pages or as CSV',
        security: security.reader,
        querystring: RangeAsked,
        response: answers(200, ObservationPage, 'A page of values'),
      },
    },
    async (request, reply) => {
      const { limit, cursor, format } = request.query
      const sensors = sensorsOf(request.query.series, parts.fleet(), await access.sight(request))
      const query = await rangeOf(context, sensors, request.query)
      if (wantsCsv(format, request.headers.accept)) return sendRange(context, reply, sensors, query, limit)
      const place = cursor === undefined ? null : placeOf(cursor, query.series)
      const { rows, next } = await pageOf(parts.store.telemetry, { ...query, limit: limit ?? pageRows }, place)
      const { from, to, asOf = null } = query
      return { from, to, asOf, observations: rows.map(observationRow), next: next && cursorOf(next) }
    },
  )

  app.get(
    '/observations/latest',
    {
      schema: {
        operationId: 'observationsLatest',
        tags: ['observations'],
        summary: 'The newest value of each of some series',
        security: security.reader,
        querystring: strict({ series: asked.series(['qingxi/water_level', 'qingxi/rainfall']), format: asked.format() }),
        response: answers(200, LatestObservations, 'At most one value a series, in the order asked'),
      },
    },
    async (request, reply) => {
      const sensors = sensorsOf(request.query.series, parts.fleet(), await access.sight(request))
      const latest = await parts.store.telemetry.latest(sensors.map((sensor) => sensor.id))
      const rows = sensors.flatMap((sensor) => latest.get(sensor.id) ?? [])
      if (wantsCsv(request.query.format, request.headers.accept))
        return sendCsv(reply, 'latest', csvLines([observationColumns, ...rows.map(rowWriter(sensors))]))
      return { observations: rows.map(observationRow) }
    },
  )
  addWindows(context, app)
}

function addWindows(context: RouteContext, app: Parameters<ReturnType<Resource>>[0]): void {
  const { parts, access } = context
  app.get(
    '/observations/windows',
    {
      schema: {
        operationId: 'observationsWindows',
        tags: ['observations'],
        summary: 'Values of some series put together in windows of equal length',
        security: security.reader,
        querystring: WindowsAsked,
        response: answers(200, WindowPage, 'Windows by series as asked, then by start; those without a counted value are left out'),
      },
    },
    async (request, reply) => {
      const sensors = sensorsOf(request.query.series, parts.fleet(), await access.sight(request))
      const { from, to } = spanOf(request.query, await newestClock(context, sensors))
      const everyMs = durationOf(request.query.every, 'every', 1_000)
      if (((to - from) / everyMs) * sensors.length > windowsAtMost)
        throw wrong('every', `gives more than ${windowsAtMost} windows; make it longer, or the range shorter`)
      const names = namesOf(request.query.aggregates).map((name) => oneOf(name, 'aggregates', aggregates) as Aggregate)
      const { flags, offset } = request.query
      const offsetMs = offset === undefined ? undefined : durationOf(offset, 'offset', 0)
      const found = await parts.store.telemetry.windows({
        series: sensors.map((sensor) => sensor.id),
        from,
        to,
        everyMs,
        aggregates: names,
        ...(flags && { flags }),
        ...(offsetMs !== undefined && { offsetMs }),
      })
      const windows = found.map((window) => ({ ...window, end: window.start + everyMs }))
      if (!wantsCsv(request.query.format, request.headers.accept)) return { from, to, everyMs, windows }
      const lines = windows.map((window) => [
        window.series,
        csvMoment(window.start),
        csvMoment(window.end),
        window.n,
        ...names.map((name) => window[name] ?? null),
      ])
      return sendCsv(reply, 'windows', csvLines([['series', 'start', 'end', 'n', ...names], ...lines]))
    },
  )
}

async function newestClock({ parts, board }: RouteContext, sensors: readonly Sensor[]): Promise<number> {
  const clockOf = await readClocks(parts, board)
  return Math.max(...sensors.map((sensor) => clockOf(parts.fleet().runOf(sensor.station))))
}

async function rangeOf(
  context: RouteContext,
  sensors: readonly Sensor[],
  asked: { from?: string; to?: string; asOf?: string },
): Promise<RangeQuery> {
  const { from, to } = spanOf(asked, await newestClock(context, sensors))
  const series = sensors.map((sensor) => sensor.id)
  if (asked.asOf === undefined) return { series, from, to }
  if (!context.parts.store.telemetry.capabilities.versions)
    throw wrong('asOf', 'this store keeps no earlier versions; leave asOf out, or serve with the embedded store')
  return { series, from, to, asOf: momentOf(asked.asOf, 'asOf') }
}

const observationColumns = [
  'series',
  'station',
  'parameter',
  'number',
  'observed_at',
  'received_at',
  'value',
  'unit',
  'flag',
  'tests',
  'device',
  'run',
]

function rowWriter(sensors: readonly Sensor[]): (seen: Observation) => CsvCell[] {
  const byId = new Map(sensors.map((sensor) => [sensor.id, sensor]))
  return (seen) => {
    const sensor = byId.get(seen.series)
    const key = [seen.series, sensor?.station ?? null, sensor?.parameter.key ?? null, sensor?.number ?? null]
    const judged = [seen.value, sensor?.parameter.unit ?? null, seen.flag, testsIn(seen.tests).join(' ')]
    return [...key, csvMoment(seen.observedAt), csvMoment(seen.receivedAt), ...judged, seen.device, seen.run]
  }
}

/** A download of any length: page by page from the store to the socket. */
function sendRange(
  { parts }: RouteContext,
  reply: FastifyReply,
  sensors: readonly Sensor[],
  query: RangeQuery,
  limit?: number,
): FastifyReply {
  const write = rowWriter(sensors)
  async function* lines(): AsyncGenerator<string> {
    yield csvLines([observationColumns])
    for await (const rows of pagesOf(parts.store.telemetry, query, pageRows, limit)) yield csvLines(rows.map(write))
  }
  return sendCsv(reply, 'observations', Readable.from(lines()))
}
