import type { Fleet } from '../domain/fleet.ts'
import type { Evidence, Level, RuleKind, Warning, WarningState, Words } from '../domain/warning.ts'

/** Why somebody is told: it stands, it stands higher, what it forecasts comes much sooner, it is over. */
export type Occasion = 'raised' | 'escalated' | 'sooner' | 'ended'

/** What goes out about one version of a warning. */
export interface Message {
  type: `warning.${Occasion}`
  /** When the version came about in event time, ISO 8601 UTC. */
  timestamp: string
  data: {
    warning: string
    /** The id under which the receiver may know it: late readings moved its onset. */
    replaces: string | null
    version: number
    /** Exercise for simulations, replays and drills, as in CAP 1.2. */
    status: 'Actual' | 'Exercise'
    simulated: boolean
    run: string | null
    level: Level
    state: WarningState
    rule: string
    kind: RuleKind
    station: { id: string; name: Words }
    series: string | null
    onset: string
    raisedAt: string | null
    endedAt: string | null
    why: Words
    clears: Words
    evidence: Required<Pick<Evidence, 'value' | 'limit' | 'unit' | 'trusted' | 'rejected' | 'doubtful'>>
  }
}

export function messageOf(warning: Warning, occasion: Occasion, fleet: Fleet): Message {
  const { evidence, station, marks } = warning
  const { value, limit, unit, trusted, rejected, doubtful = 0 } = evidence
  const exercise = warning.run !== null || marks.drill
  return {
    type: `warning.${occasion}`,
    timestamp: iso(warning.changedAt),
    data: {
      warning: warning.id,
      replaces: warning.replaces ?? null,
      version: warning.version,
      status: exercise ? 'Exercise' : 'Actual',
      simulated: exercise,
      run: warning.run,
      level: warning.level,
      state: warning.state,
      rule: warning.rule,
      kind: warning.kind,
      station: { id: station, name: fleet.stations.get(station)?.name ?? { en: station, zh: station } },
      series: warning.series,
      onset: iso(warning.onset),
      raisedAt: warning.raisedAt === null ? null : iso(warning.raisedAt),
      endedAt: warning.endedAt === null ? null : iso(warning.endedAt),
      why: warning.why,
      clears: warning.clears,
      evidence: { value, limit, unit, trusted, rejected, doubtful },
    },
  }
}

const iso = (at: number): string => new Date(at).toISOString()
