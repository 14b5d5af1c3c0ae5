import type { Network, RuleDefinition, Sensor } from '../../domain/network.ts'
import { resolveLevels } from '../../domain/levels.ts'
import { createRiverGraph, type RiverGraph } from '../../domain/river-graph.ts'
import type { Happening, HappeningKind } from '../world/happenings.ts'
import type { Signal } from '../world/catchment.ts'
import { watchExcursions, type Excursion, type ExcursionWatch } from './excursion.ts'
import { meantBy } from './meant.ts'
import type { TruthCrossing, TruthEvent } from './truth.ts'

const hour = 3_600_000

/** What may have caused an event. */
export type Cause = Pick<Happening, 'id' | 'kind' | 'station' | 'from' | 'to' | 'substance'>

export interface EventParts {
  network: Network
  signals: readonly Signal[]
  happenings: readonly Cause[]
  /** First moment of the simulation: before there are hours enough to see a trend, no crossing can be forecast. */
  startAt: number
}

export interface EventWatch {
  /** Looks at all signals at the next moment. */
  see(at: number): (TruthEvent | TruthCrossing)[]
  /** The events that are going on and deserve a warning by now, as if each ended at its last moment beyond; they go on. */
  ongoing(): TruthEvent[]
  /** The same, and they are over. */
  finish(): TruthEvent[]
}

/**
 * Finds the events in the noise-free signals: what the rules of the network on values, rain sums and rates of rise ought to warn of, and the
 * crossings that its rules on trends ought to forecast.
 */
export function createEventWatch({ network, signals, happenings, startAt }: EventParts): EventWatch {
  const graph = createRiverGraph(network.stations)
  const watched = network.rules.flatMap((rule) => {
    const isMeant = meantBy(rule)
    const own = signals.filter(({ sensor }) => isMeant(sensor))
    return own.flatMap((signal) => (rule.kind === 'trend' ? trendWatches(rule, signal, startAt) : watchOf(rule, signal)))
  })
  const eventOf = ({ rule, sensor, type, from, ahead }: Watched, { level, onset, end, peak }: Excursion): TruthEvent[] =>
    level === null || onset < from
      ? []
      : [
          {
            kind: 'event',
            id: `${rule.id}:${sensor.station}:${Math.round(onset / 1000).toString(36)}`,
            ...{ type, rule: rule.id, ...seriesOf(sensor), level, onset, end },
            ...(ahead && { ruleKind: 'trend', ahead }),
            peak: { at: peak.at, value: rounded(peak.value) },
            cause: causeOf({ type, sensor, onset }, happenings, graph),
          },
        ]
  const eventsOf = (one: Watched, excursion: Excursion | null): TruthEvent[] => (excursion === null ? [] : eventOf(one, excursion))
  return {
    see(at) {
      const news: (TruthEvent | TruthCrossing)[] = []
      for (const one of watched) {
        const value = one.value(at)
        if (value === null) continue
        const { crossed, over } = one.watch.see(at, value)
        if (one.rule.kind === 'threshold')
          for (const crossing of crossed) news.push({ kind: 'crossing', ...seriesOf(one.sensor), ...crossing })
        if (over !== null) news.push(...eventOf(one, over))
      }
      return news
    },
    ongoing: () => watched.flatMap((one) => eventsOf(one, one.watch.open())),
    finish: () => watched.flatMap((one) => eventsOf(one, one.watch.finish())),
  }
}

export const rounded = (value: number): number => Math.round(value * 1e6) / 1e6

const seriesOf = ({ station, parameter, number }: Sensor): { station: string; parameter: string; number: number } => ({
  station,
  parameter: parameter.key,
  number,
})

interface Watched {
  rule: RuleDefinition
  sensor: Sensor
  type: string
  /** What the rule compares with its limits; null = there is not enough of a past yet. */
  value: (at: number) => number | null
  watch: ExcursionWatch
  /** What begins before is no event. */
  from: number
  ahead: TruthEvent['ahead']
}

function watchOf(rule: RuleDefinition, { sensor, truth }: Signal): Watched[] {
  const limits = resolveLevels(rule, sensor)
  const value = limits.length > 0 ? valueOf(rule, truth) : null
  if (value === null) return []
  const setting = (name: string, byDefault: number): number => Number(rule.settings[name] ?? byDefault)
  const interval = (setting('onCount', 1) - 1) * (sensor.everyMs ?? 0)
  const watch = watchExcursions({
    limits,
    sign: rule.settings.direction === 'down' ? -1 : 1,
    holdMs: Math.max(setting('holdMs', 0), interval),
    deadband: setting('deadband', 0.2 * Math.abs(limits[0]?.limit ?? 0)),
    clearAfterMs: setting('clearAfterMs', rule.kind === 'threshold' ? setting('offCount', 1) * (sensor.everyMs ?? 0) : hour),
  })
  return [{ rule, sensor, type: typeOf(rule, sensor), value, watch, from: -Infinity, ahead: undefined }]
}

