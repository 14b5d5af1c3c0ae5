import type { Command } from '../../domain/command.ts'
import { isMomentary, type Statistic } from '../../domain/sampling.ts'
import { formatDuration } from '../../domain/time.ts'
import { writeTime } from './frame.ts'
import { requestForms } from './request-forms.ts'
import type { Order } from './requests.ts'

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]

/** What a request needs to know of its station. */
export interface OrderContext {
  /** Epoch ms. */
  now: number
  /** Codes of what the station measures. */
  codes: readonly string[]
}

/**
 * The requests that carry out a command, in order; or why the protocol cannot. A range is asked for as minute (2051), hour (2061) or day data
 * (2031), by the interval of the series; both ends of it are inclusive on the wire, to the second. They bring statistics of periods (2017
 * table 9): a series of moments cannot be asked for, nor one of a period that has no command.
 */
export function ordersFor(command: Command, { now, codes }: OrderContext): Order[] | string {
  if (command.kind === 'sync-clock') return [{ cn: '1012', area: `SystemTime=${writeTime(now)}` }]
  if (command.kind === 'sample-now')
    return codes.length === 0
      ? 'the station measures nothing that the standard has a code for'
      : codes.map((code) => ({ cn: '3012', area: `PolId=${code}` }))
  if (command.kind === 'set-interval') return intervalOrder(command.everyMs)
  if (command.kind === 'request') {
    const given = command.code === '1012' ? { SystemTime: writeTime(now), ...command.fields } : command.fields
    const order = orderFrom(command.code, given)
    return typeof order === 'string' ? order : [order]
  }
  const last = Math.floor((command.to - 1) / second) * second
  if (last < command.from) return 'the range is empty'
  const lacking = command.statistic === undefined ? null : lackingFor(command.statistic, command.everyMs)
  if (lacking !== null) return lacking
  return [{ cn: historyOf(command.everyMs), area: `BeginTime=${writeTime(command.from)};EndTime=${writeTime(last)}` }]
}

function historyOf(everyMs: number | null): string {
  if (everyMs === null) return '2061'
  if (everyMs >= day) return '2031'
  return everyMs >= hour ? '2061' : '2051'
}

/** Why no history fills a series; null where one does. */
function lackingFor(statistic: Statistic, everyMs: number | null): string | null {
  if (isMomentary(statistic)) return 'HJ 212 has no history of real-time values; 2051, 2061 and 2031 bring means, extremes and totals'
  const isKept = everyMs === null || everyMs === day || everyMs === hour || (everyMs >= minute && everyMs <= 30 * minute)
  return isKept ? null : `HJ 212 has no history of ${formatDuration(everyMs)}: 1 to 30 min (2051), 1 h (2061), 1 d (2031)`
}

/** RtdInterval, 30 to 3600 s (2017 table 9). */
function intervalOrder(everyMs: number): Order[] | string {
  const fits = everyMs >= 30 * second && everyMs <= hour && everyMs % second === 0
  if (!fits) return `an interval of ${formatDuration(everyMs)} is none of HJ 212: whole seconds, 30 s to 1 h`
  return [{ cn: '1062', area: `RtdInterval=${everyMs / second}` }]
}

/** A request in the standard's own words, once its fields were found to be right; else what is wrong, as a sentence. */
export function orderFrom(code: string, fields: Readonly<Record<string, string>>): Order | string {
  const form = requestForms.get(code)
  if (form === undefined) return `CN ${code} is no request that is sent; known: ${[...requestForms.keys()].join(', ')}`
  const known = form.fields.map(({ name }) => name)
  const strange = Object.keys(fields).find((name) => !known.includes(name))
  if (strange !== undefined)
    return `CN ${code} (${form.meaning}) has no field ${strange}${known.length === 0 ? '; it has none' : `; it has ${known.join(', ')}`}`
  const parts: string[] = []
  for (const { name, fits, says, isOptional } of form.fields) {
    const value = fields[name]
    if (value === undefined && isOptional === true) continue
    if (value === undefined) return `CN ${code} (${form.meaning}) needs ${name}: ${says}`
    if (!fits(value)) return `${name} does not fit: ${says}`
    parts.push(`${name}=${value}`)
  }
  return { cn: code, area: parts.join(';'), ends: form.isNotice === true ? 'notice' : 'result' }
}
