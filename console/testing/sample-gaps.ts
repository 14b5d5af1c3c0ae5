import type { CompletenessPage, GapList, GapNote } from '../../api/schemas/continuity.ts'
import { hour, sampleNow } from './sketches.ts'

/** A gap of the level at Qingxi that was asked for and closed, and one of Mill Lane that lasts. */
export function gapList(station: string, state: string | undefined, readingBack: boolean): GapList {
  const series = `${station}/water_level/1`
  const gap = (changes: Partial<GapNote>): GapNote => ({
    ...{ id: `${series}~1`, series, device: `rtu-${station}`, run: 'demo', from: sampleNow - 9 * hour, to: sampleNow - 6 * hour },
    ...{ cause: 'never-arrived', state: 'closed', missing: 0, arrived: 36, arrivedAt: sampleNow - 5 * hour },
    ...{ openedAt: sampleNow - 8 * hour, endedAt: sampleNow - 5 * hour },
    request: { at: sampleNow - 6 * hour, tries: 2, outcome: 'done', detail: 'sent 36 again' },
    ...changes,
  })
  const lasting = gap({
    ...{ id: `${series}~2`, from: sampleNow - 2 * hour, to: null, cause: 'device-off', state: 'open', missing: 23, arrived: 0 },
    ...{ arrivedAt: null, endedAt: null, request: null },
  })
  const gaps = station === 'qingxi' ? [gap({})] : station === 'mill-lane' ? [lasting] : []
  return { gaps: gaps.filter((one) => state === undefined || one.state === state), readingBack }
}

/** All hours and days are whole, but the last three. */
export function completeness(station: string, size: '1h' | '1d', from: number, to: number): CompletenessPage {
  const length = size === '1h' ? hour : 24 * hour
  const windows = Array.from({ length: Math.floor((to - from) / length) }, (_, i) => {
    const end = to - i * length
    return { start: end - length, end, n: i < 3 ? 4 : 12, completeness: i < 3 ? 0.33 : 1 }
  })
  return { from, to, size, completeness: 0.95, series: [{ series: `${station}/water_level/1`, completeness: 0.95, windows }] }
}