/** Each limit of a rule on trends, crossed when so many hours have been seen as the rule needs. */
function trendWatches(rule: RuleDefinition, { sensor, truth }: Signal, startAt: number): Watched[] {
  const { least = 8, horizonMs = 144 * hour, direction } = rule.settings
  return resolveLevels(rule, sensor).map(({ level, limit }) => ({
    ...{ rule, sensor, type: typeOf(rule, sensor), value: truth },
    watch: watchExcursions({
      ...{ limits: [{ level, limit }], sign: direction === 'down' ? -1 : 1 },
      ...{ holdMs: 0, deadband: 0, clearAfterMs: hour },
    }),
    from: startAt + Number(least) * hour,
    ahead: { limit, withinMs: Number(horizonMs) },
  }))
}

function valueOf({ kind, settings }: RuleDefinition, truth: Signal['truth']): Watched['value'] | null {
  if (kind === 'threshold') return truth
  if (kind === 'rain-accumulation' && typeof settings.hours === 'number') return changeOver(truth, settings.hours * hour, 1)
  const windowMs = Number(settings.windowMs ?? hour / 2)
  return kind === 'rate-of-rise' ? changeOver(truth, windowMs, hour / windowMs) : null
}

/** How much a signal has changed in so many ms, times a factor. Called at growing moments. */
function changeOver(truth: Signal['truth'], windowMs: number, factor: number): Watched['value'] {
  const past: { at: number; value: number }[] = []
  return (at) => {
    const value = truth(at)
    past.push({ at, value })
    while ((past[1]?.at ?? Infinity) <= at - windowMs) past.shift()
    const first = past[0]
    return first === undefined || first.at > at - windowMs ? null : factor * (value - first.value)
  }
}

const types: ReadonlyMap<string, string> = new Map([
  ['water_level', 'flood'],
  ['reservoir_level_upstream', 'high-reservoir'],
  ['river_discharge', 'low-water'],
  ['rainfall', 'heavy-rain'],
  ['dissolved_oxygen', 'low-oxygen'],
  ['chlorophyll_a', 'bloom'],
  ['water_depth', 'tank'],
  ['pm2_5', 'smog'],
  ['gamma_dose_rate', 'radiation'],
])

function typeOf({ kind }: RuleDefinition, { parameter }: Sensor): string {
  return kind === 'rate-of-rise' ? 'rapid-rise' : (types.get(parameter.key) ?? 'pollution')
}

/** What a happening may lead to. */
const effects: Readonly<Record<HappeningKind, readonly string[]>> = {
  storm: ['heavy-rain', 'rapid-rise', 'flood', 'high-reservoir', 'pollution', 'low-oxygen'],
  spill: ['pollution', 'low-oxygen'],
  discharge: ['pollution', 'low-oxygen'],
  release: ['rapid-rise', 'flood'],
  bloom: ['bloom', 'low-oxygen'],
  filling: ['tank'],
  stagnation: ['smog'],
  drought: ['low-water'],
  thirst: ['low-water'],
}
/** What shows a substance that got into the water. */
const shows: Readonly<Record<Happening['substance'], readonly string[]>> = {
  salt: ['conductivity'],
  sediment: ['turbidity'],
  ammonia: ['ammonia_nitrogen', 'total_nitrogen', 'dissolved_oxygen'],
  organic: ['cod', 'codmn', 'dissolved_oxygen'],
  phosphorus: ['total_phosphorus'],
}
/** The water needs no longer to the sea. */
const longestWay = 48 * hour

/** The last happening before an event that leads to such a thing, here or upstream of here. */
function causeOf(
  { type, sensor: { station, parameter }, onset }: { type: string; sensor: Sensor; onset: number },
  happenings: readonly Cause[],
  graph: RiverGraph,
): string | null {
  const above = new Set<string>([station, ...graph.upstreamOf(station)])
  const causes = happenings.filter(
    (one) =>
      effects[one.kind].includes(type) &&
      (one.kind !== 'spill' || shows[one.substance].includes(parameter.key)) &&
      (one.station === null || above.has(one.station)) &&
      one.from <= onset &&
      onset <= one.to + longestWay,
  )
  // what happens at a place explains more than what happens everywhere
  return causes.sort((a, b) => Number(a.station !== null) - Number(b.station !== null) || a.from - b.from).at(-1)?.id ?? null
}
