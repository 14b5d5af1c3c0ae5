import type { Command } from 'commander'
import type { GivenUpNote } from '../../api/schemas/quarantine.ts'
import { CommandError } from '../errors.ts'
import { localServer, type ApiClient } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface Filter extends SettingOptions {
  device?: string
  reason?: string
  json?: boolean
}

interface CloseOptions extends Filter {
  note: string
  dryRun?: boolean
}

type Outcome = Record<'stored' | 'versions' | 'duplicate' | 'quarantined', number>

interface Trial {
  entry: number
  device: string
  reason: string
  outcome: Outcome
  observed: { from: number; to: number } | null
  refused: string | null
}

interface Ran {
  state: 'tried' | 'carried' | 'waiting'
  /** Their outcome is null while their order waits for the store. */
  entries: (Omit<Trial, 'outcome'> & { outcome: Outcome | null })[]
  takeable: number
  more: boolean
}

interface Listed {
  id: number
  device: string
  reason: string
  detail: string
  values: number
  receivedAt: number
  topic: string
  payload: { bytes: number; text: string | null; base64: string }
  repaired: { kind: 'run' | 'given-up'; by: string; at: number; reason: string; outcome: Trial['outcome'] } | null
}

const print = (line: string): void => void process.stdout.write(`${line}\n`)
const printJson = (answer: unknown): void => print(JSON.stringify(answer, null, 2))
const serverOf = (options: SettingOptions): ApiClient => localServer(settingsOf(options).config.server.data)

/** `gaugekeeper quarantine list|show|repair|run|close` */
export function addQuarantine(program: Command): void {
  const quarantine = program.command('quarantine').description('what was received and put aside, and running it again')
  const filtered = (command: Command): Command =>
    withSettings(
      command
        .option('--device <id>', 'only of this device')
        .option('--reason <reason>', 'only for this reason')
        .option('--json', 'one JSON document'),
    )
  filtered(quarantine.command('list').description('open entries, newest first; at most 500')).action(list)
  withSettings(quarantine.command('show').argument('<entry>').description('one entry, its bytes, and what it would become now')).action(
    show,
  )
  filtered(
    quarantine.command('repair').description('a dry run: what would become of the open entries with the settings as they are'),
  ).action((options: Filter) => run(options, 'trying what would become of it', true))
  filtered(quarantine.command('run').requiredOption('--note <why>', 'why, in a sentence').description('run them again')).action(
    (options: Filter & { note: string }) => run(options, options.note, false),
  )
  filtered(
    quarantine
      .command('close')
      .argument('[entries...]', 'numbers of entries')
      .requiredOption('--note <why>', 'why nobody wants them, in a sentence')
      .option('--dry-run', 'say only what would be closed')
      .description('close entries that are not wanted, by number or by --device and --reason; they stay counted as quarantined'),
  ).action(close)
}

async function list(options: Filter): Promise<void> {
  const asked = new URLSearchParams({ state: 'open', limit: '500' })
  if (options.device !== undefined) asked.set('device', options.device)
  if (options.reason !== undefined) asked.set('reason', options.reason)
  const { entries } = await serverOf(options).get<{ entries: Listed[] }>(`/api/v1/quarantine?${asked.toString()}`)
  if (options.json) return printJson(entries)
  for (const { id, device, reason, values, detail } of entries) print(`${id}  ${device}  ${reason}  ${values} values  ${detail}`)
}

async function show(entry: string, options: SettingOptions): Promise<void> {
  const found = await serverOf(options).get<{ entry: Listed; trial: Trial | null }>(`/api/v1/quarantine/${encodeURIComponent(entry)}`)
  const { id, device, reason, detail, receivedAt, topic, values, payload, repaired } = found.entry
  print(`entry     ${id} of ${device}, ${new Date(receivedAt).toISOString()}, ${topic}`)
  print(`reason    ${reason}: ${detail}`)
  print(`values    ${values}`)
  if (repaired !== null) {
    const how = repaired.kind === 'run' ? 'run again' : 'closed   '
    print(`${how} by ${repaired.by} at ${new Date(repaired.at).toISOString()}: ${repaired.reason}`)
    if (repaired.kind === 'run') print(`became    ${fates(repaired.outcome)}`)
  }
  if (found.trial !== null) print(`now       ${sentence(found.trial)}`)
  print(`bytes     ${payload.bytes}`)
  print(payload.text === null ? payload.base64 : JSON.stringify(payload.text))
}

async function run({ device, reason, json, ...settings }: Filter, note: string, dryRun: boolean): Promise<void> {
  const filter = { ...(device !== undefined && { device }), ...(reason !== undefined && { reason }) }
  const ran = await serverOf(settings).send<Ran>('POST', '/api/v1/quarantine/run', { ...filter, note, dryRun })
  if (json) return printJson(ran)
  for (const trial of ran.entries) print(`${trial.entry}  ${trial.device}  ${trial.reason}  ${sentence(trial)}`)
  print(`${ran.takeable} of ${ran.entries.length} ${became[ran.state]}${ran.more ? '; there are more, run it again' : ''}`)
}

async function close(entries: string[], { device, reason, note, dryRun = false, json, ...settings }: CloseOptions): Promise<void> {
  const ids = entries.map(Number)
  if (!ids.every((id) => Number.isInteger(id) && id > 0))
    throw new CommandError(
      'config-invalid',
      `closing ${entries.join(' ')}: an entry is named by its number, see gaugekeeper quarantine list`,
      2,
    )
  if (ids.length > 0 && (device ?? reason) !== undefined)
    throw new CommandError('config-invalid', 'closing entries: name them by number, or by --device and --reason, not both', 2)
  const body = { ...(ids.length > 0 && { ids }), ...(device !== undefined && { device }), ...(reason !== undefined && { reason }) }
  const closed = await serverOf(settings).send<GivenUpNote>('POST', '/api/v1/quarantine/close', { ...body, note, dryRun })
  if (json) return printJson(closed)
  const more = closed.more ? '; there are more, close again' : ''
  print(`${closing[closed.state]}: entries ${closed.entries}, values ${closed.values}${more}`)
}

const became = {
  tried: 'would be taken',
  carried: 'were taken',
  waiting: 'are on disk and wait for the store, which takes them when it can; do not run them again',
} as const

const closing = { tried: 'would close', carried: 'closed', waiting: 'on disk, closed when the store takes it' } as const

function sentence({ outcome, observed, refused }: Ran['entries'][number]): string {
  if (outcome === null) return 'waits for the store'
  const times = observed === null ? '' : `, of ${iso(observed.from)}${observed.to > observed.from ? ` to ${iso(observed.to)}` : ''}`
  return refused === null ? `${taken(outcome)}${times}` : `${fates(outcome)}${times}: ${refused}`
}

const iso = (at: number): string => new Date(at).toISOString()

const taken = ({ stored, versions, duplicate }: Outcome): string => `stored ${stored}, versions ${versions}, duplicate ${duplicate}`
const fates = (outcome: Outcome): string => `${taken(outcome)}, refused ${outcome.quarantined}`
