import type { TruthReading } from '../truth/truth.ts'
import { soundWithin } from '../world/instruments.ts'
import { seriesOf, type SeenObservation } from './seen.ts'

/** What was expected of one key `(series, at)`. */
export interface ExpectedReading {
  /** As sent last of those that ought to be stored; null = sent as missing. */
  value: number | null
  /** At least one of its transmissions ought to be stored. */
  stored: boolean
  /** When it was measured and first sent, by the clock of the simulation. */
  madeAt: number
  sentAt: number | null
  faults: readonly string[]
  /** Whatever faults held, it is not further from the truth than a sound instrument may be. */
  harmless: boolean
  seen: boolean
}

export interface ReadingScore {
  /** Keys that ought to be stored. */
  expected: number
  /** Of these, those that are not there, and those with another value than was sent. */
  lost: number
  wrong: number
  /** Stored rows that nobody sent: under a key of their own (a reading that is there twice has another time), or one more under a known one. */
  doubled: number
  /** Stored although they ought to be refused, put aside or were never sent. */
  leaked: number
}

/** As much may a value differ from what was sent: units are converted. */
const relativeError = 1e-6

/** Every reading that was made, by key, and what became of it. */
export class ReadingLedger {
  readonly #series = new Map<string, Map<number, ExpectedReading>>()
  /** Of a clock that was wrong, by the time at which they were really measured. */
  readonly #corrected = new Map<string, Map<number, ExpectedReading>>()
  #doubled = 0
  #wrong = 0
  #leaked = 0

  /** @param isClockWrong stamped by a clock that was wrong: it may as well be stored at the time at which it was measured */
  expect(reading: TruthReading, isClockWrong = false): void {
    const series = seriesOf(reading)
    const own = mapOf(this.#series, series)
    const known = own.get(reading.at)
    const stored = reading.outcome === 'stored'
    if (known && !stored) return
    const { value, made, sent, faults } = reading
    const harmless = isHarmless(reading)
    const expected = known
      ? { ...known, value, stored, harmless, faults: [...known.faults, ...faults] }
      : { value, stored, madeAt: made, sentAt: sent, faults, harmless, seen: false }
    own.set(reading.at, expected)
    if (isClockWrong && stored && reading.made !== reading.at) mapOf(this.#corrected, series).set(reading.made, expected)
  }

  /** The series that something was expected of. */
  series(): string[] {
    return [...this.#series.keys()]
  }

  find(series: string, at: number): ExpectedReading | null {
    return this.#series.get(series)?.get(at) ?? null
  }

  /** Whether a reading with a value, measured in (after, until] whatever its stamp says, had been sent by `until`. */
  wasHeard(series: string, after: number, until: number): boolean {
    for (const { value, stored, madeAt, sentAt } of this.#series.get(series)?.values() ?? [])
      if (madeAt > after && stored && value !== null && sentAt !== null && sentAt <= until) return true
    return false
  }

  /** Takes a stored value; returns what was expected of its key, null = nothing, or it has been seen. */
  see({ series, observedAt, value }: SeenObservation): ExpectedReading | null {
    const known = [this.find(series, observedAt), this.#corrected.get(series)?.get(observedAt) ?? null].filter((one) => one !== null)
    // with a clock that is wrong by an interval, one reading's stamp is the true time of another: the value tells them apart
    const alike = known.filter((one) => isSame(value, one.value))
    const expected = alike.find(({ seen }) => !seen) ?? (alike.length === 0 ? known.find(({ seen }) => !seen) : undefined)
    if (expected === undefined) {
      this.#doubled += 1
      return null
    }
    expected.seen = true
    if (!expected.stored) this.#leaked += 1
    else if (!isSame(value, expected.value)) this.#wrong += 1
    return expected
  }

  /** Once everything has been seen; tells the faults of each reading that is lost. */
  score(onLost: (faults: readonly string[]) => void = () => undefined): ReadingScore {
    let [expected, lost] = [0, 0]
    for (const own of this.#series.values())
      for (const { stored, seen, faults } of own.values()) {
        if (!stored) continue
        expected += 1
        if (seen) continue
        lost += 1
        onLost(faults)
      }
    return { expected, lost, wrong: this.#wrong, doubled: this.#doubled, leaked: this.#leaked }
  }
}

/** Rounding must not make a difference of one tip more than one. */
const leastDifference = 1e-9

function isHarmless({ parameter, value, true: truth, faults }: TruthReading): boolean {
  return faults.length > 0 && value !== null && Math.abs(value - truth) <= soundWithin(parameter, truth) + leastDifference
}

function isSame(seen: number | null, sent: number | null): boolean {
  if (seen === null || sent === null) return seen === sent
  return Math.abs(seen - sent) <= relativeError * Math.max(1, Math.abs(sent))
}

function mapOf(all: Map<string, Map<number, ExpectedReading>>, series: string): Map<number, ExpectedReading> {
  const own = all.get(series) ?? new Map<number, ExpectedReading>()
  all.set(series, own)
  return own
}
