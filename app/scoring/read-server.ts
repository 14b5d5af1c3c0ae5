import type { GapList } from '../../api/schemas/continuity.ts'
import type { QuarantineGroups } from '../../api/schemas/quarantine.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { ScoreBook } from '../../devices-sim/score/score.ts'
import type { SeenCounts, SeenWarning } from '../../devices-sim/score/seen.ts'
import type { Flag } from '../../domain/flag.ts'
import type { ApiClient } from '../commands/client.ts'
import { seriesAtOnce, storedValues } from '../commands/stored-values.ts'
import { storedWarnings } from '../commands/stored-warnings.ts'
import { raisingVersion, seenWarning } from './seen-warning.ts'

/** Of one answer at most. */
const mostGaps = 5_000

type Reader = Pick<ApiClient, 'get' | 'stream'>

/**
 * Everything stored of some series, streamed: values, warnings and gaps of one station at a time.
 * @returns the warnings as the server shows them
 */
export async function readServer(
  client: Reader,
  book: ScoreBook,
  onStation: (done: number) => void,
): Promise<Map<SeenWarning, WarningNote>> {
  let done = 0
  const notes = new Map<SeenWarning, WarningNote>()
  for (const [station, series] of book.stations()) {
    for (let at = 0; at < series.length; at += seriesAtOnce)
      for await (const { flag, tests, ...seen } of storedValues(client, series.slice(at, at + seriesAtOnce)))
        book.see({ ...seen, flag: flag as Flag, tests: tests === '' ? [] : tests.split(' ') })
    for await (const note of storedWarnings(client, station)) {
      const warning = seenWarning(note, await raisingVersion(client, note))
      notes.set(warning, note)
      book.seeWarning(warning)
    }
    for (const gap of (await client.get<GapList>(`/api/v1/gaps?station=${encodeURIComponent(station)}&limit=${mostGaps}`)).gaps)
      book.seeGap(gap)
    onStation((done += 1))
  }
  for (const counts of await countsOf(client)) book.seeCounts(counts)
  return notes
}

/** Of every device, what is not stored. */
async function countsOf(client: Reader): Promise<SeenCounts[]> {
  const { devices } = await client.get<{ devices: { id: string; counts: { duplicate: number } }[] }>('/api/v1/devices?simulated=true')
  const { groups } = await client.get<QuarantineGroups>('/api/v1/quarantine/groups')
  return devices.map(({ id: device, counts: { duplicate } }) => {
    const own = groups.filter((group) => group.device === device)
    return { device, duplicate, quarantined: new Map(own.map(({ reason, values }) => [reason, values])) }
  })
}
