import Type from 'typebox'
import type { ClockAsked } from '../../domain/amendment-desk.ts'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import type { Device } from '../../domain/network.ts'
import { countsFrom } from '../../domain/reset-clock.ts'
import { parseDuration } from '../../domain/time.ts'
import { mustSee, type Sight } from '../access.ts'
import { actAnswers, statusOf } from '../acts.ts'
import { amendedNote, amendmentNote } from '../answers/amendment.ts'
import { momentOf, shownTimeOf, wrong } from '../asked.ts'
import type { Resource } from '../context.ts'
import { answers, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import type { ApiParts } from '../parts.ts'
import { AmendedNote, ClockPage } from '../schemas/amendment.ts'
import { reasonAsked } from './corrections.ts'

export const deviceParams = strict({ device: Type.String({ maxLength: 100, examples: ['rtu-0017'] }) })

const clockRoute = {
  operationId: 'deviceClock',
  tags: ['devices'],
  summary: 'How far the clock of a device is off, by when its live readings come, and the corrections declared for it',
  security: security.reader,
  params: deviceParams,
  response: answers(200, ClockPage, 'The clock'),
}

const moment = (description: string) => Type.String({ maxLength: 40, description })
const signed = (description: string) => Type.String({ maxLength: 20, pattern: '^[+-]?[0-9a-z]+$', description })

const declareRoute = {
  operationId: 'correctClock',
  tags: ['corrections'],
  summary:
    'Declare what the clock of a device showed wrong (role engineer): stored readings move as new versions, later ones are set right',
  security: security.person,
  params: deviceParams,
  body: strict({
    from: Type.Optional(
      moment("Begin of the span in the device's own time, inclusive; with said it may be left out: what said is, or 1970 or 2000"),
    ),
    to: Type.Optional(moment('End of the span, exclusive; left out: until it is taken back, and for a clock that was reset until now')),
    offset: Type.Optional(signed('Added to its time, such as -8h or 95s; or said and when')),
    said: Type.Optional(moment('A time that its clock showed, such as 1970-01-02T03:04:05Z')),
    when: Type.Optional(moment('When it showed that')),
    driftPerDay: Type.Optional(signed('Added for each day since from, such as 4s')),
    receivedFrom: Type.Optional(moment('Only for what came in from then on')),
    receivedTo: Type.Optional(moment('Only for what came in until then; of a clock that was reset it is now unless it is said')),
    replaces: Type.Optional(Type.String({ maxLength: 100, description: 'A correction that holds, whose place it takes' })),
    reason: reasonAsked,
    dryRun: Type.Boolean({ default: true, description: 'Say only what it would do' }),
  }),
  response: actAnswers(AmendedNote, 'What it does; carried is null after a dry run'),
}
Object.assign(declareRoute.body, {
  examples: [{ from: '2026-03-01T00:00:00Z', offset: '-95s', reason: 'Compared with a phone at the visit.', dryRun: true }],
})

const withdrawRoute = {
  operationId: 'withdrawClock',
  tags: ['corrections'],
  summary: 'Take a clock correction back (role engineer): what it moved goes back, as new versions',
  security: security.person,
  params: strict({ device: Type.String({ maxLength: 100 }), correction: Type.String({ maxLength: 100 }) }),
  body: strict({ reason: reasonAsked, dryRun: Type.Boolean({ default: true, description: 'Say only what it would do' }) }),
  response: actAnswers(AmendedNote, 'What it does'),
}

/** Clocks of devices. */
export const clocks: Resource =
  ({ parts, access }) =>
  async (app) => {
    app.get('/devices/:device/clock', { schema: clockRoute }, async (request) => {
      const device = deviceOf(request.params.device, parts, await access.sight(request))
      const [clock, made] = await Promise.all([parts.clockReports.of(device.id), parts.store.ledger.amendments({ device: device.id })])
      return { clock, corrections: made.map(amendmentNote) }
    })

    app.post('/devices/:device/clock/corrections', { schema: declareRoute }, async (request, reply) => {
      const device = deviceOf(request.params.device, parts, await access.sight(request))
      const { reason, dryRun } = request.body
      const by = (await access.actor(request)) ?? 'nobody'
      const amended = await parts.amendments.correctClock(clockAsked(device.id, request.body), { by, reason, dryRun })
      return reply.code(statusOf(request, amended.state)).send(amendedNote(amended))
    })

    app.post('/devices/:device/clock/corrections/:correction/withdraw', { schema: withdrawRoute }, async (request, reply) => {
      const device = deviceOf(request.params.device, parts, await access.sight(request))
      const { reason, dryRun } = request.body
      const by = (await access.actor(request)) ?? 'nobody'
      const { correction } = request.params
      const amended = await parts.amendments.withdrawClock(device.id, correction, { by, reason, dryRun })
      return reply.code(statusOf(request, amended.state)).send(amendedNote(amended))
    })
  }

interface Declared {
  from?: string
  to?: string
  offset?: string
  said?: string
  when?: string
  driftPerDay?: string
  receivedFrom?: string
  receivedTo?: string
  replaces?: string
}

/** What is declared, in numbers. Throws invalid-request. */
function clockAsked(device: DeviceId, { to, driftPerDay, receivedFrom, receivedTo, replaces, ...declared }: Declared): ClockAsked {
  const received = {
    ...(receivedFrom !== undefined && { from: momentOf(receivedFrom, 'receivedFrom') }),
    ...(receivedTo !== undefined && { to: momentOf(receivedTo, 'receivedTo') }),
  }
  return {
    device,
    ...offsetOf(declared),
    to: to === undefined ? null : shownTimeOf(to, 'to'),
    driftMsPerDay: driftPerDay === undefined ? 0 : signedMs(driftPerDay, 'driftPerDay'),
    ...(Object.keys(received).length > 0 && { received }),
    ...(replaces !== undefined && { replaces }),
  }
}

/** By how much, and from when on: said so, or as what the clock showed at some moment. */
function offsetOf({ from, offset, said, when }: Declared): Pick<ClockAsked, 'from' | 'offsetMs'> {
  const begin = from === undefined ? null : shownTimeOf(from, 'from')
  if (offset !== undefined && said === undefined && when === undefined) {
    if (begin === null) throw wrong('from', "says since when the offset holds, in the device's own time")
    return { from: begin, offsetMs: signedMs(offset, 'offset') }
  }
  if (offset !== undefined || said === undefined || when === undefined)
    throw wrong('offset', 'say how far the clock is off: either offset, or said and when')
  const showed = shownTimeOf(said, 'said')
  return { from: begin ?? countsFrom(showed), offsetMs: momentOf(when, 'when') - showed }
}

/** The device of an address. Throws not-found with the nearest one, and login-needed for one that may not be seen. */
export function deviceOf(id: string, { fleet }: Pick<ApiParts, 'fleet'>, sight: Sight): Device {
  const known = fleet().devices
  const device = known.get(deviceId(id))
  if (!device) throw new ApiProblem('not-found', `There is no device ${JSON.stringify(id)}${hint(id, known.keys())}.`)
  mustSee(sight, device.run, `Device ${id}`)
  return device
}

/** A length of time with a sign; at most a century, of which decades are for a clock that was reset. Drift is at most an hour a day. */
function signedMs(text: string, name: 'offset' | 'driftPerDay'): number {
  const ms = parseDuration(text.replace(/^[+-]/, ''))
  const most = name === 'offset' ? 100 * 366 * 86_400_000 : 3_600_000
  if (ms === null || ms > most) throw wrong(name, `${JSON.stringify(text)} is no length of time that a clock is off; e.g. -8h or 95s`)
  return text.startsWith('-') ? -ms : ms
}
