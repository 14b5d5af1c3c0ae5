import type { Fleet } from '../../domain/fleet.ts'
import { NetworkInvalid, type FileProblem } from '../../domain/errors.ts'
import type { SensorId } from '../../domain/ids.ts'
import type { Network, RuleDefinition } from '../../domain/network.ts'
import { checkShape } from '../../domain/shape.ts'
import { formatDuration, parseDuration } from '../../domain/time.ts'
import { isAbout } from '../rule-scope.ts'
import type { BoundRule, ReadingRule, RuleKindModule, SilenceRule, TrendRule } from '../rule-kind.ts'
import { ruleKinds } from './registry.ts'

/** All rules of a fleet, each bound to its series and stations with resolved limits. */
export interface CompiledRules {
  /** Driven by readings, by series. */
  readings: ReadonlyMap<SensorId, readonly ReadingRule[]>
  silences: readonly SilenceRule[]
  trends: readonly TrendRule[]
}

/** Mistakes in the settings of a network's rules, with the rule and the key; empty = all can be used. */
export function checkRules(rules: readonly RuleDefinition[]): FileProblem[] {
  return rules.flatMap((rule) => checked(rule).problems)
}

/** The network, if all its rules can be used; throws NetworkInvalid with every mistake in their settings otherwise. */
export function requireRules(network: Network): Network {
  const problems = checkRules(network.rules)
  if (problems.length > 0) throw new NetworkInvalid(network.file ?? network.id, problems)
  return network
}

/** Binds every rule to the stations it is about. A rule with mistakes is left out (`checkRules` names them before a fleet is taken). */
export function compileRules(fleet: Fleet): CompiledRules {
  const readings = new Map<SensorId, ReadingRule[]>()
  const silences: SilenceRule[] = []
  const trends: TrendRule[] = []
  for (const bound of fleet.networks.flatMap(bindNetwork)) {
    if (bound.drivenBy === 'clock') silences.push(bound)
    else if (bound.drivenBy === 'job') trends.push(bound)
    else readings.set(bound.series, [...(readings.get(bound.series) ?? []), bound])
  }
  return { readings, silences, trends }
}

function bindNetwork(network: Network): BoundRule[] {
  return network.rules.flatMap((rule) => {
    const { module, settings, problems } = checked(rule)
    if (module === null || problems.length > 0) return []
    const stations = network.stations.filter((station) => isAbout(rule, station.id))
    return stations.flatMap((station) => module.bind(rule, settings, { network, station }))
  })
}

interface Checked {
  module: RuleKindModule | null
  /** As the kind's schema has them. */
  settings: unknown
  problems: FileProblem[]
}

function checked(rule: RuleDefinition): Checked {
  const path = `rules[${rule.id}]`
  const module = ruleKinds.find((each) => each.kind === rule.kind) ?? null
  if (module === null)
    return { module, settings: {}, problems: [{ path: `${path}.kind`, message: `"${rule.kind}" is not a kind of rule` }] }
  const problems: FileProblem[] = []
  const settings = checkShape(module.settings, asWritten(rule.settings), path, problems)
  if (typeof settings === 'object' && settings !== null) checkLengths(settings, path, problems)
  if (needsParameter.has(rule.kind) && rule.parameter === null)
    problems.push({ path: `${path}.parameter`, message: `a ${rule.kind} rule needs a parameter, such as parameter: water_level` })
  return { module, settings, problems }
}

/** Rain has a parameter of its own, silence may be about a whole station. */
const needsParameter = new Set<string>(['threshold', 'rate-of-rise', 'trend'])

/** Durations come in ms under their name + `Ms`; a person reads and writes them as text. */
function asWritten(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) =>
      key.endsWith('Ms') && typeof value === 'number' ? [key.slice(0, -2), formatDuration(value)] : [key, value],
    ),
  )
}

const lengths = ['hold', 'clearAfter', 'window', 'after', 'horizon']

function checkLengths(settings: object, path: string, problems: FileProblem[]): void {
  for (const [key, value] of Object.entries(settings))
    if (lengths.includes(key) && parseDuration(value) === null)
      problems.push({ path: `${path}.${key}`, message: `"${String(value)}" is not a duration; write a number with its unit, such as 15m` })
}
