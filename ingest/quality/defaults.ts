import type { Sensor } from '../../domain/network.ts'
import { parameterKind } from '../../domain/parameter-kinds.ts'
import { grossRangeFor } from '../../domain/parameters.ts'
import type { FlatLineLimits } from './flat-line.ts'
import type { GrossRangeLimits, Span } from './gross-range.ts'
import { kindLimits, parameterLimits, type KindLimits, type Spans } from './limits-table.ts'
import type { RateOfChangeLimits } from './rate-of-change.ts'
import type { SpikeLimits } from './spike.ts'

/** What one series is judged by; null = the test is off for it. */
export interface SeriesLimits {
  gross_range: GrossRangeLimits | null
  spike: SpikeLimits | null
  rate_of_change: RateOfChangeLimits | null
  flat_line: FlatLineLimits | null
  /** More time than this between two readings is a gap: nothing is compared over it. */
  gapMs: number
}

const hourMs = 3_600_000
/** Without an interval of its own a series counts anything above this as a gap. */
const irregularGapMs = 6 * hourMs
/** Missing readings may stretch a flat line's window to so much of its longest threshold. */
const horizonFactor = 1.5
/** A window holds at most about so many readings, which bounds what is read back at a start. */
const mostReadings = 10_000

/**
 * The limits of one series: its kind's defaults, the site's own `range` before them, the catalogue's gross range where neither says
 * more. A suspect span is cut to the fail span. Pure; the same sensor gives the same limits.
 */
export function limitsOf(sensor: Sensor): SeriesLimits {
  const { key } = sensor.parameter
  const limits = { ...kindLimits[parameterKind(key)], ...parameterLimits.get(key) }
  return {
    gross_range: grossRangeOf(sensor, limits),
    spike: limits.spike,
    rate_of_change: limits.rateOfChange,
    flat_line: flatLineOf(limits, sensor.everyMs),
    gapMs: sensor.everyMs === null ? irregularGapMs : sensor.everyMs * limits.gapFactor,
  }
}

function grossRangeOf(sensor: Sensor, limits: KindLimits): GrossRangeLimits | null {
  const usual = spansOf(sensor, limits)
  const fail = sensor.range.fail ?? usual.fail
  const suspect = within(sensor.range.suspect ?? usual.suspect, fail)
  return isOpen(fail) && isOpen(suspect) ? null : { fail, suspect }
}

function spansOf(sensor: Sensor, limits: KindLimits): Spans {
  const { min, max } = grossRangeFor(sensor.parameter, sensor.everyMs)
  if (sensor.parameter.key === 'rainfall') return rainSpans(sensor.everyMs, max)
  return limits.spans ?? { fail: [min, max], suspect: null }
}

/** 40 mm and 15 mm in 5 min, in proportion to the interval, and never above what the catalogue takes for possible in it. */
function rainSpans(everyMs: number | null, possible: number | null): Spans {
  const fives = Math.max(1, (everyMs ?? hourMs) / 300_000)
  const most = possible ?? Infinity
  return { fail: [0, Math.min(40 * fives, most)], suspect: [0, Math.min(15 * fives, most)] }
}

function within(suspect: Span | null, fail: Span | null): Span | null {
  if (suspect === null || fail === null) return suspect
  const min = Math.max(suspect[0] ?? -Infinity, fail[0] ?? -Infinity)
  const max = Math.min(suspect[1] ?? Infinity, fail[1] ?? Infinity)
  return min > max ? null : [Number.isFinite(min) ? min : null, Number.isFinite(max) ? max : null]
}

function isOpen(span: Span | null): boolean {
  return span === null || (span[0] === null && span[1] === null)
}

function flatLineOf({ flatLine }: KindLimits, everyMs: number | null): FlatLineLimits | null {
  if (flatLine === null) return null
  const { suspectHours, failHours, tolerance, offAt } = flatLine
  const failMs = failHours * hourMs
  const longest = everyMs === null ? Infinity : everyMs * mostReadings
  return { suspectMs: suspectHours * hourMs, failMs, tolerance, offAt, horizonMs: Math.min(horizonFactor * failMs, longest) }
}
