import { Argument, InvalidArgumentError, type Command } from 'commander'
import type { CommandResult } from '../../domain/command.ts'
import { parseDuration, parseInstant } from '../../domain/time.ts'
import { asNamedValues, type NamedValue } from './arguments.ts'
import { localServer } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface Asked extends SettingOptions {
  from?: number
  to?: number
  every?: number
  code?: string
  field: NamedValue[]
}

/** `gaugekeeper devices command <device> <kind>`; what a kind needs is checked by the server. */
export function addDeviceCommand(devices: Command): void {
  withSettings(
    devices
      .command('command')
      .argument('<device>', 'device id, as in the network file')
      .addArgument(
        new Argument('<kind>', 'what it is asked for').choices(['resend', 'set-interval', 'sample-now', 'sync-clock', 'request']),
      )
      .option('--from <time>', 'resend: begin, ISO 8601 with an offset', instant)
      .option('--to <time>', 'resend: end, exclusive', instant)
      .option('--every <length>', "set-interval: the new interval, such as 5m; resend: which of a station's records", length)
      .option('--code <code>', 'request: CN of HJ 212 such as 1061, function code of SL 651 such as 45')
      .option('--field <name=value>', 'request: a field of it, such as RtdInterval=60; may be given several times', asNamedValues, [])
      .description('ask a device for something and wait for its answer; exit 1 unless it was done'),
  ).action(async (device: string, kind: string, { from, to, every, code, field, ...settings }: Asked) => {
    const everyMs = kind === 'resend' ? (every ?? null) : every
    const { outcome, detail } = await localServer(settingsOf(settings).config.server.data).send<CommandResult>(
      'POST',
      `/api/v1/devices/${encodeURIComponent(device)}/commands`,
      { kind, from, to, everyMs, ...(kind === 'request' && { code, fields: Object.fromEntries(field) }) },
    )
    process.stdout.write(`${outcome}: ${detail}\n`)
    if (outcome !== 'done') process.exitCode = 1
  })
}

function instant(text: string): number {
  const { at } = parseInstant(text)
  if (at === undefined) throw new InvalidArgumentError('write it as 2026-11-22T02:15:00+08:00')
  return at
}

function length(text: string): number {
  const ms = parseDuration(text)
  if (ms === null) throw new InvalidArgumentError('write it as 5m or 1h')
  return ms
}
