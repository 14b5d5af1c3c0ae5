import { expect, test } from '@jest/globals'
import type { StationKind } from '../domain/network.ts'
import { stationId } from '../domain/ids.ts'
import type { Level } from '../domain/warning.ts'
import { rehearse, scenarioNamed } from '../testing/rehearsal.ts'
import { expectCrossings, expectWarnings, passesDown, rises, toldBy, type Told } from '../testing/told.ts'

const [hour, day] = [3_600_000, 86_400_000]

/** What a scenario promises. */
interface Promised {
  /** Kinds of stations that send; of the others the truth alone is looked at. */
  sends: readonly StationKind[]
  /** They send no longer than this, where that makes it slow. */
  sendsMs?: number
  /** Where another one shows more than 1. */
  seed?: number
  /** Events without a warning, with the reason beside them. */
  unseen?: readonly string[]
  /** Types of events, each caused by one of its happenings (`natural`: by nobody). */
  events: readonly string[]
  natural?: readonly string[]
  /** Rules that warn, and of nothing else. */
  warns: readonly string[]
  /** What only this scenario has. */
  tells?: (told: Told) => void
}

/** Hour of the day in the basin's time zone (Beijing), 0 to 24. */
const localHour = (at: number): number => (at / hour + 8) % 24
const short = (id: string): string => id.replace(/^.*-(?=[a-z]+(?:-source)?-\d{3}$)/, '')
const isDoubted = ({ flag }: { flag: number }): boolean => flag === 3 || flag === 4
const rangeOf = (values: readonly { value: number }[]): number =>
  Math.max(...values.map(({ value }) => value)) - Math.min(...values.map(({ value }) => value))

