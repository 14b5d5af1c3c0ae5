import type { Reading, ReadingGroup } from '../../domain/reading.ts'
import { codeOf, suffixOf } from './fields.ts'
import { writeTime, type Edition } from './frame.ts'

/**
 * A data area: the time, and each group's readings as one factor, so that `decodeFrame` of it gives the groups again. Names are parameter
 * keys that the standard has a code for, others stand as they are; values are in the unit that the standard says. A group of another
 * time than `at` says its own SampleTime. Times are cut to whole seconds. Housekeeping is equipment: `SB01-RS`.
 */
export function writeData(at: number, groups: readonly ReadingGroup[], edition: Edition = '2017'): string {
  return [`DataTime=${writeTime(at)}`, ...groups.flatMap((group) => writeGroup(at, group, edition))].join(';')
}

function writeGroup(at: number, group: ReadingGroup, edition: Edition): string[] {
  const equipment = (group.housekeeping ?? []).map(({ name, value }) => `${name}=${writeNumber(value)}`)
  const [first] = group.readings
  if (first === undefined) return equipment
  const code = codeOf(first.name, edition) ?? first.name
  const values = group.readings.map((reading) => `${code}-${suffixFor(reading)}=${writeNumber(reading.value)}`)
  const own = group.at === null || group.at === at ? [] : [`${code}-SampleTime=${writeTime(group.at)}`]
  const flag = first.sourceQuality === null ? [] : [`${code}-Flag=${first.sourceQuality}`]
  return [[...own, ...values, ...flag].join(','), ...equipment]
}

const suffixFor = ({ sampling }: Reading): string => suffixOf.get(sampling?.statistic ?? 'value') ?? 'Rtd'

/** Without an exponent (HJ 212-2017 6.3.3.2.2 has none); nothing for a missing value. */
function writeNumber(value: number | null): string {
  if (value === null) return ''
  const text = String(value)
  return text.includes('e') ? value.toFixed(12).replace(/\.?0+$/, '') : text
}
