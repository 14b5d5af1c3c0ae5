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
import { flagColors, flagMapping, late, testWords, trusted } from './words.ts'

const chosen = `"station" = '$station' AND "parameter" = '$parameter' AND "sensor" = '$sensor'`
const from = (measurement: string): string => `FROM "${measurement}" WHERE $timeFilter AND ${chosen}`
const observed = from('observation')

const figure = (title: string, query: string, fields: PanelSpec['fields'], description?: string): PanelSpec => ({
  type: 'stat',
  title,
  ...(description === undefined ? {} : { description }),
  width: 4,
  height: 4,
  queries: [{ query }],
  fields: { noValue: '–', ...fields },
})

const figures: readonly PanelSpec[] = [
  figure('Newest trusted value', `SELECT LAST("value") ${observed} AND ${trusted}`, { color: fixedColor('blue') }),
  figure('Readings', `SELECT COUNT("flag") ${observed}`, { color: fixedColor('blue') }),
  figure(
    'Longest gap',
    `SELECT MAX("gap") FROM (SELECT ELAPSED("flag", 1s) AS "gap" ${observed})`,
    { unit: 's', color: { mode: 'thresholds' }, thresholds: thresholds('green', [7_200, 'orange'], [86_400, 'red']) },
    'Longest time between two readings that follow each other.',
  ),
  figure('Completeness', `SELECT MEAN("completeness") ${from('observation_1h')}`, {
    unit: 'percentunit',
    color: { mode: 'thresholds' },
    thresholds: thresholds('red', [0.75, 'orange'], [0.95, 'green']),
  }),
  figure('Late', `SELECT COUNT("flag") ${observed} AND ${late}`, { color: fixedColor('purple'), noValue: '0' }),
  figure(
    'Superseded',
    `SELECT COUNT("flag") ${from('observation_history')}`,
    { color: fixedColor('purple'), noValue: '0' },
    'Earlier states that a correction or another judgement took the place of.',
  ),
]

const points = (color: string): Readonly<Record<string, unknown>> => ({
  color: fixedColor(color),
  'custom.drawStyle': 'points',
  'custom.pointSize': 7,
})

const hydrograph: readonly PanelSpec[] = [
  {
    type: 'timeseries',
    title: '$station: $parameter',
    description: 'Mean and range of trusted values; suspect and failed ones as points. Lines stay open over gaps of more than two hours.',
    width: 24,
    height: 10,
    interval: '1m',
    queries: [
      { query: `SELECT MIN("value") ${observed} AND ${trusted} GROUP BY time($__interval) fill(none)`, alias: 'lowest' },
      { query: `SELECT MAX("value") ${observed} AND ${trusted} GROUP BY time($__interval) fill(none)`, alias: 'highest' },
      { query: `SELECT MEAN("value") ${observed} AND ${trusted} GROUP BY time($__interval) fill(none)`, alias: 'mean' },
      { query: `SELECT "value" ${observed} AND "flag" = 3`, alias: 'suspect' },
      { query: `SELECT "value" ${observed} AND "flag" = 4`, alias: 'failed' },
    ],
    fields: { custom: linesWithGaps(7_200_000) },
    overrides: [
      override('mean', { color: fixedColor('blue'), 'custom.lineWidth': 2 }),
      override('lowest', { color: fixedColor('light-blue'), 'custom.lineWidth': 0 }),
      override('highest', {
        color: fixedColor('light-blue'),
        'custom.lineWidth': 0,
        'custom.fillBelowTo': 'lowest',
        'custom.fillOpacity': 20,
      }),
      override('suspect', points(flagColors[3])),
      override('failed', points(flagColors[4])),
    ],
  },
  {
    type: 'state-timeline',
    title: 'Quality',
    description: 'Largest flag of each interval.',
    width: 24,
    height: 4,
    interval: '1m',
    queries: [{ query: `SELECT MAX("flag") ${observed} GROUP BY time($__interval) fill(none)`, alias: 'flag' }],
    fields: { mappings: [flagMapping], custom: { fillOpacity: 80, lineWidth: 0 } },
  },
]

const presence: readonly PanelSpec[] = [
  {
    type: 'timeseries',
    title: 'Readings an hour',
    description: 'An hour without a bar is a gap.',
    width: 12,
    height: 7,
    queries: [{ query: `SELECT COUNT("flag") ${observed} GROUP BY time(1h) fill(0)`, alias: 'readings' }],
    fields: { custom: bars(false), color: fixedColor('blue') },
  },
  {
    type: 'timeseries',
    title: 'Marks and tests that objected',
    width: 12,
    height: 7,
    interval: '10m',
    queries: testWords.map(({ name, condition }) => ({
      query: `SELECT COUNT("flag") ${observed} AND ${condition} GROUP BY time($__interval) fill(none)`,
      alias: name,
    })),
    fields: { custom: bars(true) },
  },
]

const rollups: readonly PanelSpec[] = [
  {
    type: 'timeseries',
    title: 'Hourly sums',
    description: 'For rain and volumes.',
    width: 8,
    height: 7,
    queries: [{ query: `SELECT "sum" ${from('observation_1h')}`, alias: 'sum' }],
    fields: { custom: bars(false), color: fixedColor('blue') },
  },
  {
    type: 'timeseries',
    title: 'Days: lowest, mean, highest',
    width: 8,
    height: 7,
    queries: ['min', 'mean', 'max'].map((name) => ({ query: `SELECT "${name}" ${from('observation_1d')}`, alias: name })),
    fields: { custom: linesWithGaps(2 * 86_400_000) },
  },
  {
    type: 'timeseries',
    title: 'Completeness of each day',
    width: 8,
    height: 7,
    queries: [{ query: `SELECT "completeness" ${from('observation_1d')}`, alias: 'completeness' }],
    fields: { unit: 'percentunit', min: 0, max: 1, custom: bars(false), color: fixedColor('green') },
  },
]

const receivedAt = override('received_at', { unit: 'dateTimeAsIso' })
const flagColumn = override('flag', { mappings: [flagMapping] })

const tables: readonly PanelSpec[] = [
  {
    type: 'table',
    title: 'Late readings',
    width: 12,
    height: 8,
    queries: [{ query: `SELECT "value", "flag", "received_at", "device" ${observed} AND ${late}`, format: 'table' }],
    overrides: [flagColumn, receivedAt],
  },
  {
    type: 'table',
    title: 'Superseded states',
    description: 'What stood there before; the current state is in the chart.',
    width: 12,
    height: 8,
    queries: [{ query: `SELECT "version", "value", "flag", "received_at", "device" ${from('observation_history')}`, format: 'table' }],
    overrides: [flagColumn, receivedAt],
  },
]

export const station: DashboardSpec = {
  uid: 'gaugekeeper-station',
  title: 'Gaugekeeper: station',
  description: 'One series: its values and their quality, gaps, late and corrected readings, roll-ups and warnings.',
  from: 'now-7d',
  variables: [
    tagVariable('station', 'SHOW TAG VALUES FROM "observation" WITH KEY = "station"'),
    tagVariable('parameter', `SHOW TAG VALUES FROM "observation" WITH KEY = "parameter" WHERE "station" = '$station'`),
    tagVariable(
      'sensor',
      `SHOW TAG VALUES FROM "observation" WITH KEY = "sensor" WHERE "station" = '$station' AND "parameter" = '$parameter'`,
    ),
  ],
  annotations: [warningAnnotation(`"station" = '$station'`)],
  panels: [...figures, ...hydrograph, ...presence, ...rollups, ...tables],
}
