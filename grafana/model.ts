import type { Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { AnnotationQuery, Dashboard, FieldConfig, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'

/** An InfluxQL query as Grafana's InfluxDB data source stores it. */
export interface InfluxTarget {
  refId: string
  datasource: typeof dataSource
  rawQuery: true
  query: string
  resultFormat: 'time_series' | 'table'
  alias?: string
  /** Annotations only: the columns that make text and tags. */
  textColumn?: string
  tagsColumn?: string
  fromAnnotations?: true
}

/** The SDK's types with its enumerations as the plain words and numbers that stand in the file, and our queries. */
type Plain<T> = T extends Dataquery
  ? InfluxTarget
  : T extends string
    ? `${T}`
    : T extends number
      ? number
      : T extends readonly (infer Item)[]
        ? Plain<Item>[]
        : T extends object
          ? { [Key in keyof T]: Plain<T[Key]> }
          : T

export type PlainPanel = Plain<Panel>
export type PlainDashboard = Plain<Omit<Dashboard, 'panels'>> & { panels: PlainPanel[] }
export type Variable = Plain<VariableModel>
type Fields = Plain<FieldConfig>
type Override = Plain<NonNullable<Panel['fieldConfig']>>['overrides'][number]

/** The provisioned data source, by the id that every dashboard names. */
export const dataSource = { type: 'influxdb', uid: 'gaugekeeper-influxdb' } as const

export interface Query {
  query: string
  /** Name of the series; `$tag_x` is the value of tag x. */
  alias?: string
  format?: InfluxTarget['resultFormat']
}

/** One panel before it has its place. */
export interface PanelSpec {
  type: 'stat' | 'timeseries' | 'table' | 'state-timeline'
  title: string
  description?: string
  queries: readonly Query[]
  /** Columns of 24, and rows. */
  width: number
  height: number
  fields?: Fields
  overrides?: Override[]
  options?: object
  /** Shortest interval that `$__interval` takes. */
  interval?: string
}

export interface DashboardSpec {
  uid: string
  title: string
  description: string
  from: string
  variables: readonly Variable[]
  annotations: readonly Plain<AnnotationQuery>[]
  panels: readonly PanelSpec[]
}

/** The dashboard as a file, ending in a line end: panels fill rows of 24 columns in their order. */
export function dashboardFile(spec: DashboardSpec): string {
  const dashboard: PlainDashboard = {
    uid: spec.uid,
    title: spec.title,
    description: spec.description,
    tags: ['gaugekeeper'],
    editable: false,
    graphTooltip: 1,
    schemaVersion: 39,
    timezone: 'browser',
    refresh: '1m',
    time: { from: spec.from, to: 'now' },
    links: [otherDashboards],
    templating: { list: [...spec.variables] },
    annotations: { list: [...spec.annotations] },
    panels: placed(spec.panels),
  }
  return `${JSON.stringify(dashboard, null, 2)}\n`
}

const otherDashboards: Plain<NonNullable<Dashboard['links']>[number]> = {
  title: 'Gaugekeeper',
  type: 'dashboards',
  icon: 'external link',
  tooltip: '',
  tags: ['gaugekeeper'],
  asDropdown: true,
  targetBlank: false,
  includeVars: false,
  keepTime: true,
}

function placed(specs: readonly PanelSpec[]): PlainPanel[] {
  let [x, y, tallest] = [0, 0, 0]
  return specs.map((spec, i) => {
    if (x + spec.width > 24) [x, y, tallest] = [0, y + tallest, 0]
    const panel = panelOf(spec, i + 1, { x, y, w: spec.width, h: spec.height })
    x += spec.width
    tallest = Math.max(tallest, spec.height)
    return panel
  })
}

function panelOf(spec: PanelSpec, id: number, gridPos: NonNullable<PlainPanel['gridPos']>): PlainPanel {
  return {
    id,
    type: spec.type,
    title: spec.title,
    ...(spec.description === undefined ? {} : { description: spec.description }),
    datasource: dataSource,
    gridPos,
    ...(spec.interval === undefined ? {} : { interval: spec.interval }),
    fieldConfig: { defaults: spec.fields ?? {}, overrides: spec.overrides ?? [] },
    options: { ...optionsOf[spec.type], ...spec.options },
    targets: spec.queries.map((query, i) => targetOf(query, String.fromCharCode(65 + i))),
  }
}

const optionsOf: Record<PanelSpec['type'], object> = {
  stat: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false }, colorMode: 'value', graphMode: 'none', textMode: 'auto' },
  timeseries: { legend: { displayMode: 'list', placement: 'bottom', showLegend: true }, tooltip: { mode: 'multi', sort: 'none' } },
  table: { showHeader: true, cellHeight: 'sm' },
  'state-timeline': {
    mergeValues: true,
    showValue: 'never',
    rowHeight: 0.9,
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true },
  },
}

function targetOf({ query, alias, format = 'time_series' }: Query, refId: string): InfluxTarget {
  return { refId, datasource: dataSource, rawQuery: true, query, resultFormat: format, ...(alias === undefined ? {} : { alias }) }
}

/** A variable that lists the values of a tag. `all`: several may be chosen, and all at once. */
export function tagVariable(name: string, query: string, { label = name, all = false }: { label?: string; all?: boolean } = {}): Variable {
  return {
    type: 'query',
    name,
    label,
    datasource: dataSource,
    query,
    definition: query,
    refresh: 2,
    sort: 1,
    multi: all,
    includeAll: all,
    ...(all ? { allValue: '.*', current: { text: 'All', value: '$__all' } } : {}),
  }
}

/** Changes of warnings as marks on the time axis, narrowed by `where`. */
export function warningAnnotation(where: string): Plain<AnnotationQuery> {
  const query = `SELECT "message", "level" FROM "warning" WHERE $timeFilter AND ${where} ORDER BY time ASC`
  return {
    name: 'Warnings',
    enable: true,
    iconColor: 'orange',
    datasource: dataSource,
    target: { ...targetOf({ query, format: 'table' }, 'Anno'), textColumn: 'message', tagsColumn: 'level', fromAnnotations: true },
  }
}

/** A field found by the name its query gives it, with other settings. */
export function override(name: string, properties: Readonly<Record<string, unknown>>): Override {
  return { matcher: { id: 'byName', options: name }, properties: Object.entries(properties).map(([id, value]) => ({ id, value })) }
}

/** Colours by limit: `steps` of value and colour, the first one from minus infinity. */
export function thresholds(first: string, ...steps: readonly (readonly [number, string])[]): NonNullable<Fields['thresholds']> {
  return { mode: 'absolute', steps: [{ value: null, color: first }, ...steps.map(([value, color]) => ({ value, color }))] }
}

/** Lines that stay open over a gap longer than `ms`. */
export const linesWithGaps = (ms: number): object => ({ drawStyle: 'line', lineWidth: 1, showPoints: 'auto', pointSize: 4, spanNulls: ms })

export const bars = (stacked: boolean): object => ({
  drawStyle: 'bars',
  lineWidth: 0,
  fillOpacity: 80,
  stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
})

export const fixedColor = (color: string): NonNullable<Fields['color']> => ({ mode: 'fixed', fixedColor: color })
