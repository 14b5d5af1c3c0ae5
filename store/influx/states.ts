import { knownSince } from '../../domain/observation.ts'
import type { SensorId } from '../../domain/ids.ts'
import type { ObservationKey, RangeQuery } from '../ports/telemetry.ts'
import type { InfluxQl } from './influxql.ts'
import { measurements, seriesOfTags, stateColumns, stateOf, type KeptState } from './points.ts'
import { isWithin, type Places } from './places.ts'
import { askAll, bySeries, inTime, isSeries, selectFrom, spansOf } from './select.ts'

/** Reads states of keys, as they were committed. */
export interface States {
  /** Current states in a range, each series in time order. */
  inRange(query: Omit<RangeQuery, 'asOf'>): Promise<KeptState[]>
  /** What was known at `asOf` in the range. */
  asOf(query: RangeQuery & { asOf: number }): Promise<KeptState[]>
  of(keys: readonly ObservationKey[]): Promise<KeptState[]>
  /** All states of one key, oldest first. */
  versions(key: ObservationKey): Promise<KeptState[]>
  /** Newest state of each series. */
  newest(series?: readonly SensorId[]): Promise<KeptState[]>
}

/**
 * @param committed places in the feed that are committed; states at others are from a batch that died half-way and read as if it had not
 * begun: the state before them stands in the history that the batch wrote first.
 */
export function createStates(ql: InfluxQl, committed: () => Places): States {
  const isKept = ({ batch }: KeptState): boolean => isWithin(committed(), batch)
  const select = (measurement: string, series: readonly SensorId[], conditions: string, tail = ''): Promise<KeptState[]> =>
    readStates(ql, measurement, series, conditions, tail)

  async function settled(states: KeptState[]): Promise<KeptState[]> {
    const undone = states.filter((state) => !isKept(state))
    if (undone.length === 0) return states
    const before = newestVersions((await ofKeys(measurements.history, undone.map(keyOf))).filter(isKept))
    return states.flatMap((state) => (isKept(state) ? state : (before.get(nameOf(state)) ?? [])))
  }

  async function ofKeys(measurement: string, keys: readonly ObservationKey[]): Promise<KeptState[]> {
    const wanted = new Set(keys.map((key) => `${key.observedAt} ${key.series}`))
    const spans = spansOf(keys)
    const statements = spans.map(({ series, from, to }) => selectFrom(measurement, stateColumns, isSeries(series), inTime(from, to + 1)))
    const answers = await askAll(ql, statements)
    const states = spans.flatMap(({ series }, i) => (answers[i] ?? []).flatMap(({ rows }) => rows.map((row) => stateOf(series, row))))
    return states.filter((state) => wanted.has(nameOf(state)))
  }

  const inRange: States['inRange'] = async ({ series, from, to, limit }) =>
    settled(await select(measurements.observation, series, inTime(from, to), limit === undefined ? '' : ` LIMIT ${limit}`))

  async function newest(series?: readonly SensorId[]): Promise<KeptState[]> {
    const last = ' ORDER BY time DESC LIMIT 1'
    const found = await (series ? select(measurements.observation, series, '', last) : readAll(ql, `GROUP BY ${bySeries}${last}`))
    const undone = found.filter((state) => !isKept(state))
    const before = await Promise.all(undone.map((state) => newestCommitted(state.observation.series)))
    return [...found.filter(isKept), ...before.flatMap((state) => state ?? [])]
  }

  /** After a batch died: the newest state it left alone, or a newer key that it overwrote. */
  async function newestCommitted(series: SensorId): Promise<KeptState | null> {
    const { first, last } = committed()
    const untouched = `"batch" >= ${first} AND "batch" <= ${last}`
    const [base] = await select(measurements.observation, [series], untouched, ' ORDER BY time DESC LIMIT 1')
    const from = base ? base.observation.observedAt + 1 : -Infinity
    const newer = await inRange({ series: [series], from, to: Infinity })
    return newer.at(-1) ?? base ?? null
  }

  return {
    inRange,
    newest,
    of: async (keys) => settled(await ofKeys(measurements.observation, keys)),
    asOf: async (query) => {
      const known = `${inTime(query.from, query.to)} AND "received_at" <= ${query.asOf}`
      const wasKnown = ({ observation }: KeptState): boolean => knownSince(observation) <= query.asOf
      const history = await select(measurements.history, query.series, known)
      const earlier = newestVersions(history.filter((state) => isKept(state) && wasKnown(state)))
      const current = await inRange({ series: query.series, from: query.from, to: query.to })
      return current.flatMap((state) => (wasKnown(state) ? state : (earlier.get(nameOf(state)) ?? [])))
    },
    versions: async (key) => {
      const [current] = await settled(await ofKeys(measurements.observation, [key]))
      if (!current) return []
      const earlier = (await ofKeys(measurements.history, [key])).filter((state) => state.version < current.version)
      return [...earlier.sort((a, b) => a.version - b.version), current]
    },
  }
}

const keyOf = ({ observation }: KeptState): ObservationKey => ({ series: observation.series, observedAt: observation.observedAt })

const nameOf = ({ observation }: KeptState): string => `${observation.observedAt} ${observation.series}`

function newestVersions(states: readonly KeptState[]): Map<string, KeptState> {
  const newest = new Map<string, KeptState>()
  for (const state of states) if (state.version >= (newest.get(nameOf(state))?.version ?? 0)) newest.set(nameOf(state), state)
  return newest
}

async function readStates(
  ql: InfluxQl,
  measurement: string,
  series: readonly SensorId[],
  conditions: string,
  tail: string,
): Promise<KeptState[]> {
  const statements = series.map((id) => selectFrom(measurement, stateColumns, isSeries(id), conditions) + tail)
  const answers = await askAll(ql, statements)
  return series.flatMap((id, i) => (answers[i] ?? []).flatMap(({ rows }) => rows.map((row) => stateOf(id, row))))
}

async function readAll(ql: InfluxQl, tail: string): Promise<KeptState[]> {
  const [found = []] = await ql.ask([`${selectFrom(measurements.observation, stateColumns)} ${tail}`])
  return found.flatMap(({ tags, rows }) => {
    const series = seriesOfTags(tags)
    return series === null ? [] : rows.map((row) => stateOf(series, row))
  })
}
