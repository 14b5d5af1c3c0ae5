import type { RunId, SensorId, WarningId } from '../domain/ids.ts'
import type { Bindings, Track } from './bindings.ts'
import type { Clocks, RunClock } from './clocks.ts'
import type { Grounds } from './decision.ts'
import type { Episode } from './episode.ts'
import type { LadderState } from './ladder.ts'
import type { DirtyHours } from './jobs/rollups.ts'
import type { Followed, Gone } from './warnings.ts'

const format = 1

/** What of a warning follows from the readings; its versions lie with the warnings. */
interface FollowedNote {
  episode: Episode
  blind: boolean
  retrospective: boolean
  gone: Gone | null
  replaces: WarningId | null
  /** Left out in checkpoints of older releases. */
  grounds?: Grounds | null
}

/** One rule at one series. Left out while it remembers nothing. */
interface TrackNote {
  key: string
  /** A changed rule begins anew. */
  version: string
  state?: LadderState
  log?: { at: number; state: LadderState }[]
  silence?: { episode: Episode | null; open: boolean }
  followed: FollowedNote[]
}

/** Everything the rules remember, as of one commit. Times that are not known yet are null. */
export interface Checkpoint {
  format: number
  commit: number
  clocks: {
    run: RunId | null
    at: number | null
    listeningSince: number | null
    isTicked: boolean
    steady: number
    /** Left out in checkpoints of older releases. */
    isStepped?: boolean
    hour: number | null
  }[]
  series: [series: SensorId, newest: number | null, heard: number | null][]
  tracks: TrackNote[]
  dirty: [series: SensorId, hours: number[]][]
}

const known = (at: number): number | null => (Number.isFinite(at) ? at : null)
const unknownIsNever = (at: number | null | undefined): number => at ?? -Infinity

/** Takes down what is remembered. Plain JSON, about 40 bytes for a quiet series. */
export function takeDown(bindings: Bindings, clocks: Clocks, dirty: DirtyHours, commit: number): Checkpoint {
  return {
    format,
    commit,
    clocks: [...clocks.all()].map((clock) => clockNote(clock)),
    series: [...bindings.slots.values()].map((slot) => [slot.series, known(slot.newest), known(slot.heard)]),
    tracks: [...bindings.tracks.values()].flatMap((track) => trackNote(track) ?? []),
    dirty: dirty.entries(),
  }
}

const clockNote = ({ run, at, listeningSince, isTicked, steady, isStepped, hour }: RunClock): Checkpoint['clocks'][number] => ({
  run,
  at: known(at),
  listeningSince: known(listeningSince),
  isTicked,
  steady,
  isStepped,
  hour,
})

function trackNote(track: Track): TrackNote | null {
  const followed = [...track.followed.values()].map(({ warning: _warning, ...note }) => note)
  const note = { key: track.rule.key, version: track.rule.version, followed }
  if ('log' in track) return track.log.length === 0 ? null : { ...note, state: track.state, log: track.log }
  if ('members' in track) return { ...note, silence: track.state }
  return null
}

/** True when a document is a checkpoint that this release can read. */
export function isCheckpoint(document: unknown): document is Checkpoint {
  return typeof document === 'object' && document !== null && 'format' in document && document.format === format
}

/** Brings everything to where it stood. Rules that have changed since remember nothing. */
export function bringBack(checkpoint: Checkpoint, bindings: Bindings, clocks: Clocks, dirty: DirtyHours): void {
  for (const { run, at, listeningSince, isTicked, steady, isStepped = false, hour } of checkpoint.clocks)
    Object.assign(clocks.of(run), {
      at: unknownIsNever(at),
      progress: unknownIsNever(at),
      listeningSince: unknownIsNever(listeningSince),
      isTicked,
      steady,
      isStepped,
      hour,
    })
  for (const [series, newest, heard] of checkpoint.series) {
    const slot = bindings.slots.get(series)
    if (slot !== undefined) Object.assign(slot, { newest: unknownIsNever(newest), heard: unknownIsNever(heard) })
  }
  for (const note of checkpoint.tracks) {
    const track = bindings.tracks.get(note.key)
    if (track !== undefined && track.rule.version === note.version) bringBackTrack(track, note)
  }
  for (const [series, hours] of checkpoint.dirty) for (const hour of hours) dirty.add(series, hour)
}

function bringBackTrack(track: Track, note: TrackNote): void {
  track.followed = new Map(
    note.followed.map((each): [number, Followed] => [each.episode.onset, { ...each, grounds: each.grounds ?? null, warning: null }]),
  )
  if ('log' in track && note.state && note.log) {
    track.state = note.state
    track.log = note.log
  }
  if ('members' in track && note.silence) track.state = note.silence
}
