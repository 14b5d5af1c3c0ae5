import { flag } from '../../domain/flag.ts'
import type { Observation } from '../../domain/observation.ts'
import { parseLine, type ParsedLine } from './parse-line.ts'
import { measurements, seriesOfTags, stateColumns, stateOf } from './points.ts'

/** The state of an `observation` line as `observationLine` wrote it; null for a line that the server was right to refuse. */
export function readPoint(bytes: Uint8Array): Observation | null {
  const parsed = parsedOf(bytes)
  if (parsed?.measurement !== measurements.observation) return null
  const series = seriesOfTags(Object.fromEntries(parsed.tags))
  const observedAt = Number(parsed.time)
  if (series === null || parsed.time === '' || !Number.isSafeInteger(observedAt)) return null
  const fields = new Map(parsed.fields.map(([name, { value }]) => [name, value]))
  const { observation } = stateOf(series, [observedAt, ...stateColumns.map((name) => fields.get(name) ?? null)])
  return observation.value === null && observation.flag !== flag.missing ? null : observation
}

function parsedOf(bytes: Uint8Array): ParsedLine | null {
  try {
    return parseLine(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}
