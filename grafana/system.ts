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

const found = 'FROM "system" WHERE $timeFilter AND "node" =~ /^$node$/'

const newest = (title: string, field: string, fields: PanelSpec['fields'], description?: string): PanelSpec => ({
  type: 'stat',
  title,
  ...(description === undefined ? {} : { description }),
  width: 4,
  height: 4,
  queries: [{ query: `SELECT LAST("${field}") ${found}` }],
  fields: { noValue: '–', color: fixedColor('blue'), ...fields },
})

/** Figures of the process over time; each node its own line. */
const course = (
  title: string,
  lines: readonly [field: string, alias: string][],
  fields: PanelSpec['fields'],
  description?: string,
): PanelSpec => ({
  type: 'timeseries',
  title,
  ...(description === undefined ? {} : { description }),
  width: 12,
  height: 7,
  interval: '1m',
  queries: lines.map(([field, alias]) => ({
    query: `SELECT MAX("${field}") ${found} GROUP BY time($__interval), "node" fill(none)`,
    alias: `${alias} $tag_node`,
  })),
  fields: { custom: linesWithGaps(300_000), ...fields },
})

/** Counters as what they gained an interval. A restart sets none of them back: they count since the store was made. */
const gains = (names: readonly [field: string, alias: string][]): PanelSpec['queries'] =>
  names.map(([field, alias]) => ({
    query: `SELECT NON_NEGATIVE_DIFFERENCE(LAST("${field}")) ${found} GROUP BY time($__interval), "node" fill(none)`,
    alias,
  }))

const stops = { color: { mode: 'thresholds' as const } }

const figures: readonly PanelSpec[] = [
  newest('Devices online', 'devices_online', {}),
  newest('Open warnings', 'open_warnings', { color: fixedColor('orange') }),
  newest('Deliveries that wait', 'journal_backlog', { ...stops, thresholds: thresholds('green', [1_000, 'orange'], [100_000, 'red']) }),
  newest('Commits not here yet', 'sink_behind', { ...stops, thresholds: thresholds('green', [10, 'orange'], [1_000, 'red']) }),
  newest(
    'Refused',
    'refused',
    { ...stops, thresholds: thresholds('green', [1, 'red']) },
    'Deliveries that nobody was told were kept: the sender has them still.',
  ),
  newest(
    'Quarantined',
    'quarantined',
    { ...stops, thresholds: thresholds('green', [1, 'orange']) },
    'Values kept with their bytes and the reason.',
  ),
]

const courses: readonly PanelSpec[] = [
  {
    type: 'timeseries',
    title: 'What became of the values received',
    description: 'received = stored + versions + duplicate + quarantined',
    width: 24,
    height: 8,
    interval: '1m',
    queries: gains([
      ['stored', 'stored'],
      ['versions', 'versions'],
      ['duplicate', 'duplicate'],
      ['quarantined', 'quarantined'],
      ['late', 'late (of the stored)'],
    ]),
    fields: { custom: bars(true) },
    overrides: [
      override('quarantined', { color: fixedColor('orange') }),
      override('late (of the stored)', { color: fixedColor('purple'), 'custom.stacking': { mode: 'none' }, 'custom.drawStyle': 'line' }),
    ],
  },
  course(
    'Devices',
    [
      ['devices', 'all'],
      ['devices_online', 'online'],
    ],
    {},
  ),
  course('Received in all', [['received', 'values']], {}, 'Since the store was made.'),
  course('Journal', [['journal_bytes', 'bytes']], { unit: 'bytes' }),
  course(
    'Waiting',
    [
      ['journal_backlog', 'deliveries'],
      ['sink_behind', 'commits for InfluxDB'],
    ],
    {},
  ),
  course('Store', [['store_bytes', 'bytes']], { unit: 'bytes' }),
  course('Observations kept', [['store_rows', 'rows']], {}),
  course('Memory', [['rss_bytes', 'resident']], { unit: 'bytes' }),
  course('Event loop', [['loop_delay_p99_ms', 'p99 delay']], { unit: 'ms' }),
]

export const system: DashboardSpec = {
  uid: 'gaugekeeper-system',
  title: 'Gaugekeeper: system',
  description: 'How the system itself does: the account of all values, what waits, what it takes.',
  from: 'now-24h',
  variables: [tagVariable('node', 'SHOW TAG VALUES FROM "system" WITH KEY = "node"', { all: true })],
  annotations: [warningAnnotation(`"state" = 'active'`)],
  panels: [...figures, ...courses],
}
