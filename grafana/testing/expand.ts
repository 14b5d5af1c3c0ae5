import type { InfluxTarget, PlainDashboard, Variable } from '../model.ts'

export interface NamedQuery {
  /** Dashboard, panel and reference, for a message. */
  name: string
  query: string
}

/** Every query of a dashboard that Grafana would send: panels, annotations and variables, not expanded. Throws when there is none. */
export function queriesOf(dashboard: PlainDashboard): NamedQuery[] {
  const title = dashboard.title ?? 'untitled'
  const panels = dashboard.panels.flatMap((panel) => {
    const targets = panel.targets ?? []
    if (targets.length === 0) throw new Error(`${title}: panel "${panel.title ?? ''}" has no query`)
    return targets.map((target) => named(`${title} / ${panel.title ?? ''} / ${target.refId}`, target))
  })
  if (panels.length === 0) throw new Error(`${title} has no panel`)
  const annotations = (dashboard.annotations.list ?? []).flatMap(({ name, target }) =>
    target ? [named(`${title} / annotation ${name}`, target)] : [],
  )
  return [...panels, ...annotations]
}

const named = (name: string, { query }: InfluxTarget): NamedQuery => ({ name, query })

export interface Range {
  from: number
  to: number
}

/** Replaces what Grafana replaces: time, interval, and each variable by the value it would have when the dashboard is opened. */
export function expand(query: string, range: Range, variables: ReadonlyMap<string, string>): string {
  return query
    .replaceAll('$timeFilter', `time >= ${range.from}ms and time <= ${range.to}ms`)
    .replaceAll('$__interval', '10m')
    .replace(/\$(\w+)/g, (whole, name: string) => variables.get(name) ?? whole)
}

/** The values of all variables: the first answer of its query, or everything where all is the default. `ask` gives a query's values. */
export async function valuesOf(
  variables: readonly Variable[],
  range: Range,
  ask: (query: string) => Promise<string[]>,
): Promise<Map<string, string>> {
  const values = new Map<string, string>()
  for (const variable of variables) {
    const listed = variable.type === 'query' ? await ask(expand(String(variable.query), range, values)) : String(variable.query).split(',')
    const [first] = listed
    if (first === undefined || first === '') throw new Error(`variable ${variable.name} lists nothing: ${String(variable.query)}`)
    values.set(variable.name, variable.includeAll ? (variable.allValue ?? `(${listed.join('|')})`) : first)
  }
  return values
}
