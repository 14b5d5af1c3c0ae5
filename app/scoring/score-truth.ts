import { figuresOf, passedBounds, type FailureBound } from '../../devices-sim/score/figures.ts'
import { ScoreBook, type Score } from '../../devices-sim/score/score.ts'
import { openTruth } from '../../devices-sim/truth/read.ts'
import type { WarningNote } from '../../api/schemas/warning.ts'
import type { SeenWarning } from '../../devices-sim/score/seen.ts'
import type { ApiClient } from '../commands/client.ts'
import { readServer } from './read-server.ts'
import { whenReadBack } from './reading-back.ts'

/** A score as `--json` prints it: its figures by name, the bounds that it passes, and all that they were made of. */
export interface ScoreDocument extends Score {
  figures: Record<string, number | null>
  failed: string[]
}

/** A score, and what it was made of. */
export interface Held {
  score: Score
  matches: ReturnType<ScoreBook['matches']>
  /** Warnings as the server shows them. */
  notes: ReadonlyMap<SeenWarning, WarningNote>
}

/**
 * Holds a server against a truth file, once it has read back what is stored. Rejects with TruthUnreadable, or when the server does not know the
 * stations.
 * @param onStation told how many stations of how many were read
 * @param say told what is waited for
 */
export async function heldAgainst(
  client: Pick<ApiClient, 'get' | 'stream'>,
  file: string,
  onStation: (done: number, of: number) => void = () => undefined,
  say: (line: string) => void = () => undefined,
): Promise<Held> {
  const { header, entries } = await openTruth(file)
  const book = new ScoreBook(header)
  for await (const entry of entries) book.expect(entry)
  await whenReadBack(client, { say })
  const of = book.stations().size
  const notes = await readServer(client, book, (done) => onStation(done, of))
  return { score: book.score(), matches: book.matches(), notes }
}

export function scoreDocument(score: Score, bounds: readonly FailureBound[] = []): ScoreDocument {
  const figures = figuresOf(score)
  const failed = passedBounds(bounds, figures).map(({ text }) => text)
  return { figures: Object.fromEntries(figures.map(({ name, value }) => [name, value])), failed, ...score }
}
