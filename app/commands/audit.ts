import type { Command } from 'commander'
import type { AuditEntry } from '../../domain/audit.ts'
import { localServer } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

/** `gaugekeeper audit`: who did what, and what was refused; newest first. */
export function addAudit(program: Command): void {
  withSettings(program.command('audit').description('who did what, and what was refused; newest first'))
    .option('--limit <n>', 'so many entries, at most 1000', '100')
    .option('--json', 'one JSON document')
    .action(async (options: SettingOptions & { limit: string; json?: boolean }) => {
      const client = localServer(settingsOf(options).config.server.data)
      const { entries } = await client.get<{ entries: AuditEntry[] }>(`/api/v1/audit?limit=${encodeURIComponent(options.limit)}`)
      if (options.json) return void process.stdout.write(`${JSON.stringify(entries, null, 2)}\n`)
      for (const entry of entries) process.stdout.write(`${lineOf(entry)}\n`)
    })
}

/** Text from outside cannot write a line of its own: everything but printable characters is shown as `?`. */
function lineOf({ at, count, action, outcome, who, target, address, reason, detail }: AuditEntry): string {
  const times = count > 1 ? ` ${count} times` : ''
  const parts = [
    new Date(at).toISOString(),
    outcome,
    action,
    target,
    `by ${who ?? 'nobody known'}`,
    `from ${address ?? 'here'}${times}`,
    reason,
    detail,
  ]
  return parts
    .filter((part) => part !== null && part !== '')
    .join('  ')
    .replace(/[^\P{C}]/gu, '?')
}
