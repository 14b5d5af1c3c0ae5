import type { Warning } from '../../domain/warning.ts'
import type { Rollup, WarningPoint } from '../ports/telemetry.ts'
import { rollupLine, warningLine } from './points.ts'
import { systemLine, type SystemFigures } from './system-points.ts'
import type { InfluxWriter, RefusedLine } from './writer.ts'

export interface FeedFigures {
  /** Points that wait to be written. */
  waiting: number
  /** Points let go because too many waited; the oldest go first. */
  dropped: number
}

/**
 * What is written beside the observations: warnings, roll-ups and figures of the system. Points wait in memory until the server takes
 * them, at most `maxWaiting`; a newer point of the same place takes the older one's.
 */
export interface InfluxFeed {
  offerWarnings(versions: readonly Warning[]): void
  offerRollups(rollups: readonly Rollup[]): void
  offerSystem(figures: SystemFigures, at: number): void
  /** Writes what waits and returns what was refused for good. Rejects with StoreUnavailable; what was not written waits on. */
  flush(): Promise<RefusedLine[]>
  figures(): FeedFigures
}

export interface FeedOptions {
  writer: InfluxWriter
  /** Name of this process in the figures of the system. */
  node?: string
  maxWaiting?: number
}

const linesPerWrite = 5_000

export function createInfluxFeed({ writer, node = 'gaugekeeper', maxWaiting = 200_000 }: FeedOptions): InfluxFeed {
  const waiting = { ms: new Map<string, string>(), ns: new Map<string, string>() }
  let dropped = 0

  function offer(lines: Map<string, string>, place: string, line: string): void {
    lines.delete(place)
    lines.set(place, line)
    if (waiting.ms.size + waiting.ns.size <= maxWaiting) return
    for (const oldest of lines.keys()) {
      lines.delete(oldest)
      dropped += 1
      return
    }
  }

  return {
    offerWarnings: (versions) => {
      for (const warning of versions) {
        const line = warningLine(warningPoint(warning))
        offer(waiting.ns, line, line)
      }
    },
    offerRollups: (rollups) => {
      for (const rollup of rollups) offer(waiting.ms, `${rollup.size} ${rollup.start} ${rollup.series}`, rollupLine(rollup))
    },
    offerSystem: (figures, at) => offer(waiting.ms, `system ${at}`, systemLine(node, figures, at)),
    flush: async () => [...(await drain(writer, waiting.ms, 'ms')), ...(await drain(writer, waiting.ns, 'ns'))],
    figures: () => ({ waiting: waiting.ms.size + waiting.ns.size, dropped }),
  }
}

async function drain(writer: InfluxWriter, lines: Map<string, string>, precision: 'ms' | 'ns'): Promise<RefusedLine[]> {
  const refused: RefusedLine[] = []
  while (lines.size > 0) {
    const some = [...lines.entries()].slice(0, linesPerWrite)
    refused.push(
      ...(await writer.write(
        some.map(([, line]) => line),
        precision,
      )),
    )
    // A place that was offered again meanwhile stays.
    for (const [place, line] of some) if (lines.get(place) === line) lines.delete(place)
  }
  return refused
}

/** A version of a warning as a point, at its last change. */
export function warningPoint(warning: Warning): WarningPoint {
  return {
    station: warning.station,
    rule: warning.rule,
    level: warning.level,
    at: warning.changedAt,
    state: warning.state,
    value: warning.evidence.value,
    message: warning.why.en,
    messageZh: warning.why.zh,
    run: warning.run,
    ...(warning.series === null ? {} : { series: warning.series }),
  }
}
