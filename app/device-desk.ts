import { takeTurns } from '../domain/in-turn.ts'
import type { AddedDevice, DeviceDesk, DeviceProblem } from '../api/parts.ts'
import type { DeviceCertificates } from '../domain/certificate.ts'
import type { DeviceCredentials, IssuedSecret } from '../domain/identity.ts'
import { wireName } from '../domain/fleet.ts'
import { deviceId, type DeviceId } from '../domain/ids.ts'
import type { DeviceFile } from '../domain/network-schema.ts'
import { judgeDevices } from './added-devices.ts'
import type { Networks } from './networks.ts'

interface DeviceDeskParts {
  networks: Networks
  credentials: DeviceCredentials
  certificates: Pick<DeviceCertificates, 'revoke'>
}

/** What is to be done for one row: declare a device, give it a secret of ours, or keep the one that was chosen for it. */
interface Plan {
  id: string
  declaration: DeviceFile | null
  chosen: string | null
  problem: DeviceProblem | null
}

const wrong = (message: string): DeviceProblem => ({ kind: 'wrong', message })

/** Provisions devices one list after the other. Secrets are kept before the devices: a secret without a device opens nothing. */
export function createDeviceDesk(parts: DeviceDeskParts): DeviceDesk {
  const { networks, credentials, certificates } = parts
  const inTurn = takeTurns()
  return {
    wasAdded: networks.wasAdded,

    add: (rows) =>
      inTurn(async () => {
        const plans = plansFor(parts, rows)
        const secrets = await carryOut(
          parts,
          plans.filter((plan) => plan.problem === null),
        )
        return plans.map(({ id, problem }): AddedDevice => ({
          device: id,
          secret: problem ? null : (secrets.get(deviceId(id)) ?? null),
          problem,
        }))
      }),

    put: (device, declaration) =>
      inTurn(async () => {
        const [judged] = judgeDevices([{ ...declaration, id: device }], networks.ofFiles)
        const there = networks.wasAdded(device)
        const problem = (there ? null : takenBy(networks, device)) ?? judged?.problem ?? wireTaken(wiresOf(networks), judged?.row ?? null)
        if (problem || !judged?.row) return { problem: problem ?? wrong('the device is not understood') }
        if (there) await networks.putDevices([judged.row])
        const made = there ? null : await carryOut(parts, [{ id: device, declaration: judged.row, chosen: null, problem: null }])
        return { created: !there, secret: made?.get(device) ?? null }
      }),

    remove: (device) =>
      inTurn(async () => {
        if (!networks.wasAdded(device)) return takenBy(networks, device) ?? { kind: 'unknown', message: `There is no device ${device}.` }
        await credentials.revoke(device)
        await certificates.revoke(device)
        await networks.removeDevice(device)
        return null
      }),
  }
}

/** What is to be done for each row, in their order. */
function plansFor({ networks, credentials }: DeviceDeskParts, rows: readonly unknown[]): Plan[] {
  const split = rows.map(withoutSecret)
  const judged = judgeDevices(
    split.map(({ row }) => row),
    networks.ofFiles,
  )
  const seen = new Set<string>()
  const wires = wiresOf(networks)
  return split.map(({ row, secret: chosen, problem }, place): Plan => {
    const id = idOf(row)
    const twice = seen.has(id) ? wrong(`device ${id} stands in the list twice`) : null
    seen.add(id)
    if (isBare(row)) return { id, declaration: null, chosen, problem: twice ?? whyNoFirstSecret(networks, credentials, id) }
    const { row: declaration = null, problem: wrongRow = null } = judged[place] ?? {}
    const found = twice ?? problem ?? wrongRow ?? takenBy(networks, deviceId(id)) ?? wireTaken(wires, declaration)
    return { id, declaration, chosen, problem: found }
  })
}