const promises: Readonly<Record<string, Promised>> = {
  'dam-release': {
    sends: ['river', 'rain', 'sea', 'reservoir'],
    ...{ events: ['flood', 'rapid-rise'], warns: ['level-high', 'rising-fast'] },
    tells: (told) => {
      passesDown(told, told.of('rising-fast'), 'dam-release-reservoir-001')
      passesDown(told, told.of('level-high'), 'dam-release-reservoir-001')
      const [first] = told.of()
      expect((first?.onset ?? 0) - told.startAt).toBeGreaterThan(4 * hour)
    },
  },
  drought: {
    sends: ['river'],
    ...{ events: ['low-water'], natural: ['bloom'], warns: ['low-water'] },
    tells: ({ of, graph, startAt }) => {
      const rivers = of('low-water')
      expect(new Set(rivers.map(({ station }) => station)).size).toBeGreaterThanOrEqual(3)
      const onsets = rivers.map(({ onset }) => onset)
      expect((onsets[0] ?? 0) - startAt).toBeGreaterThan(10 * day)
      for (const [i, onset] of onsets.entries()) if (i > 0) expect(onset - (onsets[i - 1] ?? 0)).toBeGreaterThan(12 * hour)
      // below a dam its least outflow holds the river up
      expect(rivers.filter(({ station }) => graph.upstreamOf(stationId(station)).some((id) => id.includes('reservoir')))).toEqual([])
    },
  },
  smog: {
    sends: ['air'],
    ...{ events: ['smog'], warns: ['dust-high'] },
    tells: ({ of, startAt, network }) => {
      const smog = of()
      const stations = network.stations.filter(({ kind }) => kind === 'air').map(({ id }) => id as string)
      expect(smog.map(({ station }) => station).sort()).toEqual(stations.sort())
      for (const { onset, end, peak } of smog) {
        expect([onset > startAt + 12 * hour, end < startAt + 12 * hour + 4 * day]).toEqual([true, true])
        expect(Math.abs(peak.at - (startAt + 12 * hour + 2 * day))).toBeLessThan(day)
      }
    },
  },
  'night-discharge': {
    sends: ['outfall'],
    ...{ events: ['pollution'], warns: ['effluent-ammonia', 'effluent-cod'] },
    tells: ({ of, faults }) => {
      const nights = of('effluent-ammonia')
      expect(nights.map(({ station }) => short(station))).toEqual(['outfall-001', 'outfall-002', 'outfall-001'])
      expect(of('effluent-cod').map(({ station }) => station)).toEqual(nights.map(({ station }) => station))
      for (const { onset, end } of of())
        expect([localHour(onset) < 2, localHour(end) < 6, end - onset < 6 * hour]).toEqual([true, true, true])
      // the analyser is off in the midst of the second night
      const off = faults.find(({ type }) => type === 'gap')
      expect(nights.filter(({ onset, end }) => onset < (off?.from ?? 0) && (off?.from ?? 0) < end).map(({ station }) => station)).toEqual([
        off?.station,
      ])
    },
  },
  spill: {
    sends: ['river', 'water-source'],
    ...{ events: ['pollution'], warns: ['ammonia-high', 'salt-high'] },
    tells: (told) => {
      const [ammonia, brine] = [told.of('ammonia-high'), told.of('salt-high')]
      passesDown(told, ammonia, 'spill-river-025')
      expect(rises(ammonia.map(({ peak }) => -peak.value))).toBe(true)
      expect(ammonia.every(({ cause }) => cause === 'tanker')).toBe(true)
      expect(brine.every(({ cause, onset }) => cause === 'brine' && onset > told.startAt + 10 * hour)).toBe(true)
    },
  },
  bloom: {
    sends: ['lake'],
    ...{ events: ['bloom', 'low-oxygen'], warns: ['algae-high', 'oxygen-low'] },
    tells: ({ of, series }) => {
      expect(new Set(of().map(({ station }) => short(station)))).toEqual(new Set(['lake-001']))
      // by night the oxygen goes
      for (const { peak } of of('oxygen-low')) expect(localHour(peak.at)).toBeLessThan(8)
      const dayOf = (key: string, nth: number) => series(`bloom-lake-001/${key}/1`).filter(({ hours }) => Math.floor(hours / 24) === nth)
      for (const key of ['dissolved_oxygen', 'ph']) expect(rangeOf(dayOf(key, 3))).toBeGreaterThan(2 * rangeOf(dayOf(key, 0)))
      const chlorophyll = [0, 3, 6].map((nth) => Math.max(...dayOf('chlorophyll_a', nth).map(({ value }) => value)))
      expect(chlorophyll[1]).toBeGreaterThan(5 * Math.max(chlorophyll[0] ?? NaN, chlorophyll[2] ?? NaN))
    },
  },
  tank: {
    sends: ['hazard'],
    ...{ events: ['tank'], warns: ['tank-high', 'toward-critical'] },
    tells: ({ of, warnings, faults, rows }) => {
      const doubted = rows.filter((row) => row.series.includes('hazard-002') && isDoubted(row))
      // a spike, and the step back from it
      expect(doubted.length).toBeLessThanOrEqual(2 * faults.length)
      expect(new Set(of().map(({ station }) => short(station)))).toEqual(new Set(['hazard-001']))
      expect(new Set(faults.map(({ station }) => short(station ?? '')))).toEqual(new Set(['hazard-002']))
      const toldAt = (rule: string, level: Level): number =>
        warnings
          .filter((warning) => warning.rule === rule)
          .flatMap(({ timeline }) => timeline.filter((line) => line.level === level && line.what !== 'crossed'))[0]?.at ?? NaN
      // the time to the critical mark hours before the high one
      expect(rises([toldAt('toward-critical', 'blue') + 2 * hour, toldAt('tank-high', 'orange'), toldAt('tank-high', 'red')])).toBe(true)
    },
  },
  storm: {
    sends: ['river', 'rain', 'sea', 'reservoir'],
    events: ['flood', 'heavy-rain', 'high-reservoir', 'rapid-rise'],
    warns: ['level-high', 'rain-1h', 'rain-6h', 'reservoir-high', 'rising-fast', 'toward-stage'],
    // 50.02 mm for ten minutes: the gauge, which counts tips of 0.2 mm, had 49.8
    unseen: ['rain-6h storm-river-003 yellow'],
    tells: (told) => {
      const floods = told.of('level-high')
      const sea = floods.find(({ station }) => short(station) === 'sea-001')
      const main = ['river-001', 'river-002', 'river-003', 'river-005'].map((id) => floods.find(({ station }) => short(station) === id))
      const peaks = [sea, ...main].map((event) => event?.peak.at ?? NaN).reverse()
      expect(rises(peaks)).toBe(true)
      expect((told.of('rain-1h')[0]?.onset ?? NaN) < (sea?.onset ?? NaN)).toBe(true)
    },
  },
  'quiet-month': {
    sends: ['river', 'hazard', 'lake'],
    // a dry month, but for its soft rains
    ...{ seed: 3, sendsMs: 10 * day, events: [], warns: [] },
    // whatever is doubted is doubted for a fault
    tells: ({ rows }) => expect(rows.filter(isDoubted).length / rows.length).toBeLessThan(0.002),
  },
  'sensor-failures': { sends: [], events: [], warns: [] },
  outage: { sends: [], events: [], natural: ['smog'], warns: [] },
  'reconnect-storm': { sends: [], events: [], warns: [] },
  'our-own-outages': { sends: ['hazard'], events: ['pollution', 'tank'], warns: ['tank-high', 'toward-critical'] },
}

test.each(Object.keys(promises))(
  '%s keeps its word, and is warned of',
  async (id) => {
    const promised = promises[id] as Promised
    const scenario = scenarioNamed(id)
    const told = toldBy(await rehearse(scenario, promised))
    const typesOf = (isNatural: boolean): string[] => [
      ...new Set(
        told
          .of()
          .filter(({ cause }) => (cause === null) === isNatural)
          .map(({ type }) => type),
      ),
    ]
    expect(typesOf(false).sort()).toEqual(promised.events)
    for (const type of typesOf(true)) expect(promised.natural ?? []).toContain(type)
    const ordered = [
      ...(scenario.faults ?? []).map(({ type }) => type as string),
      ...(scenario.system ?? []).map(({ fault }) => fault as string),
    ]
    expect(new Set(told.faults.map(({ type }) => type))).toEqual(new Set(ordered))
    expectCrossings(told)
    expectWarnings(told, promised)
    expect([...new Set(told.warnings.map(({ rule }) => rule as string))].sort()).toEqual(promised.warns)
    promised.tells?.(told)
  },
  240_000,
)
