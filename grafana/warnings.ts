import { levels } from '../domain/warning.ts'
import { bars, fixedColor, override, tagVariable, warningAnnotation, type DashboardSpec, type PanelSpec, type Variable } from './model.ts'
import { levelColors, levelMapping } from './words.ts'

const chosen = '"station" =~ /^$station$/ AND "level" =~ /^$level$/'
const found = `FROM "warning" WHERE $timeFilter AND ${chosen}`

const stateColors = { pending: 'yellow', active: 'red', cleared: 'green', expired: '#8e8e8e' } as const

const stateMapping = {
  type: 'value' as const,
  options: Object.fromEntries(Object.entries(stateColors).map(([state, color]) => [state, { text: state, color }])),
}

const totals: readonly PanelSpec[] = [
  {
    type: 'stat',
    title: 'Changes of active warnings, by level',
    width: 16,
    height: 4,
    queries: levels.map((level) => ({
      query: `SELECT COUNT("state") ${found} AND "level" = '${level}' AND "state" = 'active'`,
      alias: level,
    })),
    fields: { noValue: '0' },
    overrides: levels.map((level) => override(level, { color: fixedColor(levelColors[level]) })),
  },
  {
    type: 'stat',
    title: 'Ended',
    description: 'Cleared by data or a person, or expired.',
    width: 4,
    height: 4,
    queries: [{ query: `SELECT COUNT("state") ${found} AND ("state" = 'cleared' OR "state" = 'expired')` }],
    fields: { noValue: '0', color: fixedColor('green') },
  },
  {
    type: 'stat',
    title: 'Simulated or drill',
    width: 4,
    height: 4,
    queries: [{ query: `SELECT COUNT("state") ${found} AND "sim" = true` }],
    fields: { noValue: '0', color: fixedColor('yellow') },
  },
]

const courses: readonly PanelSpec[] = [
  {
    type: 'state-timeline',
    title: 'State by station and rule',
    width: 24,
    height: 9,
    queries: [{ query: `SELECT "state" ${found} GROUP BY "station", "rule"`, alias: '$tag_station: $tag_rule' }],
    fields: { mappings: [stateMapping], custom: { fillOpacity: 80, lineWidth: 0 } },
  },
  {
    type: 'timeseries',
    title: 'Active warnings a day, by level',
    width: 12,
    height: 8,
    queries: [{ query: `SELECT COUNT("state") ${found} AND "state" = 'active' GROUP BY time(1d), "level" fill(0)`, alias: '$tag_level' }],
    fields: { custom: bars(true) },
    overrides: levels.map((level) => override(level, { color: fixedColor(levelColors[level]) })),
  },
  {
    type: 'timeseries',
    title: 'The value that decided',
    width: 12,
    height: 8,
    queries: [{ query: `SELECT "value" ${found} GROUP BY "station", "rule"`, alias: '$tag_station: $tag_rule' }],
    fields: { custom: { drawStyle: 'points', pointSize: 6 } },
  },
]

const changes: PanelSpec = {
  type: 'table',
  title: 'Changes',
  description: 'Each version of each warning, with the sentence why.',
  width: 24,
  height: 12,
  queries: [
    {
      query: `SELECT "state", "value", "message", "message_zh", "sim" ${found} GROUP BY "station", "rule", "level" ORDER BY time DESC LIMIT 500`,
      format: 'table',
    },
  ],
  overrides: [override('level', { mappings: [levelMapping] }), override('state', { mappings: [stateMapping] })],
}

const levelVariable: Variable = {
  type: 'custom',
  name: 'level',
  label: 'level',
  query: levels.join(','),
  multi: true,
  includeAll: true,
  allValue: '.*',
  current: { text: 'All', value: '$__all' },
  options: levels.map((level) => ({ text: level, value: level, selected: false })),
}

export const warnings: DashboardSpec = {
  uid: 'gaugekeeper-warnings',
  title: 'Gaugekeeper: warnings',
  description: 'What was warned of, where, at which level, why, and when it ended.',
  from: 'now-30d',
  variables: [tagVariable('station', 'SHOW TAG VALUES FROM "warning" WITH KEY = "station"', { all: true }), levelVariable],
  annotations: [warningAnnotation(chosen)],
  panels: [...totals, ...courses, changes],
}
