import type { RunId, SensorId, WarningId } from '../domain/ids.ts'
import type { Warning } from '../domain/warning.ts'
import type { WarningStore } from '../store/ports/warnings.ts'
import type { Bindings, Track } from './bindings.ts'
import { endings, write, warningIdOf, type Followed, type Pen } from './warnings.ts'

/** How far the kept warnings go; moves in one transaction with them. */
export const warningsReader = 'analytics-warnings'

interface BookParts {
  store: WarningStore
  pen: Pen
  /** Of our own clock, epoch ms: it dates what is kept and decides nothing. */
  now: () => number
  begunAt: (run: RunId) => Promise<number | null>
  onWarnings: (versions: readonly Warning[]) => void
}

/** Between the pen and the store: what is written is kept, in order, once. */
export interface WarningBook {
  /** Keeps what is written. `commit`: everything up to it is told by now (null: nothing more than these). Rejects with StoreUnavailable. */
  keep(commit: number | null): Promise<void>
  /** After commits were read again silently: takes over what is kept of the followed warnings, and ends those whose rule was lost. */
  wake(bindings: Bindings): Promise<void>
  /** Versions that wait, and that were kept since the start. */
  figures(): { waiting: number; kept: number }
}

export function createWarningBook({ store, pen, now, begunAt, onWarnings }: BookParts): WarningBook {
  let kept = 0
  /** Ids whose first version was compared with what an earlier life of the same rule and onset left behind. */
  const compared = new Set<WarningId>()

  /** A run that was taken away and made again, a rule that was changed back: its warnings go on counting where they stopped. */
  async function renumber(): Promise<void> {
    for (const { id, version } of [...pen.written]) {
      if (version !== 1 || compared.has(id)) continue
      const earlier = await store.warning(id)
      if (earlier !== null) for (const each of pen.written) if (each.id === id) each.version += earlier.version
      compared.add(id)
    }
  }

  /**
   * Dates what is raised. What decided on a run before that began was recorded then: it is replayed, and its warnings come at no time of their
   * own.
   */
  async function date(): Promise<void> {
    const begun = new Map<RunId | null, number>([[null, -Infinity]])
    const fresh = pen.written.filter(({ id }) => compared.has(id))
    for (const { run } of fresh) if (!begun.has(run) && run !== null) begun.set(run, (await begunAt(run)) ?? Infinity)
    const at = now()
    for (const { run, decided } of fresh)
      if (decided && (decided.arrivedAt ?? -Infinity) >= (begun.get(run) ?? Infinity)) decided.keptAt = at
  }

  return {
    async keep(commit) {
      if (pen.written.length === 0) return
      await renumber()
      await date()
      const versions = [...pen.written]
      await store.putWarnings(versions, commit === null ? null : { reader: warningsReader, commit })
      pen.written.splice(0, versions.length)
      compared.clear()
      kept += versions.length
      onWarnings(versions)
    },
    async wake(bindings) {
      pen.silent = false
      const lasting = new Map((await store.warnings({ states: ['active'] })).map((warning) => [warning.id, warning]))
      for (const track of bindings.tracks.values()) await recall(track, lasting)
      for (const orphan of lasting.values())
        if (bindings.fleet.stations.has(orphan.station)) pen.written.push(endedWith(orphan, lastHeard(bindings, orphan.series)))
    },
    figures: () => ({ waiting: pen.written.length, kept }),
  }

  async function recall(track: Track, lasting: Map<WarningId, Warning>): Promise<void> {
    if (track.rule.drivenBy === 'job')
      for (const warning of lasting.values())
        if (`${warning.rule}~${warning.series}` === track.rule.key && warning.ruleVersion === track.rule.version)
          track.followed.set(warning.onset, followedFrom(warning, await store.warningVersions(warning.id)))
    for (const followed of track.followed.values()) {
      const id = warningIdOf(track.rule, followed.episode.onset)
      followed.warning = lasting.get(id) ?? (await store.warning(id))
      lasting.delete(id)
      if (followed.warning === null) write(pen, track.rule, followed)
    }
  }
}

/** A warning of an hourly job as it was kept, with all its versions: its whole memory. Each change froze evidence up to its own hour. */
function followedFrom(warning: Warning, versions: readonly Warning[]): Followed {
  const { onset, raisedAt, level, marks, replaces = null } = warning
  const [first = warning, ...later] = versions
  const revised = later.filter(({ evidence }, i) => evidence.to !== (later[i - 1] ?? first).evidence.to)
  const changes = [
    { at: raisedAt ?? onset, level, evidence: first.evidence },
    ...revised.map(({ evidence }) => ({ at: evidence.to, level, evidence })),
  ] as const
  return {
    episode: { onset, changes },
    blind: marks.blind,
    retrospective: marks.retrospective,
    gone: null,
    replaces,
    grounds: warning.decided ?? null,
    warning,
  }
}

const lastHeard = ({ slots }: Bindings, series: SensorId | null): number =>
  series === null ? -Infinity : (slots.get(series)?.newest ?? -Infinity)

/** The last version of a warning whose rule is no more. */
function endedWith(warning: Warning, heardAt: number): Warning {
  const at = Math.max(warning.changedAt, heardAt)
  return {
    ...warning,
    version: warning.version + 1,
    state: 'expired',
    changedAt: at,
    endedAt: at,
    clears: endings.ruleGone,
    timeline: [...warning.timeline, { at, what: 'expired', level: null, by: null, words: endings.ruleGone }],
  }
}
