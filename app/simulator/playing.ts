import type { SimulationDetail, SimulationNote } from '../../api/schemas/simulation.ts'
import type { LiveNews, Outcome, ProcessOrder } from './channel.ts'
import { startChild, type SimulationChild } from './child.ts'
import type { SimulatorParts } from './desk.ts'

/** A simulation whose process is there. */
export interface Playing {
  note: SimulationNote
  child: SimulationChild
  /** Resolves when its record is written. */
  kept: Promise<SimulationNote>
  /** How it is to be called when it ends early; null = nobody ended it. */
  endedAs: 'stopped' | 'interrupted' | null
  savedAt: number
  /** Truth against warnings so far; null = nothing yet. */
  live: LiveNews | null
  /** What a load has come to so far. */
  load: SimulationDetail['load']
}

const saveEveryMs = 5_000

export const nothingYet: Omit<SimulationDetail, 'simulation'> = {
  score: null,
  strip: null,
  live: null,
  places: null,
  load: null,
  replay: null,
}

/** Starts the process of a simulation and keeps its record up to date until it ends. */
export function play(
  { fork, records, now, onTrouble }: Pick<SimulatorParts, 'fork' | 'records' | 'now' | 'onTrouble'>,
  order: ProcessOrder,
  note: SimulationNote,
): Playing {
  const put = (detail: SimulationDetail): Promise<void> =>
    records.put(detail).catch((error: unknown) => onTrouble(`keeping the simulation ${note.run}`, error))
  const child = startChild(fork(), order, (told) => {
    if ('live' in told) one.live = told.live
    else if ('load' in told) one.load = told.load
    else one.note = { ...one.note, ...told }
    if (now() - one.savedAt < saveEveryMs) return
    one.savedAt = now()
    void put(detailOf(one))
  })
  const kept = child.ended.then(async (end) => {
    one.note = { ...one.note, ...ending(end, one.endedAs), phase: null, endedAt: now() }
    await put('outcome' in end ? atTheEnd(one, end.outcome) : detailOf(one))
    return one.note
  })
  const one: Playing = { note, child, kept, endedAs: null, savedAt: now(), live: null, load: null }
  return one
}

/** All that is known of it by now. */
export const detailOf = ({ note, live, load }: Pick<Playing, 'note' | 'live' | 'load'>): SimulationDetail => ({
  ...nothingYet,
  ...{ simulation: note, live: live?.truth ?? null, places: live?.places ?? null, load },
})

/** What is at its end takes the place of what was on the way. */
const atTheEnd = (one: Playing, { isDone, results }: Outcome): SimulationDetail => ({
  ...detailOf(one),
  ...(isDone && { live: null }),
  ...results,
})

/** What the end of its process makes of a simulation. */
function ending(end: { outcome: Outcome } | { failed: string }, endedAs: Playing['endedAs']): Partial<SimulationNote> {
  // what was counted so far stands
  if ('failed' in end) return { state: endedAs ?? 'failed', problem: endedAs === null ? end.failed : null }
  const { account, truth, figures, isDone } = end.outcome
  return { state: isDone ? 'done' : (endedAs ?? 'stopped'), account, truth, figures }
}
