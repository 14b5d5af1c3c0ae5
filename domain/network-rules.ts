import { ruleId, stationId } from './ids.ts'
import { resolveLevels, stageOf } from './levels.ts'
import { findOrReport, readDuration } from './network-stations.ts'
import type { LooseRule } from './network-schema.ts'
import type { RuleDefinition, Sensor, Station } from './network.ts'
import { hint, nearest } from './nearest.ts'
import type { Problems } from './problems.ts'
import { parseDuration } from './time.ts'
import { levels, type RuleKind } from './warning.ts'
import type { Flag } from './flag.ts'

/** Settings that are lengths of time wherever they stand. */
const durations = new Set(['hold', 'clearAfter', 'window', 'after', 'horizon'])
const sharedKeys = new Set(['id', 'kind', 'parameter', 'stations', 'levels', 'trusts'])
const flags: readonly number[] = [1, 2, 3, 4, 9]

/**
 * Rules of a file: what all kinds share is checked here (stations, parameter, stages, order of the limits, durations); the rest goes
 * through as `settings`, each duration in ms under its name + `Ms`.
 */
export function buildRules(
  files: readonly (LooseRule | undefined)[],
  stations: readonly Station[],
  network: string,
  problems: Problems,
): RuleDefinition[] {
  const seen = new Set<string>()
  return files.flatMap((file, place): RuleDefinition[] => {
    const path = `rules[${place}]`
    if (file?.id === undefined || file.kind === undefined) return []
    const id = file.id
    if (seen.has(id)) problems.add(`${path}.id`, () => `rule ${id} stands in the file twice; ids are unique`)
    seen.add(id)
    const rule = buildRule(file, id, file.kind, network, path, problems)
    checkNeeds(rule, path, problems)
    checkScope(rule, stations, path, problems)
    return [rule]
  })
}

function buildRule(file: LooseRule, id: string, kind: RuleKind, network: string, path: string, problems: Problems): RuleDefinition {
  const parameter = file.parameter === undefined ? null : findOrReport(file.parameter, `${path}.parameter`, problems)
  const trusts = file.trusts?.filter((flag) => flag !== undefined)
  for (const flag of trusts ?? [])
    if (!flags.includes(flag)) problems.add(`${path}.trusts`, () => `${flag} is not a quality flag; these are ${flags.join(', ')}`)
  return {
    id: ruleId(id),
    kind,
    parameter: parameter?.key ?? null,
    stations: file.stations?.filter((station) => station !== undefined).map(stationId) ?? null,
    network,
    trusts: (trusts as Flag[] | undefined) ?? null,
    levels: readLevels(file, path, problems),
    settings: readSettings(file, path, problems),
  }
}

function readLevels(file: LooseRule, path: string, problems: Problems): RuleDefinition['levels'] {
  const limits: RuleDefinition['levels'] = {}
  for (const level of levels) {
    const limit = file.levels?.[level]
    if (limit === undefined) continue
    if (typeof limit === 'string' && !/^stage\.\S+$/.test(limit))
      problems.add(`${path}.levels.${level}`, () => `"${limit}" is not a limit; write a number in the parameter's unit, or stage.<name>`)
    else limits[level] = limit
  }
  return limits
}

function readSettings(file: LooseRule, path: string, problems: Problems): RuleDefinition['settings'] {
  const settings: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(file)) {
    if (sharedKeys.has(key) || value === undefined) continue
    if (durations.has(key) && typeof value !== 'string')
      problems.add(`${path}.${key}`, () => `${JSON.stringify(value)} is not a duration; write a number with its unit, such as 15m`)
    else if (durations.has(key) && typeof value === 'string') settings[`${key}Ms`] = readDuration(value, `${path}.${key}`, problems)
    else if (typeof value === 'string' && parseDuration(value) !== null) settings[`${key}Ms`] = parseDuration(value)
    else settings[key] = value
  }
  return settings
}

function checkNeeds(rule: RuleDefinition, path: string, problems: Problems): void {
  const isLadder = rule.kind === 'threshold' || rule.kind === 'rate-of-rise' || rule.kind === 'rain-accumulation'
  const isBroken = problems.list.some((problem) => problem.path.startsWith(`${path}.levels`))
  if (isLadder && !isBroken && Object.keys(rule.levels).length === 0)
    problems.add(`${path}.levels`, () => `a ${rule.kind} rule needs a limit for at least one level, such as levels: { yellow: 3.0 }`)
}

function checkScope(rule: RuleDefinition, stations: readonly Station[], path: string, problems: Problems): void {
  const named = new Map(stations.map((station) => [station.id, station]))
  for (const [place, id] of (rule.stations ?? []).entries()) {
    const station = named.get(id)
    const measures = station?.sensors.some((sensor) => sensor.parameter.key === rule.parameter)
    if (station === undefined)
      problems.add(`${path}.stations[${place}]`, () => `there is no station "${id}" in this network${hint(id, named.keys())}`)
    else if (rule.parameter !== null && !measures)
      problems.add(`${path}.stations[${place}]`, () => `station ${id} does not measure ${rule.parameter}`)
  }
  const meant = rule.stations === null ? null : new Set(rule.stations)
  const sensors = stations
    .filter((station) => meant === null || meant.has(station.id))
    .flatMap((station) => station.sensors.filter((sensor) => rule.parameter === null || sensor.parameter.key === rule.parameter))
  checkStages(rule, sensors, path, problems)
  checkOrder(rule, sensors, path, problems)
}

/** A stage that some station lacks switches the rule off there; one that none of them has, while they have others, is a slip. */
function checkStages(rule: RuleDefinition, sensors: readonly Sensor[], path: string, problems: Problems): void {
  const known = [...new Set(sensors.flatMap((sensor) => [...sensor.stages.keys()]))]
  for (const [level, limit] of Object.entries(rule.levels)) {
    const stage = stageOf(limit)
    if (stage === null || known.length === 0 || known.includes(stage)) continue
    problems.add(`${path}.levels.${level}`, () => {
      const near = nearest(stage, known)
      const what = rule.parameter === null ? 'no sensor' : `no sensor of ${rule.parameter}`
      return `${what} has a stage "${stage}"; ${near === null ? `known are ${known.join(', ')}` : `did you mean stage.${near}?`}`
    })
  }
}

/** The limit of each higher level lies farther out, upward or (`direction: down`) downward, at every sensor. */
function checkOrder(rule: RuleDefinition, sensors: readonly Sensor[], path: string, problems: Problems): void {
  if (typeof rule.settings['hours'] === 'object') return // rain: each level sums other hours, so their limits have no order
  const sign = rule.settings['direction'] === 'down' ? -1 : 1
  for (const sensor of sensors) {
    const ladder = resolveLevels(rule, sensor)
    for (const [place, { level, limit }] of ladder.entries()) {
      const below = ladder[place - 1]
      if (below === undefined || (limit - below.limit) * sign > 0) continue
      const side = sign > 0 ? 'above' : 'below'
      problems.add(
        `${path}.levels.${level}`,
        () => `at ${sensor.id} its limit ${limit} is not ${side} ${below.limit}, the limit of ${below.level}`,
      )
      return
    }
  }
}
