import type { Gap } from '../../domain/gap.ts'
import type { StoredRow } from '../../store/ports/ledger.ts'

/** A gap with what has to be known to close it. */
export interface OpenGap extends Gap {
  /** Stretches that are missing still, between two readings each. */
  pieces: [from: number, to: number][]
  /** Deliveries of the readings before and behind it. */
  between: [number, number | null]
  /** When its end came in. */
  endKnownAt: number | null
}

/** A series that has an interval. */
export interface RegularSeries {
  everyMs: number
  /** Its newest reading, and the delivery that brought it. */
  newest: number
  delivery: number
  device: StoredRow['device']
  run: StoredRow['run']
  open: OpenGap[]
}

/** Behind a reading the next one is missing from 1.5 intervals on; without a next one, from 3 intervals on. */
const [within, lasting] = [1.5, 3]

/** A reading behind all others. Returns the gap that it ends, begun before or found by it; one that misses nothing, as it only came late, is closed. */
export function goOn(series: RegularSeries, row: StoredRow, clock: number): OpenGap | null {
  const { everyMs, newest } = series
  const known = series.open.find(({ to }) => to === null)
  const gap = known ?? (row.observedAt - newest > within * everyMs ? gapAfter(series, row, newest + lasting * everyMs) : null)
  if (gap !== null) {
    Object.assign(gap, { to: row.observedAt, endKnownAt: clock, between: [gap.between[0], row.delivery] })
    gap.pieces = row.observedAt - gap.from > within * everyMs ? [[gap.from, row.observedAt]] : []
    gap.missing = missingIn(gap, everyMs)
    if (gap.pieces.length === 0) end(gap, 'closed', clock)
  }
  Object.assign(series, { newest: row.observedAt, delivery: row.delivery, device: row.device })
  return gap
}

/** A reading before the newest one. Returns the gap that it lies in; one that misses nothing any more is closed. */
export function fillIn(series: RegularSeries, row: StoredRow, clock: number): OpenGap | null {
  const { observedAt } = row
  for (const gap of series.open) {
    const place = gap.pieces.findIndex(([from, to]) => from < observedAt && observedAt < to)
    const [from, to] = gap.pieces[place] ?? []
    if (from === undefined || to === undefined) continue
    const rest = [pair(from, observedAt), pair(observedAt, to)].filter(([begin, end]) => end - begin > within * series.everyMs)
    gap.pieces.splice(place, 1, ...rest)
    Object.assign(gap, { arrived: gap.arrived + 1, arrivedAt: clock, missing: missingIn(gap, series.everyMs) })
    if (row.run === null && row.receivedAt <= gap.openedAt) gap.cause = 'store-late'
    if (gap.pieces.length === 0) end(gap, 'closed', clock)
    return gap
  }
  return null
}

/** The clock has moved. Returns the gap that begins because nothing came for too long. */
export function waitFor(series: RegularSeries, row: Pick<StoredRow, 'series'>, clock: number): OpenGap | null {
  const due = series.newest + lasting * series.everyMs
  if (clock <= due || series.open.some(({ to }) => to === null)) return null
  return gapAfter(series, row, due)
}

export function end(gap: OpenGap, state: 'closed' | 'given-up', clock: number): void {
  Object.assign(gap, { state, endedAt: clock })
}

function gapAfter(
  { newest, delivery, device, run, everyMs }: RegularSeries,
  { series }: Pick<StoredRow, 'series'>,
  openedAt: number,
): OpenGap {
  return {
    ...{ id: `${series}~${newest}`, series, device, run, from: newest, to: null, cause: 'device-off', state: 'open' },
    ...{ missing: Math.round((openedAt - newest) / everyMs), arrived: 0, arrivedAt: null, openedAt, endedAt: null, request: null },
    ...{ pieces: [], between: [delivery, null], endKnownAt: null },
  }
}

function missingIn({ pieces }: OpenGap, everyMs: number): number {
  return pieces.reduce((sum, [from, to]) => sum + Math.round((to - from) / everyMs) - 1, 0)
}

const pair = (from: number, to: number): [number, number] => [from, to]
