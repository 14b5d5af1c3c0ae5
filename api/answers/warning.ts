import type { Fleet } from '../../domain/fleet.ts'
import type { Warning } from '../../domain/warning.ts'
import type { WarningNote } from '../schemas/warning.ts'
import { parameterNote } from './series.ts'

/** A warning with the names a page needs beside it. A station that is no longer in the fleet keeps its id for a name. */
export function warningNote(warning: Warning, fleet: Fleet): WarningNote {
  const sensor = warning.series && fleet.sensors.get(warning.series)
  const name = fleet.stations.get(warning.station)?.name ?? { en: warning.station, zh: warning.station }
  const { marks, evidence } = warning
  return {
    id: warning.id,
    version: warning.version,
    rule: warning.rule,
    ruleVersion: warning.ruleVersion,
    kind: warning.kind,
    station: warning.station,
    stationName: { en: name.en, zh: name.zh },
    series: warning.series,
    parameter: sensor ? parameterNote(sensor.parameter) : null,
    level: warning.level,
    state: warning.state,
    marks: { ...marks, acknowledged: marks.acknowledged && { ...marks.acknowledged } },
    run: warning.run,
    simulated: warning.run !== null,
    recorded: fleet.networkOf(warning.station)?.recorded ?? false,
    onset: warning.onset,
    raisedAt: warning.raisedAt,
    changedAt: warning.changedAt,
    endedAt: warning.endedAt,
    decided: warning.decided ? { ...warning.decided } : null,
    evidence: { ...evidence, figures: { ...evidence.figures } },
    why: { ...warning.why },
    clears: { ...warning.clears },
    timeline: warning.timeline.map((line) => ({ ...line, words: { ...line.words } })),
  }
}
