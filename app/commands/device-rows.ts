import { parse } from 'csv-parse/sync'
import { hint } from '../../domain/nearest.ts'
import { CommandError } from '../errors.ts'

const columns = ['device', 'stations', 'protocol', 'channels', 'mn', 'address', 'addresses', 'secret'] as const

/**
 * The devices of a CSV file with a header line, for POST /api/v1/devices, each with its line number. Lists are separated by `;` or blanks:
 * `gauge-1;gauge-2`, `ch1=gauge-1/water_level`. Empty cells are left out. Throws CommandError (exit 2) when the file is no such CSV; what
 * is wrong with a device is for the server to say.
 */
export function deviceRows(text: string, file: string): { rows: Record<string, unknown>[]; lines: number[] } {
  const records = recordsOf(text, file)
  const rows = records.map(({ record }) => rowOf(record))
  if (rows.length === 0) throw refused(file, 'there is no line below the header')
  return { rows, lines: records.map(({ info }) => info.lines) }
}

interface Numbered {
  record: Partial<Record<(typeof columns)[number], string>>
  info: { lines: number }
}

function recordsOf(text: string, file: string): Numbered[] {
  const header = (names: string[]): string[] => {
    for (const name of names)
      if (!(columns as readonly string[]).includes(name))
        throw refused(file, `there is no column "${name}"${hint(name, columns)}; known: ${columns.join(', ')}`)
    if (!names.includes('device')) throw refused(file, 'the column device is missing')
    return names
  }
  try {
    return parse(text, { columns: header, bom: true, trim: true, skip_empty_lines: true, info: true }) as unknown as Numbered[]
  } catch (cause) {
    throw cause instanceof CommandError ? cause : refused(file, cause instanceof Error ? cause.message : String(cause))
  }
}

function rowOf(record: Numbered['record']): Record<string, unknown> {
  const { device = '', stations = '', protocol = '', channels = '', mn = '', address = '', addresses = '', secret = '' } = record
  return {
    id: device,
    ...(stations !== '' && { stations: listOf(stations) }),
    ...(protocol !== '' && { protocol }),
    ...(channels !== '' && { channels: Object.fromEntries(listOf(channels).map(pairOf)) }),
    ...(mn !== '' && { hj212: { mn } }),
    ...(address !== '' && { [protocol === 'szy206' ? 'szy206' : 'sl651']: { address } }),
    ...(addresses !== '' && { addresses: listOf(addresses) }),
    ...(secret !== '' && { secret }),
  }
}

const listOf = (text: string): string[] => text.split(/[;\s]+/).filter((item) => item !== '')

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=')
  return [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
}

const refused = (file: string, why: string): CommandError => new CommandError('import-refused', `reading ${file}: ${why}`, 2)
