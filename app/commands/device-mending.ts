import type { Command } from 'commander'
import type { AmendedNote, ClockPage } from '../../api/schemas/amendment.ts'
import type { MappingPage, MappingWritten } from '../../api/schemas/mapping.ts'
import { CommandError } from '../errors.ts'
import { asNamedValues, type NamedValue } from './arguments.ts'
import { localServer, type ApiClient } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface MappingOptions extends SettingOptions {
  channel: NamedValue[]
  unit: NamedValue[]
  zone?: string
  /** False with `--no-time`. */
  time: boolean
  clear?: boolean
  note?: string
}

interface ClockOptions extends SettingOptions {
  from?: string
  to?: string
  offset?: string
  said?: string
  when?: string
  receivedFrom?: string
  receivedTo?: string
  replaces?: string
  drift?: string
  withdraw?: string
  note?: string
  dryRun?: boolean
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const iso = (at: number): string => new Date(at).toISOString()

/** `gaugekeeper devices mapping|clock <device>`: how its words are read, and what its clock showed wrong. */
export function addDeviceMending(devices: Command): void {
  withSettings(devices.command('mapping').argument('<device>', 'device id'))
    .option('--channel <name=series>', 'read its own name as a series: lvl=qingxi/water_level; several times', asNamedValues, [])
    .option('--unit <parameter=unit>', 'the unit in which it sends a parameter: water_level=cm; several times', asNamedValues, [])
    .option('--zone <zone>', 'zone of its times without an offset: Asia/Shanghai or +08:00')
    .option('--no-time', 'it may send no time at all')
    .option('--clear', 'take all that was set here back; what else is given is set then')
    .option('--note <why>', 'why, in a sentence')
    .description('how the words of a device are read; with options, set that: what was set before stays unless --clear')
    .action(changeMapping)
  withSettings(devices.command('clock').argument('<device>', 'device id'))
    .option('--from <time>', 'begin of what its clock showed wrong, in its own time, ISO 8601 with an offset')
    .option('--to <time>', 'end of that, exclusive; left out: until it is taken back')
    .option('--offset <length>', 'added to its time: -8h, 95s')
    .option('--said <time>', 'in place of --offset: a time that its clock showed, such as 1970-01-02T03:04:05Z after a reset')
    .option('--when <time>', 'when it showed that, ISO 8601 with an offset')
    .option('--received-from <time>', 'only for what came in from then on')
    .option('--received-to <time>', 'only for what came in until then; of a clock that was reset: now')
    .option('--replaces <correction>', 'a correction that holds, whose place it takes')
    .option('--drift <length>', 'added for each day since --from: 4s')
    .option('--withdraw <correction>', 'take a correction back instead')
    .option('--note <why>', 'why, in a sentence')
    .option('--dry-run', 'say only what it would do')
    .description('how far the clock of a device is off, and its corrections; with --offset, --said or --withdraw, change them')
    .action(changeClock)
}

async function changeMapping(device: string, { channel, unit, zone, time, clear, note, ...settings }: MappingOptions): Promise<void> {
  const server = serverOf(settings)
  const address = addressOf(device, 'mapping')
  const now = await server.get<MappingPage>(address)
  const noTime = !time
  if (channel.length === 0 && unit.length === 0 && zone === undefined && !noTime && !clear) return showMapping(now)
  const before = clear ? {} : (now.versions[0]?.mapping ?? {})
  const channels = { ...before.channels, ...Object.fromEntries(channel) }
  const units = { ...before.units, ...Object.fromEntries(unit) }
  const body = {
    ...before,
    ...(Object.keys(channels).length > 0 && { channels }),
    ...(Object.keys(units).length > 0 && { units }),
    ...(zone !== undefined && { zone }),
    ...(noTime && { noTime }),
    ...{ basedOn: now.versions[0]?.version ?? 0, reason: noteOf(note, device) },
  }
  const { version, by } = await server.send<MappingWritten>('PUT', address, body)
  print(`version ${version} of the mapping of ${device} holds, by ${by}; gaugekeeper quarantine repair --device ${device} tries what waits`)
}

function showMapping({ device, file, holds, versions }: MappingPage): void {
  for (const [name, series] of Object.entries(holds.channels)) print(`channel   ${name} = ${series}`)
  for (const [parameter, unit] of Object.entries(holds.units)) print(`unit      ${parameter} = ${unit}`)
  print(`zone      ${holds.zone ?? 'none: times carry their offset'}${holds.noTime ? '; it may send no time' : ''}`)
  if (file !== null) print(`file      ${file}; what it declares wins`)
  for (const { version, at, by, reason } of versions) print(`version   ${version} of ${device} at ${iso(at)} by ${by}: ${reason}`)
}

async function changeClock(device: string, { withdraw, note, dryRun = false, ...wish }: ClockOptions): Promise<void> {
  const { from, to, drift, offset, said, when, receivedFrom, receivedTo, replaces, ...settings } = wish
  const server = serverOf(settings)
  const address = addressOf(device, 'clock')
  if ((withdraw ?? offset ?? said ?? when) === undefined) return showClock(await server.get<ClockPage>(address))
  if (offset !== undefined && from === undefined)
    throw new CommandError('config-invalid', 'reading --offset: --from says since when, in the own time of the device', 2)
  const way = withdraw === undefined ? 'corrections' : `corrections/${encodeURIComponent(withdraw)}/withdraw`
  const showed = { offset, said, when, driftPerDay: drift }
  const declared = withdraw === undefined ? { from, to, ...showed, receivedFrom, receivedTo, replaces } : {}
  const { state, id, readings, preview } = await server.send<AmendedNote>('POST', `${address}/${way}`, {
    ...declared,
    ...{ dryRun, reason: noteOf(note, device) },
  })
  print(
    `${readings} stored readings ${dryRun ? 'would move' : 'move'}${id === null ? '' : `; correction ${id}`}${state === 'waiting' ? waits : ''}`,
  )
  for (const { series, observedAt, becomes } of preview) print(`  ${series}  ${iso(observedAt)} -> ${iso(becomes.observedAt)}`)
  if (!dryRun) print(`gaugekeeper quarantine repair --device ${device} tries what waits in quarantine`)
}

const waits = '; it is on disk and waits for the store, which takes it when it can: do not ask again'

function showClock({ clock, corrections }: ClockPage): void {
  print(clock.says.en)
  for (const { reason, entries, values } of clock.quarantined) print(`quarantine ${reason}: ${entries} entries, ${values} values`)
  for (const { id, kind, at, by, reason, from, to, offsetMs, received, refused } of corrections) {
    const came = received === undefined ? '' : `, for what came from ${iso(received.from)} to ${iso(received.to)}`
    const span = from === undefined ? '' : ` from ${iso(from)} to ${to == null ? 'now on' : iso(to)}, ${(offsetMs ?? 0) / 1000} s${came}`
    print(`${kind}  ${id}${span}; at ${iso(at)} by ${by}: ${reason}${refused === undefined ? '' : `; changed nothing: ${refused}`}`)
  }
}

const serverOf = (settings: SettingOptions): ApiClient => localServer(settingsOf(settings).config.server.data)
const addressOf = (device: string, what: string): string => `/api/v1/devices/${encodeURIComponent(device)}/${what}`

function noteOf(note: string | undefined, device: string): string {
  if (note !== undefined) return note
  throw new CommandError('config-invalid', `changing ${device}: --note says why, in a sentence; it is kept with the change`, 2)
}
