import type { Command } from 'commander'
import { localServer } from './client.ts'
import { addDeviceCommand } from './device-command.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface DeviceRow {
  id: string
  protocol: string
  stations: string[]
  counts: { received: number; stored: number; versions: number; duplicate: number; quarantined: number }
}

/** `gaugekeeper devices list|secret|command` */
export function addDevices(program: Command): void {
  const devices = program.command('devices').description('devices of the running server')
  withSettings(devices.command('list').description('each device with what it sent').option('--json', 'one JSON document')).action(
    async (options: SettingOptions & { json?: boolean }) => {
      const { devices: rows } = await localServer(settingsOf(options).config.server.data).get<{ devices: DeviceRow[] }>('/api/v1/devices')
      if (options.json) return void process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`)
      for (const { id, protocol, stations, counts } of rows)
        process.stdout.write(
          `${id}  ${protocol}  ${stations.join(',')}  received ${counts.received} = stored ${counts.stored} + versions ${counts.versions} + duplicate ${counts.duplicate} + quarantined ${counts.quarantined}\n`,
        )
    },
  )
  withSettings(
    devices
      .command('secret')
      .argument('<device>', 'device id, as in the network file')
      .description('make a new secret for a device and show it, once; the old one ends'),
  ).action(async (device: string, options: SettingOptions) => {
    const { secret } = await localServer(settingsOf(options).config.server.data).send<{ secret: string }>(
      'POST',
      `/api/v1/devices/${encodeURIComponent(device)}/secret`,
      {},
    )
    process.stdout.write(`${secret}\n`)
  })
  addDeviceCommand(devices)
}
