import Type from 'typebox'
import { gapStates, type Gap } from '../../domain/gap.ts'
import type { Fleet } from '../../domain/fleet.ts'
import type { Sensor } from '../../domain/network.ts'
import type { Rollup } from '../../store/ports/telemetry.ts'
import type { Sight } from '../access.ts'
import { momentOf, sensorsOf, spanOf, stationNamesOf, stationOf, wrong } from '../asked.ts'
import { readClocks } from '../clocks.ts'
import type { Resource } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { CompletenessPage, GapList, type GapNote, type SeriesCompleteness } from '../schemas/continuity.ts'

/** Windows of one answer at most. */
const windowsAtMost = 200_000

const series = Type.Optional(asked.series(['qingxi/water_level']))
const station = asked.stations()

const completenessRoute = {
  operationId: 'completeness',
  tags: ['continuity'],
  summary: 'What came of what should have, from the stored hours or days; series without an interval are left out',
  security: security.reader,
  querystring: strict({
    station,
    series,
    size: Type.Enum(['1h', '1d'], { default: '1h', description: "An hour, or the network's day", examples: ['1h'] }),
    from: asked.moment('Begin, inclusive; absent: a day before to.', '2026-03-01T00:00:00Z'),
    to: asked.moment('End, exclusive; absent: now, of a run its clock.', '2026-03-02T00:00:00Z'),
  }),
  response: answers(200, CompletenessPage, 'Completeness by series, and of all together'),
}

const gapsRoute = {
  operationId: 'gaps',
  tags: ['continuity'],
  summary: 'Stretches without the readings that were due, newest begin first',
  security: security.reader,
  querystring: strict({
    station,
    series,
    state: Type.Optional(Type.Enum([...gapStates], { description: 'Only in this state', examples: ['open'] })),
    from: asked.moment('Only those that end behind it.', '2026-03-01T00:00:00Z'),
    to: asked.moment('Only those that begin before it.', '2026-03-02T00:00:00Z'),
    limit: Type.Integer({ minimum: 1, maximum: 5_000, default: 500, examples: [500] }),
  }),
  response: answers(200, GapList, 'Gaps'),
}

/** What should have come and did not. */
export const continuity: Resource =
  ({ parts, access, board }) =>
  async (app) => {
    app.get('/completeness', { schema: completenessRoute }, async (request) => {
      const { size } = request.query
      const fleet = parts.fleet()
      const sensors = chosen(request.query, fleet, await access.sight(request)).filter(({ everyMs }) => everyMs !== null)
      const clockOf = await readClocks(parts, board)
      const { from, to } = spanOf(request.query, Math.max(0, ...sensors.map((sensor) => clockOf(fleet.runOf(sensor.station)))))
      if (((to - from) / (size === '1h' ? 3_600_000 : 86_400_000)) * sensors.length > windowsAtMost)
        throw wrong('from', `gives more than ${windowsAtMost} windows; ask for a shorter range`)
      const rollups = await parts.store.telemetry.rollups({ series: sensors.map(({ id }) => id), size, from, to })
      const bySeries = new Map<string, Rollup[]>(sensors.map(({ id }) => [id, []]))
      for (const rollup of rollups) bySeries.get(rollup.series)?.push(rollup)
      const listed = [...bySeries].map(([id, own]) => completenessOf(id, own))
      return { from, to, size, completeness: mean(listed.flatMap(({ completeness }) => completeness ?? [])), series: listed }
    })

    app.get('/gaps', { schema: gapsRoute }, async (request) => {
      const { state, limit, from, to } = request.query
      const ids = new Set<string>(chosen(request.query, parts.fleet(), await access.sight(request)).map(({ id }) => id))
      const [since, until] = [from === undefined ? -Infinity : momentOf(from, 'from'), to === undefined ? Infinity : momentOf(to, 'to')]
      const found = parts.gaps().filter((gap) => ids.has(gap.series) && gap.from < until && (gap.to ?? Infinity) > since)
      return {
        gaps: found
          .filter((gap) => state === undefined || gap.state === state)
          .slice(0, limit)
          .map(gapNote),
        readingBack: !parts.knowsGaps(),
      }
    })
  }

/** The sensors that are named, or all that may be seen. */
function chosen(asked: { station?: string[]; series?: string[] }, fleet: Fleet, sight: Sight): Sensor[] {
  if (asked.series !== undefined) return sensorsOf(asked.series, fleet, sight)
  if (asked.station !== undefined) return stationNamesOf(asked.station).flatMap((id) => stationOf(id, fleet, sight).station.sensors)
  return [...fleet.sensors.values()].filter(({ station: of }) => sight.sees(fleet.runOf(of)))
}

function completenessOf(id: string, rollups: readonly Rollup[]): SeriesCompleteness {
  const windows = rollups.flatMap(({ start, end, n, completeness }) => (completeness === null ? [] : [{ start, end, n, completeness }]))
  return { series: id, completeness: mean(windows.map(({ completeness }) => completeness)), windows }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function gapNote({
  id,
  series: of,
  device,
  run,
  from,
  to,
  cause,
  state,
  missing,
  arrived,
  arrivedAt,
  openedAt,
  endedAt,
  request,
}: Gap): GapNote {
  return { id, series: of, device, run, from, to, cause, state, missing, arrived, arrivedAt, openedAt, endedAt, request }
}
