import Type from 'typebox'
import { warningId, type WarningId } from '../../domain/ids.ts'
import type { Warning } from '../../domain/warning.ts'
import { warningNote } from '../answers/warning.ts'
import { momentOf, namesOf, oneOf, stationNamesOf, stationOf, wrong } from '../asked.ts'
import { mustSee, type Sight } from '../access.ts'
import type { Resource, RouteContext } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { Acknowledged, AcknowledgeRequest, type NotificationNote, WarningDetail, WarningList } from '../schemas/warning.ts'
import { levels, type WarningState } from '../../domain/warning.ts'

const states: readonly WarningState[] = ['pending', 'active', 'cleared', 'expired']
/** Warnings that are looked through for one answer at most. */
const readAtMost = 20_000

const listRoute = {
  operationId: 'warnings',
  tags: ['warnings'],
  summary: 'Warnings, newest onset first',
  security: security.reader,
  querystring: strict({
    state: Type.Optional(
      Type.Array(Type.String(), {
        description: `Of ${states.join(', ')}; several with commas; absent: all`,
        examples: [['active', 'cleared']],
      }),
    ),
    level: Type.Optional(Type.Enum([...levels], { description: 'This level or above', examples: ['yellow'] })),
    station: asked.stations(),
    since: asked.moment('Changed at or after this moment of event time.', '2026-03-01T00:00:00Z'),
    acknowledged: Type.Optional(Type.Boolean({ description: 'Only those that somebody took note of, or nobody', examples: [false] })),
    simulated: Type.Optional(Type.Boolean({ description: 'Only simulated, or only real ones', examples: [true] })),
    run: asked.text('Only of this simulation or replay', 'flood-2020'),
    cursor: Type.Optional(
      Type.String({ maxLength: 400, description: 'next of the page before, with the same query', examples: ['1767225600000:w-1'] }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 200, examples: [50] }),
  }),
  response: answers(200, WarningList, 'Warnings as they stand'),
}

const params = strict({ warning: Type.String({ maxLength: 300, examples: ['w-1'] }) })

const oneRoute = {
  operationId: 'warning',
  tags: ['warnings'],
  summary: 'One warning with all its versions, its timeline, and who was told',
  security: security.reader,
  params,
  response: answers(200, WarningDetail, 'The warning'),
}

const acknowledgeRoute = {
  operationId: 'acknowledge',
  tags: ['warnings'],
  summary: 'Take note of a warning (role officer); a second time changes nothing',
  security: security.person,
  params,
  body: AcknowledgeRequest,
  response: answers(200, Acknowledged, 'The warning as it now stands'),
}

/** Warnings: list, one, acknowledge. */
export const warnings: Resource = (context) => async (app) => {
  const { parts, access } = context
  app.get('/warnings', { schema: listRoute }, async (request) => {
    const fleet = parts.fleet()
    const sight = await access.sight(request)
    const { limit, simulated, level, run, cursor } = request.query
    const isBehind = cursor === undefined ? () => true : behind(cursor)
    const found = await parts.store.warnings.warnings({ ...queryOf(request.query), limit: readAtMost })
    if (found.length === 0) for (const id of namesOf(request.query.station ?? [])) stationOf(id, fleet, sight)
    const least = level === undefined ? 0 : levels.indexOf(level)
    const chosen = found.filter(
      (warning) =>
        isBehind(warning) &&
        sight.sees(warning.run) &&
        levels.indexOf(warning.level) >= least &&
        (run === undefined || warning.run === run) &&
        (simulated === undefined || (warning.run !== null) === simulated),
    )
    const page = chosen.slice(0, limit)
    const more = chosen.length > limit
    return { warnings: page.map((warning) => warningNote(warning, fleet)), more, next: more ? cursorOf(page.at(-1)) : null }
  })

  app.get('/warnings/:warning', { schema: oneRoute }, async (request) => {
    const warning = await seen(context, warningId(request.params.warning), await access.sight(request))
    const versions = await parts.store.warnings.warningVersions(warning.id)
    const notifications = await notificationsOf(context, warning.id)
    const fleet = parts.fleet()
    return { warning: warningNote(warning, fleet), versions: versions.map((version) => warningNote(version, fleet)), notifications }
  })

  app.post('/warnings/:warning/acknowledge', { schema: acknowledgeRoute }, async (request) => {
    const by = (await access.actor(request)) ?? 'nobody'
    const id = warningId(request.params.warning)
    const { note = null } = request.body
    const warning = await parts.warningDesk.acknowledge(id, by, note, parts.now())
    if (!warning) throw noSuch(id)
    return { warning: warningNote(warning, parts.fleet()) }
  })
}

const cursorOf = (last: Warning | undefined): string | null => (last === undefined ? null : `${last.onset}:${last.id}`)

/** Whether a warning comes behind a place of the list: newest onset first, then by id. */
function behind(cursor: string): (warning: Warning) => boolean {
  const [, onset, id = ''] = /^(\d{1,16}):(.+)$/.exec(cursor) ?? []
  if (onset === undefined)
    throw wrong('cursor', 'is no place of this list; take next from the page before, and leave out cursor for the first page')
  return (warning) => warning.onset < Number(onset) || (warning.onset === Number(onset) && warning.id > id)
}

function queryOf(asked: { state?: string[]; station?: string[]; since?: string; acknowledged?: boolean }) {
  const { state, station, since, acknowledged } = asked
  return {
    ...(state && { states: namesOf(state).map((name) => oneOf(name, 'state', states) as WarningState) }),
    ...(station && { stations: stationNamesOf(station) }),
    ...(since !== undefined && { since: momentOf(since, 'since') }),
    ...(acknowledged !== undefined && { acknowledged }),
  }
}

async function seen({ parts }: RouteContext, id: WarningId, sight: Sight): Promise<Warning> {
  const warning = await parts.store.warnings.warning(id)
  if (!warning) throw noSuch(id)
  mustSee(sight, warning.run, `Warning ${id}`)
  return warning
}

const noSuch = (id: string): ApiProblem =>
  new ApiProblem('not-found', `There is no warning ${JSON.stringify(id)}. All of them: GET /api/v1/warnings`)

/** What the notifiers wrote down: outbox entries stand under warning/version/channel. */
async function notificationsOf({ parts }: RouteContext, id: WarningId): Promise<NotificationNote[]> {
  const begin = `${id}/`
  const listed = await parts.store.documents.list<Omit<NotificationNote, 'key'>>('outbox', { after: begin, limit: 500 })
  return listed
    .filter(({ key }) => key.startsWith(begin))
    .map(({ key, body: { warning, version, channel, log } }) => ({ key, warning, version, channel, log }))
}
