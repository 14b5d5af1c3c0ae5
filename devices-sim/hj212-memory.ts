import type { Network, Sensor } from '../domain/network.ts'
import { findParameter } from '../domain/parameters.ts'
import type { Reading, ReadingGroup } from '../domain/reading.ts'
import type { Statistic } from '../domain/sampling.ts'
import { converter } from '../domain/units.ts'
import { writeData } from '../gateways/hj212/encode.ts'
import { codeOf, findFactor, samplingIn, type Period } from '../gateways/hj212/fields.ts'
import type { Edition } from '../gateways/hj212/frame.ts'

/** Data of a period as a logger keeps them. */
export interface HistoryRecord {
  cn: string
  /** Start of the period, epoch ms. */
  at: number
  area: string
}

/** What a data logger remembers: means of 10 min, an hour and a day of all that its instruments showed. */
export interface LoggerMemory {
  /** Takes readings in time order; gives the records of periods that are over. */
  take(groups: readonly ReadingGroup[]): HistoryRecord[]
  /** The records of a command from `from` to `to`, both inclusive. */
  recall(cn: string, from: number, to: number): HistoryRecord[]
}

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]
const beijingMs = 8 * hour
const periods: readonly (readonly [cn: string, period: Period, ms: number])[] = [
  ['2051', 'minutes', 10 * minute],
  ['2061', 'hour', hour],
  ['2031', 'day', day],
]
/** Records of each command that are kept, the oldest go first: 31 days of hours. */
const mostRecords = 744

interface Sum {
  count: number
  total: number
  least: number
  most: number
}

export function createLoggerMemory(edition: Edition): LoggerMemory {
  const kept = new Map(periods.map(([cn]) => [cn, [] as HistoryRecord[]]))
  const running = periods.map(() => ({ at: 0, sums: new Map<string, Sum>() }))

  function close(place: number, records: HistoryRecord[]): void {
    const [period, state] = [periods[place], running[place]]
    if (period === undefined || state === undefined || state.sums.size === 0) return
    const record = { cn: period[0], at: state.at, area: writeData(state.at, summaries(state.sums, period[1], state.at), edition) }
    const list = kept.get(record.cn) ?? []
    list.push(record)
    if (list.length > mostRecords) list.shift()
    records.push(record)
    state.sums = new Map()
  }

  return {
    take(groups) {
      const records: HistoryRecord[] = []
      for (const { at, readings } of groups)
        for (const [place, [, , ms]] of periods.entries()) {
          const state = running[place]
          if (at === null || state === undefined) continue
          const start = Math.floor((at + beijingMs) / ms) * ms - beijingMs
          if (start !== state.at) close(place, records)
          state.at = start
          for (const { name, value } of readings) if (value !== null) addTo(state.sums, name, value)
        }
      return records
    },
    recall: (cn, from, to) => (kept.get(cn) ?? []).filter(({ at }) => at >= from && at <= to),
  }
}

function addTo(sums: Map<string, Sum>, name: string, value: number): void {
  const sum = sums.get(name) ?? { count: 0, total: 0, least: Infinity, most: -Infinity }
  sums.set(name, { count: sum.count + 1, total: sum.total + value, least: Math.min(sum.least, value), most: Math.max(sum.most, value) })
}

function summaries(sums: ReadonlyMap<string, Sum>, period: Period, at: number): ReadingGroup[] {
  return [...sums].map(([name, { count, total, least, most }]) => {
    const values: [Statistic, number][] = [
      ['minimum', least],
      ['mean', Math.round((total / count) * 1000) / 1000],
      ['maximum', most],
    ]
    return { at, seq: null, position: null, readings: values.map(([statistic, value]) => said(name, value, samplingIn(period, statistic))) }
  })
}

const said = (name: string, value: number | null, sampling: Reading['sampling']): Reading => ({
  ...{ name, number: null, station: null, value, unit: null, sourceQuality: 'N' },
  ...(sampling && { sampling }),
})

/** Real-time readings as HJ 212 has them: a factor each, in the standard's units, times of whole seconds. What it has no code for is left out. */
export function toFactors({ at, readings }: ReadingGroup): ReadingGroup[] {
  const moment = samplingIn('moment', 'value')
  const second = at === null ? null : Math.floor(at / 1000) * 1000
  return readings.flatMap(({ name, value }) => {
    const parameter = findParameter(name)
    const code = codeOf(name, '2017')
    if (parameter === null || code === null) return []
    const unit = findFactor(code, '32')?.unit ?? null
    const turn = unit === null ? null : converter(parameter.unit, unit, parameter)
    const shown = value !== null && typeof turn === 'function' ? Number(turn(value).toPrecision(10)) : value
    return [{ at: second, seq: null, position: null, readings: [said(name, shown, moment)] }]
  })
}

/** The system code ST of a device's stations: air pollution source or air quality, waste water, else surface water. */
export function systemCodeOf(network: Network, stations: readonly string[]): string {
  const served = network.stations.filter(({ id }) => stations.includes(id))
  const flue = (sensor: Sensor): boolean => sensor.parameter.key.startsWith('flue_')
  if (served.some(({ sensors }) => sensors.some(flue))) return '31'
  const kind = served[0]?.kind
  return kind === 'air' ? '22' : kind === 'outfall' ? '32' : '21'
}
