import Type from 'typebox'
import { readingTopics } from '../../domain/delivery.ts'
import type { QuarantineFilter } from '../../domain/amendment-desk.ts'
import { deviceId } from '../../domain/ids.ts'
import { rejectionReasons } from '../../domain/rejection.ts'
import type { QuarantineEntry } from '../../store/ports/ledger.ts'
import { mustSee } from '../access.ts'
import { wrong } from '../asked.ts'
import { noteBecame } from '../audited.ts'
import type { Resource } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { GivenUpNote, QuarantineGroups, QuarantineList, QuarantinePage, RunAgainNote, type QuarantineNote } from '../schemas/quarantine.ts'
import { actAnswers, statusOf } from '../acts.ts'
import { reasonAsked } from './corrections.ts'

const reasonOf = Type.Optional(Type.Enum([...rejectionReasons], { description: 'Only for this reason', examples: ['not-json'] }))

const listRoute = {
  operationId: 'quarantine',
  tags: ['quarantine'],
  summary: 'What was received, acknowledged and put aside, with the reason and the first 512 of its bytes; newest first',
  security: security.reader,
  querystring: strict({
    device: asked.text('Only of this device', 'rtu-0017'),
    reason: reasonOf,
    state: Type.Optional(
      Type.Enum(['open', 'repaired', 'given-up'], { description: 'Only what waits, was run again, or was closed', examples: ['open'] }),
    ),
    before: Type.Optional(Type.Integer({ minimum: 1, description: 'next of the page before', examples: [1000] })),
    limit: Type.Integer({ minimum: 1, maximum: 500, default: 50, examples: [50] }),
  }),
  response: answers(200, QuarantineList, 'A page of entries'),
}

const groupsRoute = {
  operationId: 'quarantineGroups',
  tags: ['quarantine'],
  summary: 'How much waits in the quarantine, by device and reason',
  security: security.reader,
  response: answers(200, QuarantineGroups, 'The groups, the newest first'),
}

const entryRoute = {
  operationId: 'quarantineEntry',
  tags: ['quarantine'],
  summary: 'One entry: its bytes, the payload read as JSON, and what it would become if it was run again now',
  security: security.reader,
  params: strict({ entry: Type.Integer({ minimum: 1, examples: [1] }) }),
  response: answers(200, QuarantinePage, 'The entry'),
}

const chosen = () =>
  strict({
    device: Type.Optional(Type.String({ maxLength: 200 })),
    reason: Type.Optional(Type.Enum([...rejectionReasons])),
    ids: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 2_000 })),
    note: reasonAsked,
    dryRun: Type.Boolean({ default: true, description: 'Say only what it would do' }),
  })

const runRoute = {
  operationId: 'runQuarantine',
  tags: ['quarantine'],
  summary: 'Run entries again with the settings as they are now (role engineer); those that would be refused as a whole stay as they are',
  security: security.person,
  body: chosen(),
  response: actAnswers(RunAgainNote, 'What became of each, or would'),
}
Object.assign(runRoute.body, { examples: [{ device: 'rtu-0017', note: 'The channel lvl is mapped now.', dryRun: true }] })

const closeRoute = {
  operationId: 'closeQuarantine',
  tags: ['quarantine'],
  summary: 'Close entries that nobody wants to run again (role engineer): they say by whom and why, and stay counted as quarantined',
  security: security.person,
  body: chosen(),
  response: actAnswers(GivenUpNote, 'What was closed, or would be'),
}
Object.assign(closeRoute.body, { examples: [{ ids: [1], note: 'Sent from the bench before the logger was put out.', dryRun: true }] })

