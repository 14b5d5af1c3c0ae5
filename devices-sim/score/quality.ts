import { flag } from '../../domain/flag.ts'
import type { Expectation, TruthFault } from '../truth/truth.ts'
import { ratio } from './contingency.ts'
import type { SeenGap, SeenObservation } from './seen.ts'

/** How well one type of fault was seen. */
export interface FaultScore {
  type: string
  expects: Expectation
  /** Faults of this type that did harm, and those of which at least one reading (or the gap) was seen for what it is. */
  faults: number
  faultsSeen: number
  /**
   * Stored readings that they touched, and those that bear the flag expected; values that came twice or could not be taken, and those counted as
   * such. Both 0 for gaps.
   */
  readings: number
  readingsSeen: number
  /** Stored readings that the fault left as near the truth as a sound instrument is: nobody can tell them, they are no part of the recall. */
  harmless: number
  /** Of the readings, of gaps of the faults; null = there were none. */
  recall: number | null
}

/** How often a test was right to object. */
export interface TestScore {
  test: string
  flagged: number
  right: number
  precision: number | null
}

export interface QualityScore {
  byFault: FaultScore[]
  byTest: TestScore[]
  /** Readings that faults made wrong (and so suspect, fail or missing), those that were flagged so, the ones that they left as good as right, and flagged ones in all (flags 3 and 4). */
  faulty: number
  faultySeen: number
  harmless: number
  flagged: number
  flaggedRight: number
  recall: number | null
  precision: number | null
}

/** Marks that object to a value; the others are facts about how it came in. */
const judging: readonly string[] = ['gross_range', 'spike', 'rate_of_change', 'flat_line', 'source_suspect', 'source_fail']

const isDoubted = (value: number): boolean => value === flag.suspect || value === flag.fail

/** Whether a stored reading shows what the fault was expected to do to it. Null = stored readings do not tell. */
function shows(expects: Expectation, seen: SeenObservation): boolean | null {
  if (expects === 'suspect') return isDoubted(seen.flag)
  if (expects === 'fail') return seen.flag === flag.fail
  if (expects === 'missing') return seen.flag === flag.missing
  if (expects === 'unharmed') return !isDoubted(seen.flag)
  return null
}

const isHarm = (expects: Expectation): boolean => expects === 'suspect' || expects === 'fail' || expects === 'missing'

interface Tally {
  harmless: number
  readings: number
  readingsSeen: number
}

/** Recall by fault and precision by test. Faults first, then what is stored. */
export class QualityLedger {
  readonly #faults = new Map<string, TruthFault>()
  readonly #tallies = new Map<string, Tally>()
  readonly #tests = new Map<string, { flagged: number; right: number }>()
  readonly #gaps: SeenGap[] = []
  readonly #stations = new Map<string, Set<string>>()
  #counts = { faulty: 0, faultySeen: 0, harmless: 0, flagged: 0, flaggedRight: 0 }

  /** What nobody could do did not happen. */
  expect(fault: TruthFault): void {
    if (fault.notDone === undefined) this.#faults.set(fault.id, fault)
  }

  /** A station that a device serves. */
  serve(device: string, station: string): void {
    const known = this.#stations.get(device)
    if (known === undefined) this.#stations.set(device, new Set([station]))
    else known.add(station)
  }

  /** Readings that a fault touched and that are not there were harmed by it. */
  lose(faults: readonly string[]): void {
    for (const id of faults) {
      const fault = this.#faults.get(id)
      if (fault?.expects === 'unharmed') this.#count(fault, false)
    }
  }

