import Type from 'typebox'
import { actAnswers, statusOf } from '../acts.ts'
import { amendedNote, amendmentNote } from '../answers/amendment.ts'
import { versionLines, versionNotes } from '../answers/version.ts'
import { momentOf, sensorsOf, wrong } from '../asked.ts'
import type { Resource } from '../context.ts'
import { csvLines, sendCsv } from '../csv.ts'
import { answers, asked, security, strict, wantsCsv } from '../documented.ts'
import { AmendedNote, AmendmentList, ValueChange, VersionList } from '../schemas/amendment.ts'

const moment = (description: string, example: string) => Type.String({ maxLength: 40, description, examples: [example] })
/** Why a change is made: kept for good with every version. */
export const reasonAsked = Type.String({
  minLength: 3,
  maxLength: 500,
  description: 'Why, in a sentence; kept with every version it makes',
})

const correctRoute = {
  operationId: 'correctValues',
  tags: ['corrections'],
  summary: 'Give some readings of a series another value, or none (role engineer); each becomes a new version, the one before is kept',
  security: security.person,
  body: strict({
    series: Type.String({ maxLength: 200 }),
    from: Type.Optional(moment('Begin of the span, inclusive; without it, the first of the moments in `at`', '2026-03-01T00:00:00Z')),
    to: Type.Optional(moment('End of the span, exclusive; without it, behind the last of the moments in `at`', '2026-03-01T02:00:00Z')),
    at: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 1_000, description: 'Only these moments' })),
    change: ValueChange,
    reason: reasonAsked,
    dryRun: Type.Boolean({ default: true, description: 'Say only what it would do' }),
  }),
  response: actAnswers(AmendedNote, 'What it does; carried is null after a dry run'),
}
Object.assign(correctRoute.body, {
  examples: [
    {
      series: 'qingxi/water_level/1',
      from: '2026-03-01T00:00:00Z',
      to: '2026-03-01T02:00:00Z',
      change: { factor: 1, offset: 0.12 },
      reason: 'The gauge board was read 0.12 m higher at the visit.',
      dryRun: true,
    },
  ],
})

const listRoute = {
  operationId: 'corrections',
  tags: ['corrections'],
  summary: 'What people have changed in stored readings: who, when and why, newest first',
  security: security.reader,
  querystring: strict({
    series: asked.series(['qingxi/water_level']),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50, examples: [50] }),
  }),
  response: answers(200, AmendmentList, 'The corrections of these series'),
}

const versionsRoute = {
  operationId: 'observationVersions',
  tags: ['corrections'],
  summary:
    'All versions of one reading, oldest first, with what made each: received, judged again because of which delivery, revised, or corrected by whom and why',
  security: security.reader,
  querystring: strict({
    series: asked.series(['qingxi/water_level']),
    at: moment('The moment of the reading', '2026-03-01T00:00:00Z'),
    format: asked.format(),
  }),
  response: answers(200, VersionList, 'The versions'),
}

/** Corrections of values, and the versions they leave. */
export const corrections: Resource =
  ({ parts, access }) =>
  async (app) => {
    app.post('/observations/corrections', { schema: correctRoute }, async (request, reply) => {
      const { series, from, to, at, change, reason, dryRun } = request.body
      const [sensor] = sensorsOf([series], parts.fleet(), await access.sight(request))
      if (sensor === undefined) throw wrong('series', 'one series is needed')
      const by = (await access.actor(request)) ?? 'nobody'
      const chosen = at?.map((one) => momentOf(one, 'at')) ?? null
      const asked = { series: sensor.id, ...spanAsked(from, to, chosen), at: chosen, change }
      const amended = await parts.amendments.correctValues(asked, { by, reason, dryRun })
      return reply.code(statusOf(request, amended.state)).send(amendedNote(amended))
    })

    app.get('/observations/corrections', { schema: listRoute }, async (request) => {
      const sensors = sensorsOf(request.query.series, parts.fleet(), await access.sight(request))
      const { limit } = request.query
      const found = await Promise.all(sensors.map(({ id }) => parts.store.ledger.amendments({ series: id, limit })))
      const newest = found.flat().sort((a, b) => b.delivery - a.delivery)
      return { corrections: newest.slice(0, limit).map(amendmentNote) }
    })

    app.get('/observations/versions', { schema: versionsRoute }, async (request, reply) => {
      const [sensor] = sensorsOf(request.query.series, parts.fleet(), await access.sight(request))
      if (sensor === undefined) throw wrong('series', 'one series is needed')
      if (!parts.store.telemetry.capabilities.versions) throw wrong('series', 'this store keeps no earlier versions')
      const observedAt = momentOf(request.query.at, 'at')
      const versions = await versionNotes(parts.store, { series: sensor.id, observedAt })
      if (wantsCsv(request.query.format, request.headers.accept)) return sendCsv(reply, 'versions', csvLines(versionLines(versions)))
      return { series: sensor.id, observedAt, versions }
    })
  }

/** The span of a correction, given or that of its single moments. */
function spanAsked(from: string | undefined, to: string | undefined, at: readonly number[] | null): { from: number; to: number } {
  if (at === null && (from === undefined || to === undefined)) throw wrong('from', 'name a span with from and to, or single moments in at')
  return {
    from: from === undefined ? Math.min(...(at ?? [])) : momentOf(from, 'from'),
    to: to === undefined ? Math.max(...(at ?? [])) + 1 : momentOf(to, 'to'),
  }
}
