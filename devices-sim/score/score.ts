import { faultKinds, faultTypes } from '../faults/fault.ts'
import type { TruthCrossing, TruthEntry, TruthEvent, TruthFault, TruthHeader } from '../truth/truth.ts'
import type { ApartScore } from './apart.ts'
import { forecastScore, trendScores, type ForecastScore } from './forecasts.ts'
import type { AlarmMatches, RuleScore } from './matching.ts'
import { QualityLedger, type QualityScore } from './quality.ts'
import { ReadingLedger, type ReadingScore } from './readings.ts'
import type { SeenCounts, SeenGap, SeenObservation, SeenWarning } from './seen.ts'
import { silenceScores } from './silences.ts'
import { TransmissionLedger } from './transmissions.ts'
import { warningScores, type WarningScore } from './warnings.ts'

/** How well a system saw what was true. */
export interface Score {
  scenario: string
  seed: number
  run: string
  start: string
  end: string
  stations: number
  readings: ReadingScore
  /** Of the rules on values, rain sums and rates of rise: silence and trends stand apart, and behind them in `byRule`. */
  warnings: WarningScore
  silences: ApartScore
  trends: ApartScore
  byRule: RuleScore[]
  quality: QualityScore
  forecasts: ForecastScore
}

/** Holds what a system stored and warned of against a truth: first all of the truth, then all that is seen. */
export class ScoreBook {
  readonly #readings = new ReadingLedger()
  readonly #quality = new QualityLedger()
  readonly #transmissions = new TransmissionLedger()
  readonly #clockFaults = new Set<string>()
  readonly #events: TruthEvent[] = []
  readonly #crossings: TruthCrossing[] = []
  readonly #warnings: SeenWarning[] = []
  readonly #header: TruthHeader

  constructor(header: TruthHeader) {
    this.#header = header
  }

  expect(entry: TruthEntry): void {
    if (entry.kind === 'reading') {
      this.#readings.expect(
        entry,
        entry.faults.some((id) => this.#clockFaults.has(id)),
      )
      this.#quality.serve(entry.device, entry.station)
      this.#transmissions.expect(entry)
    } else if (entry.kind === 'fault') {
      this.#quality.expect(entry)
      if (isFaultOfClock(entry)) this.#clockFaults.add(entry.id)
      this.#transmissions.expectFault(entry)
    } else if (entry.kind === 'event') this.#events.push(entry)
    else this.#crossings.push(entry)
  }

  /** The series of which readings were made, by station. */
  stations(): Map<string, string[]> {
    const found = new Map<string, string[]>()
    for (const series of this.#readings.series()) {
      const station = series.slice(0, series.indexOf('/'))
      found.set(station, [...(found.get(station) ?? []), series])
    }
    return found
  }

  /** A row that was moved to another time says nothing any more. */
  see(observation: SeenObservation): void {
    if (observation.tests.includes('moved')) return
    const expected = this.#readings.see(observation)
    if (expected) this.#quality.see(observation, expected.faults, expected.harmless)
  }

  seeWarning(warning: SeenWarning): void {
    this.#warnings.push(warning)
  }

  seeCounts(counts: SeenCounts): void {
    this.#transmissions.see(counts)
  }

  seeGap(gap: SeenGap): void {
    this.#quality.seeGap(gap)
  }

  score(): Score {
    const { scenario, seed, run, start, end, stations } = this.#header
    const endAt = Date.parse(end)
    const held = this.#held()
    const silences = silenceScores(this.#events, this.#warnings, { wasHeard: this.#wasHeard, endAt })
    const trends = trendScores(this.#events, this.#warnings, endAt)
    const readings = this.#readings.score((faults) => this.#quality.lose(faults))
    return {
      ...{ scenario, seed, run, start, end, stations, readings },
      ...{ warnings: held.all, silences: silences.all, trends: trends.all },
      byRule: [...held.byRule, ...silences.byRule, ...trends.byRule],
      quality: this.#quality.score(this.#transmissions.score()),
      forecasts: forecastScore(this.#crossings, this.#warnings),
    }
  }

  /** All true events of rules on values, and which alarm came of each. */
  matches(): AlarmMatches & { events: readonly TruthEvent[] } {
    return { ...this.#held().matches, events: this.#events.filter(({ ruleKind }) => ruleKind === undefined) }
  }

  readonly #wasHeard = (series: string, after: number, until: number): boolean =>
    namesOf(series).some((one) => this.#readings.wasHeard(one, after, until))

  #held(): ReturnType<typeof warningScores> {
    const { start, end, stations } = this.#header
    return warningScores(this.#events, this.#warnings, {
      ...{ stations, spanMs: Date.parse(end) - Date.parse(start) },
      sentAt: (series, at) =>
        namesOf(series)
          .map((one) => this.#readings.find(one, at)?.sentAt)
          .find((sent) => sent != null) ?? null,
    })
  }
}

/** Under which its readings were sent: rain of a gauge that counts is made of the count. */
const namesOf = (series: string): string[] => [series, series.replace('/rainfall/', '/rain_accumulated/')]

const clockTypes: readonly string[] = faultTypes.filter((type) => faultKinds[type].at === 'clock')
const isFaultOfClock = ({ type }: TruthFault): boolean => clockTypes.includes(type)
