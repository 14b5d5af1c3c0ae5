import Type from 'typebox'
import type { MappingConflict } from '../../domain/device-mapping.ts'
import type { Resource } from '../context.ts'
import { answers, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { MappingPage, MappingWritten } from '../schemas/mapping.ts'
import { deviceOf, deviceParams } from './clocks.ts'
import { reasonAsked } from './corrections.ts'

const words = (description: string) =>
  Type.Optional(
    Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Type.String({ maxLength: 200 }), { maxProperties: 500, description }),
  )

const readRoute = {
  operationId: 'mapping',
  tags: ['devices'],
  summary: 'How the words of a device are read: what holds now, and every version set by a person',
  security: security.reader,
  params: deviceParams,
  response: answers(200, MappingPage, 'The mapping'),
}

const writeRoute = {
  operationId: 'putMapping',
  tags: ['devices'],
  summary:
    'Set how the words of a device are read (role engineer): a new version; what its network file declares is answered 409, and so is one that holds already',
  security: security.person,
  params: deviceParams,
  body: strict({
    channels: words('its own names -> station/parameter or station/parameter/number'),
    units: words('parameter -> unit in which it sends it (UCUM)'),
    zone: Type.Optional(
      Type.String({ maxLength: 60, description: 'zone of times that it writes without an offset: Asia/Shanghai or +08:00' }),
    ),
    noTime: Type.Optional(Type.Boolean({ description: 'it may send no time at all' })),
    basedOn: Type.Optional(
      Type.Integer({ minimum: 0, description: 'the version that it was made from, 0 = there was none; when another holds by then: 409' }),
    ),
    reason: reasonAsked,
  }),
  response: answers(200, MappingWritten, 'The new version'),
}
Object.assign(writeRoute.body, {
  examples: [{ channels: { lvl: 'qingxi/water_level' }, units: { water_level: 'cm' }, reason: 'The new logger sends lvl in cm.' }],
})

/** Mappings of devices. */
export const mappings: Resource =
  ({ parts, access }) =>
  async (app) => {
    app.get('/devices/:device/mapping', { schema: readRoute }, async (request) => {
      const device = deviceOf(request.params.device, parts, await access.sight(request))
      const { channels, units, clock } = device
      return {
        device: device.id,
        file: parts.fleet().networks.find(({ id }) => id === device.network)?.file ?? null,
        holds: { channels: Object.fromEntries(channels), units: Object.fromEntries(units), zone: clock.zone, noTime: clock.none },
        versions: await parts.mappings.history(device.id),
      }
    })

    app.put('/devices/:device/mapping', { schema: writeRoute }, async (request) => {
      const device = deviceOf(request.params.device, parts, await access.sight(request))
      const by = (await access.actor(request)) ?? 'nobody'
      const { reason, basedOn, ...mapping } = request.body
      const changed = await parts.mappings.change({ device: device.id, by, reason, mapping, ...(basedOn !== undefined && { basedOn }) })
      if ('declared' in changed)
        throw new ApiProblem('conflict', `${changed.file} declares ${changed.declared.join(', ')} of ${device.id}; change it there.`)
      if ('conflict' in changed) throw new ApiProblem('conflict', conflictOf(changed))
      return changed
    })
  }

function conflictOf({ conflict, holds: { version, by, device } }: MappingConflict): string {
  if (conflict === 'same') return `Version ${version} by ${by} says the same of ${device}, and it holds.`
  return `Version ${version} by ${by} holds for ${device} by now; look at it and change that one.`
}