/** What the frames of field protocols call the devices that there are -> the device. */
function wiresOf(networks: Networks): Map<string, string> {
  const named = [...networks.fleet().devices.values()].map((device) => [wireName(device), device.id] as const)
  return new Map(named.flatMap(([name, id]) => (name === null ? [] : [[name, id]])))
}

/** Another device whose frames have the same name; takes the name for the declaration when nobody has it. */
function wireTaken(wires: Map<string, string>, declaration: DeviceFile | null): DeviceProblem | null {
  const name = declaration && wireName(declaration)
  const other = name === null ? undefined : wires.get(name)
  if (declaration === null || name === null) return null
  if (other !== undefined && other !== declaration.id) return wrong(`device ${other} has ${name} already; give each device its own`)
  wires.set(name, declaration.id)
  return null
}

/** Whose the name is; null when a device of this name can be added. */
function takenBy(networks: Networks, id: DeviceId): DeviceProblem | null {
  if (!networks.fleet().devices.has(id)) return null
  if (networks.wasAdded(id)) return { kind: 'there', message: `device ${id} is there already; change it with PUT` }
  const owner = networks.fleet().networks.find((network) => network.devices.some((device) => device.id === id))
  if (!owner) return null
  const message = owner.file ? `the file ${owner.file} declares device ${id}; change it there` : `device ${id} belongs to run ${owner.run}`
  return { kind: 'declared', message }
}

function whyNoFirstSecret(networks: Networks, credentials: DeviceCredentials, id: string): DeviceProblem | null {
  const known = networks.fleet().devices.get(deviceId(id))
  if (!known) return wrong(`no file declares device "${id}"; name its stations to add it`)
  if (known.run !== null) return takenBy(networks, known.id)
  if (credentials.standing(known.id) === null) return null
  return { kind: 'there', message: `device ${id} has a secret already; make a new one with: gaugekeeper devices secret ${id}` }
}

/** Makes and keeps the secrets, then the devices. */
async function carryOut({ networks, credentials }: DeviceDeskParts, plans: readonly Plan[]): Promise<Map<DeviceId, string>> {
  const made = plans.filter((plan) => plan.chosen === null).map((plan) => deviceId(plan.id))
  const protocols = new Map(
    plans.flatMap(({ id, declaration }) => (declaration ? [[deviceId(id), declaration.protocol ?? 'mqtt'] as const] : [])),
  )
  const kept = plans.flatMap(({ id, chosen }): IssuedSecret[] => (chosen === null ? [] : [{ device: deviceId(id), secret: chosen }]))
  const issued = [...(await credentials.issue(made, { protocols })), ...kept]
  await credentials.keep(kept)
  await networks.putDevices(plans.flatMap(({ declaration }) => declaration ?? []))
  return new Map(issued.map(({ device, secret }) => [device, secret]))
}

const fieldProtocols: ReadonlySet<unknown> = new Set(['hj212', 'sl651'])

/** Takes the chosen secret off a row; only devices of field protocols, which have no other, may bring one. */
function withoutSecret(given: unknown): { row: unknown; secret: string | null; problem: DeviceProblem | null } {
  if (typeof given !== 'object' || given === null || !Object.hasOwn(given, 'secret')) return { row: given, secret: null, problem: null }
  const { secret, ...row } = given as { secret: unknown; protocol?: unknown }
  if (!fieldProtocols.has(row.protocol))
    return { row, secret: null, problem: wrong('secret: is made here; only devices of hj212 and sl651 have one that was chosen') }
  const fits = typeof secret === 'string' && /^[\x21-\x7e]{1,64}$/.test(secret)
  return fits ? { row, secret, problem: null } : { row, secret: null, problem: wrong('secret: 1 to 64 printable characters of ASCII') }
}

const isBare = (row: unknown): boolean => typeof row === 'object' && row !== null && Object.keys(row).join() === 'id'

function idOf(row: unknown): string {
  const id = typeof row === 'object' && row !== null ? (row as { id?: unknown }).id : undefined
  return typeof id === 'string' ? id.slice(0, 64) : ''
}
