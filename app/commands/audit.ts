import { once } from 'node:events'
import { InvalidArgumentError, Option, type Command } from 'commander'
import type { AuditEntry, AuditPage } from '../../domain/audit.ts'
import { asInstant } from './arguments.ts'
import { localServer, type ApiClient } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

const filters = ['from', 'to', 'who', 'action', 'target', 'address', 'outcome', 'reason'] as const

interface AuditOptions extends SettingOptions, Partial<Record<(typeof filters)[number], string | number>> {
  limit: number
  cursor?: string | undefined
  json?: boolean
}

/** `gaugekeeper audit`: who did what, and what was refused; newest first. */
export function addAudit(program: Command): void {
  withSettings(program.command('audit').description('who did what, and what was refused; newest first'))
    .option('--from <time>', 'only at or after this time, ISO 8601 with an offset', asInstant)
    .option('--to <time>', 'only before this time', asInstant)
    .option('--who <name>', 'only of this person, device, "key NAME" or "command line"')
    .option('--action <name>', 'only this action, as it stands in the log, such as deviceSecret or mqtt-refused')
    .option('--target <name>', 'only what was done to this: a device, a user, a run …')
    .option('--address <address>', 'only from this address')
    .addOption(new Option('--outcome <outcome>', 'only what was done, or refused').choices(['done', 'refused']))
    .option('--reason <reason>', 'only what was refused for this reason')
    .option('--limit <n>', 'so many entries; more than a page are fetched page by page', asCount, 100)
    .option('--cursor <place>', 'go on where an earlier answer ended')
    .option('--json', 'one JSON document')
    .action(async ({ limit, cursor, json, ...options }: AuditOptions) => {
      const client = localServer(settingsOf(options).config.server.data)
      const query = new URLSearchParams()
      for (const name of filters) if (options[name] !== undefined) query.set(name, String(options[name]))
      const next = await print(pagesOf(client, query, { limit, cursor }), json ? asJson : asLines)
      if (next !== null) process.stderr.write(`there may be older ones: the same with --cursor ${next}\n`)
    })
}

const pageAtMost = 1_000

/** Pages of the log until there are so many entries; one page is in memory at a time. */
async function* pagesOf(client: ApiClient, query: URLSearchParams, { limit, cursor }: Pick<AuditOptions, 'limit' | 'cursor'>) {
  let [left, next] = [limit, cursor ?? null]
  do {
    if (next !== null) query.set('cursor', next)
    query.set('limit', String(Math.min(left, pageAtMost)))
    const page = await client.get<AuditPage>(`/api/v1/audit?${query}`)
    yield page
    left -= page.entries.length
    next = page.next
  } while (left > 0 && next !== null)
}

/** How entries are written: what stands before them all, between two, and behind. */
interface Form {
  before: string
  between: string
  after: string
  of: (entry: AuditEntry) => string
}
const asLines: Form = { before: '', between: '', after: '', of: (entry) => `${lineOf(entry)}\n` }
const asJson: Form = { before: '[', between: ',', after: '\n]\n', of: (entry) => `\n${JSON.stringify(entry)}` }

/** Writes entries as they come, no faster than they are taken. Returns where the next ones begin. */
async function print(pages: AsyncIterable<AuditPage>, { before, between, after, of }: Form): Promise<string | null> {
  let [written, last]: [number, string | null] = [0, null]
  await write(before)
  for await (const { entries, next } of pages) {
    await write(entries.map((entry, place) => (written + place === 0 ? '' : between) + of(entry)).join(''))
    written += entries.length
    last = next
  }
  await write(after)
  return last
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
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

function asCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('write a whole number above 0')
  return Number(text)
}