  /**
   * A stored reading with the faults that touched it. A flag on a harmless one is right: its instrument is faulty.
   * @param isHarmless it is as near the truth as a sound instrument is
   */
  see(seen: SeenObservation, faults: readonly string[], isHarmless = false): void {
    const known = faults.map((id) => this.#faults.get(id)).filter((fault) => fault !== undefined)
    for (const fault of known) this.#tally(fault, seen, isHarmless)
    const isFaulty = known.some(({ expects }) => isHarm(expects))
    if (isFaulty && isHarmless) this.#counts.harmless += 1
    else if (isFaulty) {
      this.#counts.faulty += 1
      if (isDoubted(seen.flag) || seen.flag === flag.missing) this.#counts.faultySeen += 1
    }
    if (!isDoubted(seen.flag)) return
    this.#counts.flagged += 1
    if (isFaulty) this.#counts.flaggedRight += 1
    for (const test of seen.tests.filter((name) => judging.includes(name))) {
      const own = this.#tests.get(test) ?? { flagged: 0, right: 0 }
      this.#tests.set(test, { flagged: own.flagged + 1, right: own.right + (isFaulty ? 1 : 0) })
    }
  }

  seeGap(gap: SeenGap): void {
    this.#gaps.push(gap)
  }

  /** @param others rows of faults that stored readings do not tell */
  score(others: readonly FaultScore[] = []): QualityScore {
    const { faulty, faultySeen, flagged, flaggedRight } = this.#counts
    return {
      ...this.#counts,
      byFault: [...this.#byFault(), ...others].sort((a, b) => a.type.localeCompare(b.type)),
      byTest: [...this.#tests]
        .map(([test, { flagged, right }]) => ({ test, flagged, right, precision: ratio(right, flagged) }))
        .sort((a, b) => b.flagged - a.flagged),
      recall: ratio(faultySeen, faulty),
      precision: ratio(flaggedRight, flagged),
    }
  }

  #tally(fault: TruthFault, seen: SeenObservation, isHarmless: boolean): void {
    const shown = shows(fault.expects, seen)
    if (shown === null) return
    if (isHarmless && isHarm(fault.expects)) this.#tallyOf(fault).harmless += 1
    else this.#count(fault, shown)
  }

  #count(fault: TruthFault, shown: boolean): void {
    const tally = this.#tallyOf(fault)
    tally.readings += 1
    tally.readingsSeen += shown ? 1 : 0
  }

  #tallyOf({ id }: TruthFault): Tally {
    const tally = this.#tallies.get(id) ?? { readings: 0, readingsSeen: 0, harmless: 0 }
    this.#tallies.set(id, tally)
    return tally
  }

  /** By type and expectation; those whose outcome stored readings do not tell (refused, put aside, duplicate) are other rows. */
  #byFault(): FaultScore[] {
    const rows = new Map<string, FaultScore>()
    for (const fault of this.#faults.values()) {
      const tally = this.#tallies.get(fault.id) ?? { readings: 0, readingsSeen: 0, harmless: 0 }
      const isGap = fault.expects === 'gap'
      if (!isGap && tally.readings + tally.harmless === 0) continue
      const key = `${fault.type} ${fault.expects}`
      const row = rows.get(key) ?? {
        type: fault.type,
        expects: fault.expects,
        faults: 0,
        faultsSeen: 0,
        readings: 0,
        readingsSeen: 0,
        harmless: 0,
        recall: null,
      }
      const isSeen = isGap ? this.#isGapSeen(fault) : tally.readingsSeen > 0
      row.faults += isGap || tally.readings > 0 ? 1 : 0
      row.harmless += tally.harmless
      row.faultsSeen += isSeen ? 1 : 0
      row.readings += tally.readings
      row.readingsSeen += tally.readingsSeen
      row.recall = isGap ? ratio(row.faultsSeen, row.faults) : ratio(row.readingsSeen, row.readings)
      rows.set(key, row)
    }
    return [...rows.values()]
  }

  /** A gap of one of its series at some moment of it: of its station, or of those that its device serves. */
  #isGapSeen({ device, station, parameter, from, to }: TruthFault): boolean {
    const stations = station === null ? this.#stations.get(device) : new Set([station])
    return this.#gaps.some((gap) => {
      const [ofStation = '', ofParameter] = gap.series.split('/')
      const isOurs = stations?.has(ofStation) === true && (parameter === null || parameter === ofParameter)
      return isOurs && gap.from < to && (gap.to === null || gap.to > from)
    })
  }
}
