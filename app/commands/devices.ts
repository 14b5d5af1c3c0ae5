import { Option, type Command } from 'commander'
import { readFileSync } from 'node:fs'
import { deviceStates, type DeviceNote, type DeviceState } from '../../api/schemas/device.ts'
import { protocols } from '../../domain/network.ts'
import { localServer, type ApiClient } from './client.ts'
import { addDeviceCertificate } from './device-certificate.ts'
import { addDeviceCommand } from './device-command.ts'
import { addDeviceMending } from './device-mending.ts'
import { deviceRows } from './device-rows.ts'
import { storedDevices } from './stored-devices.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface AddedRow {
  device: string
  secret: string | null
  problem: string | null
}

/** Sent in one request: keeping as many passwords takes some ten seconds, which fits the patience of any line. */
const rowsAtOnce = 1_000

const server = (options: SettingOptions): ApiClient => localServer(settingsOf(options).config.server.data)
const pathOf = (device: string): string => `/api/v1/devices/${encodeURIComponent(device)}`
const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** `gaugekeeper devices list|add|import|secret|revoke|remove|claim|certificate|command` */
export function addDevices(program: Command): void {
  const devices = program.command('devices').description('devices of the running server: declare them, give them secrets, put them out')
  withSettings(devices.command('list').description('each device with what it sent'))
    .option('--search <text>', 'only where this stands in the id, or in the id or a name of its stations')
    .addOption(new Option('--state <state>', 'only those that are heard of, or not').choices([...deviceStates]))
    .option('--json', 'one JSON document')
    .action(list)
  withSettings(devices.command('add').argument('<device>', 'its login; also the name in its topics'))
    .description('add a device that no network file declares and show its secret, once')
    .requiredOption('--stations <station...>', 'stations it serves')
    .option('--protocol <protocol>', `one of ${protocols.join(', ')}`, 'mqtt')
    .action(add)
  withSettings(
    devices
      .command('import')
      .argument('<file>', 'CSV with the columns device, stations, protocol, channels, mn, address, addresses, secret'),
  )
    .description('add many devices at once; writes their secrets as CSV, and what is wrong by line on stderr (exit 5)')
    .action(importFile)
  withSettings(devices.command('secret').argument('<device>', 'device id'))
    .description('make a new secret for a device and show it, once; the old one ends')
    .option('--overlap <time>', 'keep the old one good for so long, such as 24h; it ends 5 min after the new one was first used')
    .action(secret)
  withSettings(
    devices.command('revoke').argument('<device>', 'device id').description('end the login of a device and cut its connection'),
  ).action(async (device: string, options: SettingOptions) => {
    await server(options).send('POST', `${pathOf(device)}/revoke`, {})
    print(`${device} revoked`)
  })
  withSettings(devices.command('remove').argument('<device>', 'device id').description('take a device away that was added here')).action(
    async (device: string, options: SettingOptions) => {
      await server(options).send('DELETE', pathOf(device))
      print(`${device} removed`)
    },
  )
  withSettings(devices.command('claim').argument('[device...]', 'devices that may claim; none = all that have no secret'))
    .description('open a claim window and show its code: a device gets its own secret for it, once')
    .option('--minutes <n>', 'how long the window is open', '15')
    .action(claim)
  addDeviceCertificate(devices)
  addDeviceCommand(devices)
  addDeviceMending(devices)
}

async function list(options: SettingOptions & { search?: string; state?: DeviceState; json?: boolean }): Promise<void> {
  const { search, state } = options
  const found = storedDevices(server(options), { ...(search !== undefined && { search }), ...(state !== undefined && { state }) })
  if (options.json) {
    const rows: DeviceNote[] = []
    for await (const device of found) rows.push(device)
    return print(JSON.stringify(rows, null, 2))
  }
  for await (const { id, protocol, stations, state: is, counts } of found)
    print(
      `${id}  ${protocol}  ${stations.join(',')}  ${is}  received ${counts.received} = stored ${counts.stored} + versions ${counts.versions} + duplicate ${counts.duplicate} + quarantined ${counts.quarantined}`,
    )
}

async function add(device: string, options: SettingOptions & { stations: string[]; protocol: string }): Promise<void> {
  const { stations, protocol } = options
  const { secret: made } = await server(options).send<{ secret: string | null }>('PUT', pathOf(device), { stations, protocol })
  print(made ?? `${device} changed; it keeps its secret`)
}

async function importFile(file: string, options: SettingOptions): Promise<void> {
  const { rows, lines } = deviceRows(readFileSync(file, 'utf8'), file)
  let wrong = 0
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const devices = rows.slice(from, from + rowsAtOnce)
    const { devices: answered } = await server(options).send<{ devices: AddedRow[] }>('POST', '/api/v1/devices', { devices })
    if (from === 0) print('device,secret')
    for (const [place, { device, secret: made, problem }] of answered.entries()) {
      if (problem === null) print(`${device},${made}`)
      else process.stderr.write(`${file} line ${lines[from + place]}: ${problem}\n`)
    }
    wrong += answered.filter((row) => row.problem !== null).length
  }
  process.stderr.write(`${rows.length - wrong} of ${rows.length} devices added\n`)
  if (wrong > 0) process.exitCode = 5
}

async function secret(device: string, options: SettingOptions & { overlap?: string }): Promise<void> {
  const query = options.overlap === undefined ? '' : `?overlap=${encodeURIComponent(options.overlap)}`
  print((await server(options).send<{ secret: string }>('POST', `${pathOf(device)}/secret${query}`, {})).secret)
}

async function claim(devices: string[], options: SettingOptions & { minutes: string }): Promise<void> {
  const body = { minutes: Number(options.minutes), ...(devices.length > 0 && { devices }) }
  const { code, until } = await server(options).send<{ code: string; until: number }>('POST', '/api/v1/claims', body)
  print(code)
  process.stderr.write(`open until ${new Date(until).toISOString()}; POST /api/v1/devices/{device}/claim with {"code":"${code}"}\n`)
}
