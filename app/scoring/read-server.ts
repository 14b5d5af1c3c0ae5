import type { GapList } from '../../api/schemas/continuity.ts'
import type { QuarantineGroups } from '../../api/schemas/quarantine.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { ScoreBook } from '../../devices-sim/score/score.ts'
import type { SeenCounts, SeenWarning } from '../../devices-sim/score/seen.ts'
import type { Flag } from '../../domain/flag.ts'
import type { ApiClient } from '../commands/client.ts'
import { storedDevices } from '../commands/stored-devices.ts'
import { seriesAtOnce, storedValues } from '../commands/stored-values.ts'
import { stationsAtOnce, storedWarnings } from '../commands/stored-warnings.ts'
import { raisingVersion, seenWarning } from './seen-warning.ts'

/** Of one answer at most. */
const mostGaps = 5_000

type Reader = Pick<ApiClient, 'get' | 'stream'>

/**
 * Everything stored of some series, streamed: values, warnings and gaps of as many stations at a time as one question may name.
 * @returns the warnings as the server shows them
 */
export async function readServer(
  client: Reader,
  book: ScoreBook,
  onStation: (done: number) => void,
): Promise<Map<SeenWarning, WarningNote>> {
  let done = 0
  const notes = new Map<SeenWarning, WarningNote>()
  for (const own of parts([...book.stations()], stationsAtOnce)) {
    for (const series of parts(
      own.flatMap(([, of]) => of),
      seriesAtOnce,
    )) {
      for await (const { flag, tests, ...seen } of storedValues(client, series))
        book.see({ ...seen, flag: flag as Flag, tests: tests === '' ? [] : tests.split(' ') })
    }
    const names = own.map(([station]) => station)
    for (const gap of await gapsOf(client, names)) book.seeGap(gap)
    for (const note of await warningsOf(client, names)) {
      const warning = seenWarning(note, await raisingVersion(client, note))
      notes.set(warning, note)
      book.seeWarning(warning)
    }
    onStation((done += own.length))
  }
  for (const counts of await countsOf(client)) book.seeCounts(counts)
  return notes
}

function* parts<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

/** Station by station as named, whichever of them come together in an answer. */
async function warningsOf(client: Reader, stations: readonly string[]): Promise<WarningNote[]> {
  const byStation = new Map<string, WarningNote[]>(stations.map((station) => [station, []]))
  for await (const note of storedWarnings(client, stations)) byStation.get(note.station)?.push(note)
  return [...byStation.values()].flat()
}

/** Those of some stations; where one answer cannot hold them, of fewer at a time. */
async function gapsOf(client: Reader, stations: readonly string[]): Promise<GapList['gaps']> {
  const { gaps } = await client.get<GapList>(`/api/v1/gaps?station=${encodeURIComponent(stations.join(','))}&limit=${mostGaps}`)
  if (gaps.length < mostGaps || stations.length === 1) return gaps
  const half = Math.ceil(stations.length / 2)
  return [...(await gapsOf(client, stations.slice(0, half))), ...(await gapsOf(client, stations.slice(half)))]
}

/** Of every device, what is not stored. */
async function countsOf(client: Reader): Promise<SeenCounts[]> {
  const { groups } = await client.get<QuarantineGroups>('/api/v1/quarantine/groups')
  const byDevice = new Map<string | null, SeenCounts['quarantined']>()
  for (const { device, reason, values } of groups) byDevice.set(device, new Map([...(byDevice.get(device) ?? []), [reason, values]]))
  const seen: SeenCounts[] = []
  for await (const { id: device, counts } of storedDevices(client, { simulated: 'true' }))
    seen.push({ device, duplicate: counts.duplicate, quarantined: byDevice.get(device) ?? new Map() })
  return seen
}
