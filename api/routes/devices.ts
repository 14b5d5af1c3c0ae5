import Type from 'typebox'
import { isGoodAt } from '../../domain/certificate.ts'
import type { ClockReport } from '../../domain/clock-health.ts'
import { Command } from '../../domain/command.ts'
import type { Fleet } from '../../domain/fleet.ts'
import { deviceId, type DeviceId } from '../../domain/ids.ts'
import { hint } from '../../domain/nearest.ts'
import type { Device } from '../../domain/network.ts'
import type { DeviceCount } from '../../store/ports/ledger.ts'
import { oneOf } from '../asked.ts'
import { noteBecame } from '../audited.ts'
import type { Resource } from '../context.ts'
import { answers, asked, security, strict } from '../documented.ts'
import { ApiProblem } from '../errors.ts'
import { CommandAnswer, DeviceList, type DeviceNote, type ValueCounts } from '../schemas/device.ts'
import { noteOf } from './certificates.ts'

const listRoute = {
  operationId: 'devices',
  tags: ['devices'],
  summary: 'Devices with what became of every value they sent',
  security: security.reader,
  querystring: strict({
    network: asked.text('Only of this network', 'demo'),
    simulated: Type.Optional(Type.Boolean({ description: 'Only simulated, or only real ones', examples: [true] })),
  }),
  response: answers(200, DeviceList, 'The devices, in the order of their networks, and their sum'),
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

const nothing: ValueCounts = { received: 0, stored: 0, versions: 0, duplicate: 0, quarantined: 0, late: 0 }

/** Devices: list, commands. */
export const devices: Resource =
  ({ parts, access }) =>
  async (app) => {
    app.get('/devices', { schema: listRoute }, async (request) => {
      const { network, simulated } = request.query
      const sight = await access.sight(request)
      const networks = parts.fleet().networks.filter((one) => sight.sees(one.run))
      if (network !== undefined)
        oneOf(
          network,
          'network',
          networks.map((one) => one.id),
        )
      const counts = new Map<DeviceId, DeviceCount>((await parts.store.ledger.counts()).map((count) => [count.device, count]))
      const shown = networks
        .filter((one) => (network === undefined || one.id === network) && (simulated === undefined || (one.run !== null) === simulated))
        .flatMap((one) => one.devices.map((device) => ({ device, file: parts.deviceDesk.wasAdded(device.id) ? null : one.file })))
      const clocks = await parts.clockReports.all(shown.map(({ device }) => device.id))
      const listed = shown.map(({ device, file }) => ({
        ...deviceNote(device, counts.get(device.id), clocks.get(device.id)),
        file,
        secret: parts.credentials.standing(device.id),
        certificates: parts.certificates.of(device.id).filter(isGoodAt(parts.now())).map(noteOf),
      }))
      return { devices: listed, totals: listed.map(({ counts }) => counts).reduce(sum, nothing) }
    })

    app.post('/devices/:device/commands', { schema: commandRoute }, async (request) => {
      const answer = await parts.sendCommand(knownDevice(request.params.device, parts.fleet()).id, request.body)
      noteBecame(request, answer.outcome)
      return answer
    })
  }

function knownDevice(id: string, { devices: known }: Fleet): Device {
  const device = known.get(deviceId(id))
  if (!device) throw new ApiProblem('not-found', `There is no device ${JSON.stringify(id)}${hint(id, known.keys())}.`)
  return device
}

function deviceNote(
  device: Device,
  count: DeviceCount | undefined,
  clock: ClockReport | undefined,
): Omit<DeviceNote, 'file' | 'secret' | 'certificates'> {
  const { id, protocol, network, stations, run } = device
  const { received, stored, versions, duplicate, quarantined, late } = count ?? nothing
  const lastReceivedAt = count?.lastReceivedAt ?? null
  const counts = { received, stored, versions, duplicate, quarantined, late }
  return {
    id,
    protocol,
    network,
    stations: [...stations],
    run,
    simulated: run !== null,
    lastReceivedAt,
    counts,
    clock: clock ? clockMark(clock) : null,
  }
}

function clockMark({ state, offsetMs, driftMsPerDay, likelyZone, says }: ClockReport): DeviceNote['clock'] {
  return { state, offsetMs, driftMsPerDay, likelyZone, says }
}

function sum(a: ValueCounts, b: ValueCounts): ValueCounts {
  return {
    received: a.received + b.received,
    stored: a.stored + b.stored,
    versions: a.versions + b.versions,
    duplicate: a.duplicate + b.duplicate,
    quarantined: a.quarantined + b.quarantined,
    late: a.late + b.late,
  }
}
