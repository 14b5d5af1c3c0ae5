import type { Decoded } from '../../../domain/codec.ts'
import type { Reading } from '../../../domain/reading.ts'

/** What was decoded, a line a reading, short enough to be checked by eye: `2026-08-01T08:58:57+08:00 cod mean 1h = 22.1 mg/L N`. */
export function readingLines({ groups, rejections }: Decoded): string[] {
  const lines = groups.flatMap(({ at, readings, housekeeping = [] }) => [
    ...readings.map((reading) => `${timeText(at)} ${text(reading)}`),
    ...housekeeping.map((reading) => `${timeText(at)} (${text(reading)})`),
  ])
  return [...lines, ...rejections.map(({ reason, values, detail }) => `refused ${values}: ${reason}, ${detail}`)]
}

const timeText = (at: number | null): string =>
  at === null ? 'at arrival' : `${new Date(at + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`

function text({ name, value, unit, sourceQuality, sampling }: Reading): string {
  const minutes = (sampling?.longestMs ?? 0) / 60_000
  const period = minutes === 0 ? '' : minutes < 60 ? ' minutes' : minutes === 60 ? ' hour' : ' day'
  const shown = sampling === undefined ? name : `${name} ${sampling.statistic}${period}`
  return [shown, '=', value === null ? 'missing' : String(value), unit ?? '', sourceQuality ?? ''].filter((part) => part !== '').join(' ')
}
