import type { Command } from 'commander'
import { storeDifferences, type DiffSide, type ComparedWarning, type StoreDifference } from '../diff/diff.ts'
import { serverToRead, type ChosenServer } from './chosen-server.ts'
import type { StoredValue } from './stored-values.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface DiffOptions extends Omit<SettingOptions, 'data'> {
  network?: string
  keyFile?: string
  insecure?: boolean
  json?: boolean
}

/** `gaugekeeper diff <a> <b>` */
export function addDiff(program: Command): void {
  withSettings(program.command('diff').argument('<a>', 'a data folder, or the address of a server').argument('<b>', 'another one'))
    .description('each reading and each warning that two systems do not have alike; exit 5 when there are any')
    .option('--network <id>', 'only of this network')
    .option('--key-file <file>', 'key of a server at an address (default: GAUGEKEEPER_API_KEY)')
    .option('--insecure', 'send the key without TLS to an http:// address that is not of this machine')
    .option('--json', 'a JSON line each')
    .action(diffCommand)
}

async function diffCommand(a: string, b: string, options: DiffOptions): Promise<void> {
  const sideOf = ({ client }: ChosenServer): DiffSide => ({ client, network: options.network ?? null })
  const left = await opened(a, options)
  try {
    const right = await opened(b, options)
    try {
      const counts = { reading: 0, warning: 0 }
      for await (const one of storeDifferences(sideOf(left), sideOf(right))) {
        counts[one.kind] += 1
        process.stdout.write(`${options.json ? JSON.stringify(one) : lineOf(one)}\n`)
      }
      process.stderr.write(`${counts.reading} readings and ${counts.warning} warnings differ\n`)
      if (counts.reading + counts.warning > 0) process.exitCode = 5
    } finally {
      await right.close()
    }
  } finally {
    await left.close()
  }
}

function opened(place: string, { keyFile, insecure = false, ...options }: DiffOptions): Promise<ChosenServer> {
  const isAddress = /^https?:\/\//.test(place)
  const { config } = settingsOf(isAddress ? options : { ...options, data: place })
  return serverToRead({ ...(isAddress && { url: place }), ...(keyFile !== undefined && { keyFile }), insecure }, config)
}

/** `-` only in the first, `+` only in the second, `~` in both, not alike. */
function lineOf(one: StoreDifference): string {
  const sign = one.b === null ? '-' : one.a === null ? '+' : '~'
  if (one.kind === 'reading') {
    const known = one.a ?? one.b
    const head = `${sign} ${known?.series} ${new Date(known?.observedAt ?? NaN).toISOString()}`
    return `${head}  ${[one.a, one.b].flatMap((side) => (side ? [valueWords(side)] : [])).join(' -> ')}`
  }
  return `${sign} warning ${(one.a ?? one.b)?.id}  ${[one.a, one.b].flatMap((side) => (side ? [warningWords(side)] : [])).join(' -> ')}`
}

const valueWords = ({ value, flag, tests }: StoredValue): string => `${value ?? 'missing'} flag ${flag}${tests === '' ? '' : ` (${tests})`}`

function warningWords({ level, state, raisedAt, endedAt, blind, retrospective }: ComparedWarning): string {
  const time = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString())
  return `${level} ${state} ${time(raisedAt)} to ${time(endedAt)}${blind ? ' blind' : ''}${retrospective ? ' retrospective' : ''}`
}
