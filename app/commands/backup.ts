import path from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { restoreBackup } from '../backup/restore.ts'
import type { Manifest } from '../backup/manifest.ts'
import { takeBackup } from '../backup/take.ts'
import { realWorld } from '../clock.ts'
import { CommandError } from '../errors.ts'
import { readServerFile } from '../server-file.ts'
import type { BackupStep } from '../system/cli-routes.ts'
import type { IdleFolder } from '../system/idle-folder.ts'
import { version } from '../version.ts'
import { inFolder, mustBeDataFolder } from './in-folder.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

/** `gaugekeeper backup FOLDER` and `gaugekeeper restore FOLDER` */
export function addBackup(program: Command): void {
  withSettings(
    program
      .command('backup')
      .argument('<folder>', 'new folder that the backup is made in')
      .description('copy the data folder, whether or not its server runs: journal, store, sessions, with checksums'),
  ).action(async (folder: string, options: SettingOptions) => {
    const { config } = settingsOf(options)
    const to = path.resolve(folder)
    mustBeDataFolder(config.server.data)
    const manifest = await inFolder(config, {
      asked: async (client) => followed(await client.stream(`/cli/backup?${new URLSearchParams({ to }).toString()}`)),
      alone: (idle) => taken(idle, config.server.data, to),
    })
    report(folder, manifest)
  })
  withSettings(
    program
      .command('restore')
      .argument('<backup>', 'folder that `backup` made')
      .description('make the data folder from a backup, after its checksums were found right; the server must not run'),
  ).action(async (backup: string, options: SettingOptions) => {
    const { data } = settingsOf(options).config.server
    if (readServerFile(data)) throw new CommandError('backup-refused', `restoring into ${data}: its server runs; stop it first`, 1)
    report(data, await restoreBackup(backup, data))
    process.stderr.write('start it with: npx gaugekeeper serve\n')
  })
}

/** Copies a folder that no server has open. */
async function taken(folder: IdleFolder, data: string, to: string): Promise<Manifest> {
  const { journal, store } = folder
  const steps = takeBackup({ data, journal, store, sessions: folder, now: realWorld.now, release: version }, to)
  let step = await steps.next()
  for (; !step.done; step = await steps.next()) process.stderr.write(`${step.value} …\n`)
  return step.value
}

/** Tells each step on stderr; the manifest comes last. */
async function followed(body: AsyncIterable<Uint8Array>): Promise<Manifest> {
  for await (const line of createInterface({ input: Readable.from(body) })) {
    const step = JSON.parse(line) as BackupStep
    if ('failed' in step) throw new CommandError('backup-refused', step.failed, 1)
    if ('manifest' in step) return step.manifest
    process.stderr.write(`${step.step} …\n`)
  }
  throw new CommandError('server-unreachable', 'backing up: the server ended before it was done; look at its log', 4)
}

function report(place: string, { files, at, newest }: Manifest): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  process.stdout.write(
    `${place}: ${files.length} files, ${bytes} bytes, everything acknowledged before ${new Date(at).toISOString()} (delivery ${newest})\n`,
  )
}