/** Quarantine: list, look, run again, close. */
export const quarantine: Resource =
  ({ parts, access }) =>
  async (app) => {
    // a device that is in no network any more counts as a real one
    const runOf = (device: string) => parts.fleet().devices.get(deviceId(device))?.run ?? null

    app.get('/quarantine', { schema: listRoute }, async (request) => {
      const { device, reason, state, before, limit } = request.query
      const sight = await access.sight(request)
      const found = await parts.store.ledger.quarantine({
        limit,
        peek,
        ...(device !== undefined && { device: deviceId(device) }),
        ...(reason !== undefined && { reason }),
        ...(state !== undefined && { state }),
        ...(before !== undefined && { before }),
      })
      const seen = found.filter((entry) => sight.sees(runOf(entry.device)))
      return { entries: seen.map(quarantineNote), next: found.length === limit ? (found.at(-1)?.id ?? null) : null }
    })

    app.get('/quarantine/groups', { schema: groupsRoute }, async (request) => {
      const sight = await access.sight(request)
      const groups = (await parts.store.ledger.quarantineGroups()).filter(({ device }) => sight.sees(runOf(device)))
      return { groups: groups.sort((a, b) => b.newest - a.newest) }
    })

    app.get('/quarantine/:entry', { schema: entryRoute }, async (request) => {
      const entry = await parts.store.ledger.quarantineEntry(request.params.entry)
      if (entry === null) throw new ApiProblem('not-found', `There is no entry ${request.params.entry} in the quarantine.`)
      mustSee(await access.sight(request), runOf(entry.device), `Entry ${entry.id}`)
      return { entry: quarantineNote(entry), decoded: decodedOf(entry), trial: await parts.amendments.trial(entry.id) }
    })

    app.post('/quarantine/run', { schema: runRoute }, async (request, reply) => {
      const { note, dryRun } = request.body
      const by = (await access.actor(request)) ?? 'nobody'
      const ran = await parts.amendments.runAgain(filterOf(request.body), { by, reason: note, dryRun })
      const { state, entries, takeable, more } = ran
      noteBecame(request, `${takeable} of ${entries.length} entries`)
      return reply.code(statusOf(request, state)).send({ dryRun, state, entries, takeable, more })
    })

    app.post('/quarantine/close', { schema: closeRoute }, async (request, reply) => {
      const { note, dryRun } = request.body
      const filter = filterOf(request.body)
      if (Object.keys(filter).length === 0) throw wrong('ids', 'name entries, a device or a reason: not all is closed at once')
      const by = (await access.actor(request)) ?? 'nobody'
      const { state, entries, values, more } = await parts.amendments.giveUp(filter, { by, reason: note, dryRun })
      noteBecame(request, `${entries} entries, ${values} values`)
      return reply.code(statusOf(request, state)).send({ dryRun, state, entries, values, more })
    })
  }

interface Chosen {
  device?: string
  reason?: QuarantineNote['reason']
  ids?: number[]
}

const filterOf = ({ device, reason, ids }: Chosen): QuarantineFilter => ({
  ...(device !== undefined && { device: deviceId(device) }),
  ...(reason !== undefined && { reason }),
  ...(ids !== undefined && { ids }),
})

/** So much of the bytes of an entry stands in a list. */
const peek = 512

function quarantineNote(entry: QuarantineEntry): QuarantineNote {
  const { id, device, delivery, receivedAt, topic, reason, detail, values, item, items, payload, payloadBytes, repaired } = entry
  const isCut = payload.length < payloadBytes
  const shown = { bytes: payloadBytes, base64: Buffer.from(payload).toString('base64'), text: textOf(payload, isCut), isCut }
  const places = items?.slice() ?? (item === null ? null : [item])
  return { id, device, delivery, receivedAt, topic, reason, detail, values, item, items: places, payload: shown, repaired: again(repaired) }
}

function again(repaired: QuarantineEntry['repaired']): QuarantineNote['repaired'] {
  if (repaired === null) return null
  const { kind = 'run', by, at, reason, delivery, outcome } = repaired
  return { kind, by, at, reason, delivery, outcome }
}

/** What begins as text is text: a character that was cut through is left out. */
function textOf(payload: Uint8Array, isCut = false): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload, { stream: isCut })
  } catch {
    return null
  }
}

/** The payload read as JSON, as far as it is; of an array only the items that the entry stands for. */
function decodedOf({ topic, payload, item, items }: QuarantineEntry): unknown {
  if (topic !== readingTopics.telemetry && !readingTopics.native.test(topic)) return null
  try {
    const json: unknown = JSON.parse(textOf(payload) ?? '')
    const places = items ?? (item === null ? null : [item])
    return Array.isArray(json) && places !== null ? places.slice(0, 20).map((place) => json[place] as unknown) : json
  } catch {
    return null
  }
}
