import Type from 'typebox'
import { isGoodAt } from '../../domain/certificate.ts'
import { Command } from '../../domain/command.ts'
import type { Fleet } from '../../domain/fleet.ts'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import type { Device, Network } from '../../domain/network.ts'
import type { DeviceCount } from '../../store/ports/ledger.ts'
import { countsOf, deviceNote, isNamed, nothing, stateOf, sum } from '../answers/device.ts'
import { namesOf, oneOf, wrong } from '../asked.ts'
import { noteBecame } from '../audited.ts'
import { readClocks } from '../clocks.ts'
import type { Resource } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { CommandAnswer, DeviceList, deviceStates, type DeviceState } from '../schemas/device.ts'
import { noteOf } from './certificates.ts'

const listRoute = {
  operationId: 'devices',
  tags: ['devices'],
  summary: 'Devices with what became of every value they sent',
  security: security.reader,
  querystring: strict({
    network: asked.text('Only of this network', 'demo'),
    simulated: Type.Optional(Type.Boolean({ description: 'Only simulated, or only real ones', examples: [true] })),
    run: asked.text('Only of this simulation or replay', 'flood-2020'),
    device: Type.Optional(
      Type.Array(Type.String({ maxLength: 5_000 }), {
        minItems: 1,
        maxItems: 50,
        description: 'Only this one; several: with commas, or given again',
        examples: [['rtu-0017']],
      }),
    ),
    search: asked.text('Only where this stands in the id, or in the id or a name of its stations', 'rtu'),
    state: Type.Optional(Type.Enum([...deviceStates], { description: 'Only those that are heard of, or not', examples: ['reporting'] })),
    cursor: Type.Optional(
      Type.String({ maxLength: 400, description: 'next of the page before, with the same query', examples: ['0:rtu-0016'] }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: 1_000, default: 200, examples: [50] }),
  }),
  response: answers(200, DeviceList, 'A page of the devices, in the order of their networks, and the sum of all'),
}

const commandRoute = {
  operationId: 'deviceCommand',
  tags: ['devices'],
  summary: 'Ask a device for something and wait for its answer (role engineer)',
  description:
    'Over the protocol of the device. resend: send again what was measured from `from` to `to`; set-interval; sample-now; sync-clock; request: one of HJ 212 or SL 651 in its own words. ' +
    'The outcome says what became of it: done, refused, busy, no-answer, unreachable or unsupported.',
  security: security.person,
  params: strict({ device: Type.String({ maxLength: 100, examples: ['rtu-0017'] }) }),
  body: Type.Unsafe<Command>({ ...Command, examples: [{ kind: 'resend', from: 1772330400000, to: 1772334000000, everyMs: null }] }),
  response: answers(200, CommandAnswer, 'What became of it'),
}

/** Devices: list, commands. */
export const devices: Resource = (context) => async (app) => {
  const { parts, access } = context
  app.get('/devices', { schema: listRoute }, async (request) => {
    const sight = await access.sight(request)
    const counts = new Map<DeviceId, DeviceCount>((await parts.store.ledger.counts()).map((count) => [count.device, count]))
    const clockOf = await readClocks(parts, context.board)
    const fleet = parts.fleet()
    const networks = fleet.networks.filter((one) => sight.sees(one.run))
    const all = networks.flatMap((one) => one.devices.map((device) => ({ device, file: one.file })))
    const stateAt = (device: Device): DeviceState => stateOf(device, counts.get(device.id), fleet, clockOf(device.run))
    const fits = filterOf(request.query, { networks, fleet, stateAt })
    const { limit, cursor } = request.query
    const behind = cursor === undefined ? 0 : placeBehind(cursor, all)
    const shown = all.slice(behind).filter(({ device }) => fits(device))
    const page = shown.slice(0, limit)
    const clocks = await parts.clockReports.all(page.map(({ device }) => device.id))
    const chosen = behind === 0 ? shown : all.filter(({ device }) => fits(device))
    return {
      devices: page.map(({ device, file }) => ({
        ...deviceNote(device, counts.get(device.id), clocks.get(device.id)),
        state: stateAt(device),
        file: parts.deviceDesk.wasAdded(device.id) ? null : file,
        secret: parts.credentials.standing(device.id),
        certificates: parts.certificates.of(device.id).filter(isGoodAt(parts.now())).map(noteOf),
      })),
      matches: chosen.length,
      totals: chosen.map(({ device }) => countsOf(counts.get(device.id))).reduce(sum, nothing),
      next: shown.length > limit ? cursorOf(page.at(-1)?.device, all) : null,
    }
  })

  app.post('/devices/:device/commands', { schema: commandRoute }, async (request) => {
    const answer = await parts.sendCommand(knownDevice(request.params.device, parts.fleet()).id, request.body)
    noteBecame(request, answer.outcome)
    return answer
  })
}

interface DeviceQuery {
  network?: string
  simulated?: boolean
  run?: string
  device?: string[]
  search?: string
  state?: DeviceState
}

interface Seen {
  networks: readonly Network[]
  fleet: Fleet
  stateAt: (device: Device) => DeviceState
}

function filterOf(
  { network, simulated, run, device, search, state }: DeviceQuery,
  { networks, fleet, stateAt }: Seen,
): (device: Device) => boolean {
  const ids = networks.map(({ id }) => id)
  if (network !== undefined) oneOf(network, 'network', ids)
  const named = device && new Set<string>(namesOf(device))
  const wanted = search?.trim().toLowerCase() ?? ''
  return (one) =>
    (network === undefined || one.network === network) &&
    (simulated === undefined || (one.run !== null) === simulated) &&
    (run === undefined || one.run === run) &&
    (named === undefined || named.has(one.id)) &&
    (wanted === '' || isNamed(one, wanted, fleet)) &&
    (state === undefined || stateAt(one) === state)
}

type Listed = readonly { device: Device }[]

const placeOf = (id: string, all: Listed): number => all.findIndex(({ device }) => device.id === id)

const cursorOf = (last: Device | undefined, all: Listed): string | null =>
  last === undefined ? null : `${placeOf(last.id, all)}:${last.id}`

/** Behind the device of a cursor; where it is gone by now, behind its place. */
function placeBehind(cursor: string, all: Listed): number {
  const [, place, id = ''] = /^(\d{1,9}):(.+)$/.exec(cursor) ?? []
  if (place === undefined)
    throw wrong('cursor', 'is no place of this list; take next from the page before, and leave out cursor for the first page')
  const found = placeOf(id, all)
  return found < 0 ? Number(place) : found + 1
}

function knownDevice(id: string, { devices: known }: Fleet): Device {
  const device = known.get(deviceId(id))
  if (!device) throw new ApiProblem('not-found', `There is no device ${JSON.stringify(id)}${hint(id, known.keys())}.`)
  return device
}
