import type { PageContext } from './context.ts'

type Unit = 'count' | 'ratio' | 'minutes' | 'seconds' | 'rate'

/** Units of the figures of a score, in the order of the command line's table. */
export const figureUnits: Readonly<Record<string, Unit>> = {
  ...{ expected: 'count', lost: 'count', wrong: 'count', doubled: 'count', leaked: 'count' },
  ...{ events: 'count', hits: 'count', misses: 'count', false: 'count', detection: 'ratio', 'false-ratio': 'ratio', csi: 'ratio' },
  ...{ lead: 'minutes', 'false-rate': 'rate', evidence: 'minutes', notify: 'minutes', 'notify-90': 'minutes', server: 'seconds' },
  level: 'ratio',
  ...{ silences: 'count', 'silence-detection': 'ratio', 'silence-false-ratio': 'ratio', recall: 'ratio', precision: 'ratio' },
  ...{ crossings: 'count', 'forecast-detection': 'ratio', 'forecast-false-ratio': 'ratio', 'forecast-lead': 'minutes' },
  ...{ forecasts: 'count', uncrossed: 'count', coverage: 'ratio' },
}

/** With the digits of the command line: a count grouped by thousands, a share with three decimals; `–` = there was nothing to measure. */
export function figureText(value: number | null, unit: Unit, { t }: Pick<PageContext, 't'>): string {
  if (value === null) return '–'
  if (unit === 'count') return counted(value)
  if (unit === 'ratio') return value.toFixed(3)
  if (unit === 'minutes') return t.simulator.minutes(value.toFixed(1))
  return unit === 'seconds' ? t.simulator.seconds(value.toFixed(1)) : value.toFixed(1)
}

/** Of milliseconds, with one decimal. */
export const minutesText = (ms: number | null | undefined, page: Pick<PageContext, 't'>): string =>
  figureText(ms == null ? null : ms / 60_000, 'minutes', page)

export const counted = (value: number): string => value.toLocaleString('en-GB')

/** A name by its key, or the key where there is none. */
export const named = (names: Readonly<Record<string, string>>, key: string): string => names[key] ?? key

export const ruleName = (rule: string, { t }: PageContext): string => named(t.simulator.rule, rule)
export const faultName = (type: string, { t }: PageContext): string => named(t.simulator.fault, type)
