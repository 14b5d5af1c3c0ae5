import {
  bars,
  fixedColor,
  linesWithGaps,
  override,
  tagVariable,
  thresholds,
  warningAnnotation,
  type DashboardSpec,
  type PanelSpec,
} from './model.ts'
import { flagMapping, flags, late, levelMapping, trusted } from './words.ts'

const inRange = 'FROM "observation" WHERE $timeFilter'

const count = (title: string, condition: string, color: string, description: string): PanelSpec => ({
  type: 'stat',
  title,
  description,
  width: 4,
  height: 4,
  queries: [{ query: `SELECT COUNT("flag") ${inRange}${condition}` }],
  fields: { color: fixedColor(color), noValue: '0' },
})

const totals: readonly PanelSpec[] = [
  {
    type: 'stat',
    title: 'Stations that reported',
    width: 4,
    height: 4,
    queries: [{ query: `SELECT COUNT("n") FROM (SELECT COUNT("flag") AS "n" ${inRange} GROUP BY "station")` }],
    fields: { color: fixedColor('blue'), noValue: '0' },
  },
  count('Readings', '', 'blue', 'All that was observed in the time shown, whatever its quality.'),
  count('Suspect or failed', ' AND ("flag" = 3 OR "flag" = 4)', 'orange', 'Readings that a quality test objected to.'),
  count('Missing', ' AND "flag" = 9', '#8e8e8e', 'Readings that a station sent without a value.'),
  count(
    'Late',
    ` AND ${late}`,
    'purple',
    'Readings that came after the lateness allowed: stored, but flags and warnings already given stand.',
  ),
  count(
    'Simulated',
    ' AND "sim" = true',
    'yellow',
    'Readings of a simulation or replay. Where this is not 0, not all that is shown is water.',
  ),
]

const series: readonly PanelSpec[] = [
  {
    type: 'timeseries',
    title: '$parameter at every station',
    description: 'Mean of good and not evaluated values. Lines stay open over gaps of more than two hours.',
    width: 24,
    height: 9,
    interval: '1m',
    queries: [
      {
        query: `SELECT MEAN("value") ${inRange} AND "parameter" = '$parameter' AND ${trusted} GROUP BY time($__interval), "station", "sensor" fill(none)`,
        alias: '$tag_station $tag_sensor',
      },
    ],
    fields: { custom: linesWithGaps(7_200_000) },
  },
  {
    type: 'timeseries',
    title: 'Readings by quality',
    width: 12,
    height: 8,
    interval: '10m',
    queries: flags.map(({ flag, name }) => ({
      query: `SELECT COUNT("flag") ${inRange} AND "flag" = ${flag} GROUP BY time($__interval) fill(0)`,
      alias: name,
    })),
    fields: { custom: bars(true) },
    overrides: flags.map(({ name, color }) => override(name, { color: fixedColor(color) })),
  },
  {
    type: 'timeseries',
    title: 'Late readings by station',
    width: 12,
    height: 8,
    interval: '10m',
    queries: [
      { query: `SELECT COUNT("flag") ${inRange} AND ${late} GROUP BY time($__interval), "station" fill(0)`, alias: '$tag_station' },
    ],
    fields: { custom: bars(true) },
  },
]

const presence: readonly PanelSpec[] = [
  {
    type: 'state-timeline',
    title: 'Readings an hour',
    description: 'Red: an hour without a reading.',
    width: 12,
    height: 9,
    queries: [{ query: `SELECT COUNT("flag") ${inRange} GROUP BY time(1h), "station" fill(0)`, alias: '$tag_station' }],
    fields: { color: { mode: 'thresholds' }, thresholds: thresholds('red', [1, 'green']), custom: { fillOpacity: 70, lineWidth: 0 } },
  },
  {
    type: 'state-timeline',
    title: 'Completeness of each day',
    description: 'Readings that counted, of those expected from the interval of the series.',
    width: 12,
    height: 9,
    queries: [
      {
        query: `SELECT MEAN("completeness") FROM "observation_1d" WHERE $timeFilter GROUP BY time(1d), "station" fill(none)`,
        alias: '$tag_station',
      },
    ],
    fields: {
      unit: 'percentunit',
      min: 0,
      max: 1,
      color: { mode: 'thresholds' },
      thresholds: thresholds('red', [0.75, 'orange'], [0.95, 'green']),
      custom: { fillOpacity: 70, lineWidth: 0 },
    },
  },
]

const tables: readonly PanelSpec[] = [
  {
    type: 'table',
    title: 'Newest reading of each series',
    width: 12,
    height: 10,
    queries: [
      {
        query: `SELECT LAST("value") AS "value", "flag", "received_at" ${inRange} GROUP BY "station", "parameter", "sensor"`,
        format: 'table',
      },
    ],
    overrides: [override('flag', { mappings: [flagMapping] }), override('received_at', { unit: 'dateTimeAsIso' })],
  },
  {
    type: 'table',
    title: 'Warnings as they stand',
    width: 12,
    height: 10,
    queries: [
      {
        query: `SELECT LAST("state") AS "state", "value", "message", "sim" FROM "warning" WHERE $timeFilter GROUP BY "station", "rule", "level"`,
        format: 'table',
      },
    ],
    overrides: [override('level', { mappings: [levelMapping] })],
  },
]

export const network: DashboardSpec = {
  uid: 'gaugekeeper-network',
  title: 'Gaugekeeper: network',
  description: 'All stations: what they sent, how far it can be trusted, what is missing or late, and the warnings that stand.',
  from: 'now-7d',
  variables: [tagVariable('parameter', 'SHOW TAG VALUES FROM "observation" WITH KEY = "parameter"')],
  annotations: [warningAnnotation(`"state" = 'active'`)],
  panels: [...totals, ...series, ...presence, ...tables],
}
