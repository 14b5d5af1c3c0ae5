import Type from 'typebox'
import { deviceId } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import type { Device } from '../../domain/network.ts'
import { parseDuration } from '../../domain/time.ts'
import { mustSee, type Sight } from '../access.ts'
import { amendedNote, amendmentNote } from '../answers/amendment.ts'
import { momentOf, wrong } from '../asked.ts'
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
    from: moment("Begin of the span in the device's own time, inclusive"),
    to: Type.Optional(moment('End of the span, exclusive; left out: until it is taken back')),
    offset: signed('Added to its time, such as -8h or 95s'),
    driftPerDay: Type.Optional(signed('Added for each day since from, such as 4s')),
    reason: reasonAsked,
    dryRun: Type.Boolean({ default: true, description: 'Say only what it would do' }),
  }),
  response: answers(200, AmendedNote, 'What it does; carried is null after a dry run, and while the store is away'),
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
  response: answers(200, AmendedNote, 'What it does'),
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

    app.post('/devices/:device/clock/corrections', { schema: declareRoute }, async (request) => {
      const device = deviceOf(request.params.device, parts, await access.sight(request))
      const { from, to, offset, driftPerDay, reason, dryRun } = request.body
      const by = (await access.actor(request)) ?? 'nobody'
      const asked = {
        device: device.id,
        from: momentOf(from, 'from'),
        to: to === undefined ? null : momentOf(to, 'to'),
        offsetMs: signedMs(offset, 'offset'),
        driftMsPerDay: driftPerDay === undefined ? 0 : signedMs(driftPerDay, 'driftPerDay'),
      }
      const amended = await parts.amendments.correctClock(asked, { by, reason, dryRun })
      return amendedNote(amended)
    })

    app.post('/devices/:device/clock/corrections/:correction/withdraw', { schema: withdrawRoute }, async (request) => {
      const device = deviceOf(request.params.device, parts, await access.sight(request))
      const { reason, dryRun } = request.body
      const by = (await access.actor(request)) ?? 'nobody'
      const { correction } = request.params
      const amended = await parts.amendments.withdrawClock(device.id, correction, { by, reason, dryRun })
      return amendedNote(amended)
    })
  }

/** The device of an address. Throws not-found with the nearest one, and login-needed for one that may not be seen. */
export function deviceOf(id: string, { fleet }: Pick<ApiParts, 'fleet'>, sight: Sight): Device {
  const known = fleet().devices
  const device = known.get(deviceId(id))
  if (!device) throw new ApiProblem('not-found', `There is no device ${JSON.stringify(id)}${hint(id, known.keys())}.`)
  mustSee(sight, device.run, `Device ${id}`)
  return device
}

/** A length of time with a sign; at most 20 years, so that a correction gives a time that can be. Drift is at most an hour a day. */
function signedMs(text: string, name: 'offset' | 'driftPerDay'): number {
  const ms = parseDuration(text.replace(/^[+-]/, ''))
  const most = name === 'offset' ? 20 * 366 * 86_400_000 : 3_600_000
  if (ms === null || ms > most) throw wrong(name, `${JSON.stringify(text)} is no length of time that a clock is off; e.g. -8h or 95s`)
  return text.startsWith('-') ? -ms : ms
}
