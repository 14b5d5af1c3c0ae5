import { levels, type Level } from '../../domain/warning.ts'
import type { WarningDetail, WarningNote } from '../../api/schemas/warning.ts'
import { hour, level, minute, network, rain, sampleNow, sketches } from './sketches.ts'

const rule: Readonly<Record<Level, string>> = { blue: 'heavy-rain', yellow: 'level-high', orange: 'level-high', red: 'level-high' }

/** The warnings of the catchment: open, blind, acknowledged, ended. */
export const warnings: readonly WarningNote[] = [
  warning('qingxi', 'yellow', { onset: sampleNow - 27 * minute }),
  warning('lower-weir', 'orange', { onset: sampleNow - 3 * hour, blind: true }),
  warning('east-hill', 'blue', { onset: sampleNow - 5 * hour, acknowledgedBy: 'duty desk' }),
  warning('shiqiao', 'red', { onset: sampleNow - 70 * hour, endedAfter: 9 * hour }),
]

function warning(
  station: string,
  atLevel: Level,
  marks: { onset: number; blind?: boolean; acknowledgedBy?: string; endedAfter?: number },
): WarningNote {
  const sketch = sketches.find((one) => one.id === station)
  const of = sketch?.parameters[0] ?? level
  const raisedAt = marks.onset + 15 * minute
  const endedAt = marks.endedAfter === undefined ? null : marks.onset + marks.endedAfter
  const acknowledged =
    marks.acknowledgedBy === undefined ? null : { by: marks.acknowledgedBy, at: raisedAt + 3 * minute, note: 'Pump crew called' }
  const limit = { blue: 30, yellow: 3, orange: 4, red: 4.8 }[atLevel]
  const unit = of === rain ? 'mm' : 'm'
  return {
    id: `w-${station}-${levels.indexOf(atLevel)}`,
    version: 2,
    rule: rule[atLevel],
    ruleVersion: '7f3a',
    kind: of === rain ? 'rain-accumulation' : 'threshold',
    station,
    stationName: { en: sketch?.en ?? station, zh: sketch?.zh ?? station },
    series: `${station}/${of.key}/1`,
    parameter: of,
    level: atLevel,
    state: endedAt === null ? 'active' : 'cleared',
    marks: { acknowledged, blind: marks.blind === true, retrospective: false, drill: false },
    run: network.run,
    simulated: true,
    recorded: false,
    onset: marks.onset,
    raisedAt,
    changedAt: endedAt ?? raisedAt,
    endedAt,
    evidence: { from: marks.onset, to: raisedAt, trusted: 4, rejected: 0, value: limit + 0.42, limit, unit, figures: {} },
    decided: {
      observedAt: raisedAt,
      receivedAt: raisedAt + 2 * minute,
      arrivedAt: raisedAt + 2 * minute,
      keptAt: raisedAt + 2 * minute + 400,
    },
    why: {
      en: `Raised because the level stayed at or above ${limit.toFixed(2)} ${unit} for 15 min (4 of 4 readings good).`,
      zh: `触发原因：水位连续 15 分钟达到或超过 ${limit.toFixed(2)} ${unit}（4 次读数均有效）。`,
    },
    clears: {
      en: `Clears when below ${(limit - 0.1).toFixed(2)} ${unit} for 30 min.`,
      zh: `低于 ${(limit - 0.1).toFixed(2)} ${unit} 持续 30 分钟后解除。`,
    },
    timeline: [
      { at: marks.onset, what: 'crossed', level: null, by: null, words: { en: `Crossed ${limit} ${unit}`, zh: `越过 ${limit} ${unit}` } },
      { at: raisedAt, what: 'raised', level: atLevel, by: null, words: { en: 'Raised', zh: '触发' } },
      { at: raisedAt + 1000, what: 'notified', level: null, by: 'log', words: { en: 'Told the log', zh: '已写入日志' } },
    ],
  }
}

export function warningDetail(id: string, acknowledgedBy: string | null): WarningDetail | null {
  const found = warnings.find((one) => one.id === id)
  if (!found) return null
  const acknowledged = acknowledgedBy === null ? found.marks.acknowledged : { by: acknowledgedBy, at: sampleNow, note: null }
  const log = [
    { at: found.onset + 15 * minute, what: 'sent' as const, detail: null },
    { at: found.onset + 15 * minute + 900, what: 'accepted' as const, detail: '200' },
  ]
  const note = { key: `${id}/1/webhook`, warning: id, version: 1, channel: 'webhook', log }
  return {
    warning: { ...found, marks: { ...found.marks, acknowledged } },
    versions: [found],
    notifications: found.level === 'yellow' ? [note] : [],
  }
}
