import Type from 'typebox'
import { sensorsOf, spanOf, wrong } from '../asked.ts'
import { readClocks } from '../clocks.ts'
import type { Resource } from '../context.ts'
import { csvLines, csvMoment, sendCsv } from '../csv.ts'
import { answers, asked, security, strict, wantsCsv } from '../documented.ts'
import { RollupPage } from '../schemas/observation.ts'

/** Longest range of one answer: 400 days of days, a month and a half of hours would still be a thousand rows a series. */
const rowsAtMost = 200_000

const route = {
  operationId: 'rollups',
  tags: ['observations'],
  summary: 'Stored figures of whole hours or days, with their completeness',
  security: security.reader,
  querystring: strict({
    series: asked.series(['qingxi/water_level']),
    from: asked.moment('Begin, inclusive; absent: a day before to.', '2026-03-01T00:00:00Z'),
    to: asked.moment('End, exclusive; absent: now, of a run its clock.', '2026-03-02T00:00:00Z'),
    size: Type.Enum(['1h', '1d'], { description: "An hour, or the network's day", examples: ['1h'] }),
    format: asked.format(),
  }),
  response: answers(200, RollupPage, 'Roll-ups by series as asked, then by start'),
}

/** Hours and days as the jobs made them. */
export const rollups: Resource =
  ({ parts, access, board }) =>
  async (app) => {
    app.get('/rollups', { schema: route }, async (request, reply) => {
      const { size, format } = request.query
      const fleet = parts.fleet()
      const sensors = sensorsOf(request.query.series, fleet, await access.sight(request))
      const clockOf = await readClocks(parts, board)
      const { from, to } = spanOf(request.query, Math.max(...sensors.map((sensor) => clockOf(fleet.runOf(sensor.station)))))
      if (((to - from) / (size === '1h' ? 3_600_000 : 86_400_000)) * sensors.length > rowsAtMost)
        throw wrong('from', `gives more than ${rowsAtMost} rows; ask for a shorter range`)
      const found = await parts.store.telemetry.rollups({ series: sensors.map((sensor) => sensor.id), size, from, to })
      if (!wantsCsv(format, request.headers.accept)) return { from, to, rollups: found.map((row) => ({ ...row })) }
      const lines = found.map(({ series, start, end, n, min, mean, max, sum, completeness }) => [
        ...[series, size, csvMoment(start), csvMoment(end)],
        ...[n, min, mean, max, sum, completeness],
      ])
      const head = ['series', 'size', 'start', 'end', 'n', 'min', 'mean', 'max', 'sum', 'completeness']
      return sendCsv(reply, `rollups-${size}`, csvLines([head, ...lines]))
    })
  }
