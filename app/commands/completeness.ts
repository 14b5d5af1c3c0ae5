import { InvalidArgumentError, type Command } from 'commander'
import type { CompletenessPage, GapList } from '../../api/schemas/continuity.ts'
import { localServer } from './client.ts'
import { settingsOf, withSettings, type SettingOptions } from './settings.ts'

interface CompletenessOptions extends SettingOptions {
  station?: string
  size: string
  from?: string
  to?: string
  below?: number
  json?: boolean
}

/** `gaugekeeper doctor completeness` */
export function addCompleteness(doctor: Command): void {
  withSettings(
    doctor
      .command('completeness')
      .description('what came of what should have, by series, with the gaps that are open; exit 5 when a series lies below a bound')
      .option('--station <id>', 'only of this station')
      .option('--size <window>', '1h or 1d', '1h')
      .option('--from <time>', 'begin, ISO 8601 with an offset (default: a day before the end)')
      .option('--to <time>', 'end, exclusive (default: now; of a run its clock)')
      .option('--below <ratio>', 'the least completeness of a series, 0 to 1', ratio)
      .option('--json', 'one JSON document'),
  ).action(async ({ station, size, from, to, below = 0, json, ...settings }: CompletenessOptions) => {
    const server = localServer(settingsOf(settings).config.server.data)
    const query = new URLSearchParams(Object.entries({ station, from, to }).flatMap(([key, value]) => (value ? [[key, value]] : [])))
    const page = await server.get<CompletenessPage>(`/api/v1/completeness?${query}&size=${size}`)
    const list = await server.get<GapList>(`/api/v1/gaps?${query}&state=open`)
    if (json) process.stdout.write(`${JSON.stringify({ ...page, ...list }, null, 2)}\n`)
    else process.stdout.write(linesOf(page, list).join(''))
    if (page.series.some(({ completeness }) => completeness !== null && completeness < below)) process.exitCode = 5
  })
}

function linesOf({ completeness, series }: CompletenessPage, { gaps, readingBack }: GapList): string[] {
  const time = (at: number | null): string => (at === null ? 'now' : `${new Date(at).toISOString().slice(0, 16)}Z`)
  return [
    ...series.map((one) => `${percent(one.completeness)}  ${one.series}\n`),
    ...gaps.map((gap) => `gap  ${gap.series}  ${time(gap.from)} to ${time(gap.to)}  ${gap.cause}, ${gap.missing} missing, ${asked(gap)}\n`),
    `${percent(completeness)}  all ${series.length} series, ${gaps.length} open gaps\n`,
    ...(readingBack ? ['the server was just started and still reads back what is stored: more gaps may follow\n'] : []),
  ]
}

const percent = (completeness: number | null): string =>
  completeness === null ? '   –   ' : `${(completeness * 100).toFixed(1).padStart(5)} %`

const asked = ({ request }: GapList['gaps'][number]): string => (request === null ? 'not asked for' : `asked for: ${request.outcome}`)

function ratio(text: string): number {
  const value = Number(text)
  if (!(value >= 0 && value <= 1)) throw new InvalidArgumentError('write a number from 0 to 1, such as 0.95')
  return value
}
