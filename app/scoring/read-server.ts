import type { GapList } from '../../api/schemas/continuity.ts'
import type { WarningList, WarningNote } from '../../api/schemas/warning.ts'
import type { ScoreBook } from '../../devices-sim/score/score.ts'
import type { SeenWarning } from '../../devices-sim/score/seen.ts'
import type { Flag } from '../../domain/flag.ts'
import type { ApiClient } from '../commands/client.ts'
import { CommandError } from '../errors.ts'
import { seriesAtOnce, storedValues } from '../commands/stored-values.ts'

/** Of one answer at most. */
const mostWarnings = 1_000
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
    for (const note of await warningsOf(client, station)) {
      const warning = seenWarning(note)
      notes.set(warning, note)
      book.seeWarning(warning)
    }
    for (const gap of (await client.get<GapList>(`/api/v1/gaps?station=${encodeURIComponent(station)}&limit=${mostGaps}`)).gaps)
      book.seeGap(gap)
    onStation((done += 1))
  }
  return notes
}

async function warningsOf(client: Reader, station: string): Promise<WarningNote[]> {
  const path = `/api/v1/warnings?simulated=true&limit=${mostWarnings}&station=${encodeURIComponent(station)}`
  const { warnings, more } = await client.get<WarningList>(path)
  if (more)
    throw new CommandError(
      'server-refused',
      `reading the warnings of ${station}: there are more than ${mostWarnings}; score a shorter time`,
      1,
    )
  return warnings
}

const seenWarning = ({ rule, kind, station, series, level, raisedAt, marks, evidence }: WarningNote): SeenWarning => ({
  ...{ rule, kind, station, series, level, raisedAt },
  ...{ retrospective: marks.retrospective, limit: evidence.limit, figures: evidence.figures },
})
