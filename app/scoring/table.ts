import type { ScoreFigure } from '../../devices-sim/score/figures.ts'
import type { Score } from '../../devices-sim/score/score.ts'

/** The score as text: one figure a line, then by rule, by fault and by test. */
export function linesOfScore(score: Score, figures: readonly ScoreFigure[]): string[] {
  const { byRule, quality } = score
  return [
    `${score.scenario}, seed ${score.seed}, run ${score.run}: ${score.stations} stations, ${score.start} to ${score.end}\n`,
    ...figures.map(
      ({ name, value, unit, meaning }) =>
        `${name.padEnd(20)} ${shown(value, unit).padStart(10)}  ${meaning}${unit === 'a station and month' ? ` ${unit}` : ''}\n`,
    ),
    ...section(
      'by rule',
      ['events', 'hits', 'misses', 'false', 'csi', 'lead'],
      byRule.map((one) => [
        ...[one.rule, one.events, one.hits, one.misses, one.falseAlarms, shown(one.csi, 'ratio')],
        shown(one.medianLeadMs === null ? null : one.medianLeadMs / 60_000, 'min'),
      ]),
    ),
    ...section(
      'by fault',
      ['expected', 'faults', 'seen', 'readings', 'seen', 'recall', 'harmless'],
      quality.byFault.map((one) => [
        one.type,
        one.expects,
        one.faults,
        one.faultsSeen,
        one.readings,
        one.readingsSeen,
        shown(one.recall, 'ratio'),
        one.harmless,
      ]),
    ),
    ...section(
      'by test',
      ['flagged', 'right', 'precision'],
      quality.byTest.map((one) => [one.test, one.flagged, one.right, shown(one.precision, 'ratio')]),
    ),
  ]
}

function section(title: string, head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  if (rows.length === 0) return []
  const line = ([name = '', ...cells]: readonly (string | number)[]): string =>
    `${String(name).padEnd(24)}${cells.map((cell) => String(cell).padStart(11)).join('')}\n`
  return ['\n', line([title, ...head]), ...rows.map(line)]
}

function shown(value: number | null, unit: ScoreFigure['unit']): string {
  if (value === null) return '–'
  if (unit === '') return value.toLocaleString('en-GB')
  return unit === 'ratio' ? value.toFixed(3) : `${value.toFixed(1)}${unit === 'min' || unit === 's' ? ` ${unit}` : ''}`
}
