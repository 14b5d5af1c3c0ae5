import type { TruthReading } from '../truth/truth.ts'
import { seriesOf, type SeenObservation } from './seen.ts'

/** What was expected of one key `(series, at)`. */
export interface ExpectedReading {
  /** As sent last of those that ought to be stored; null = sent as missing. */
  value: number | null
  /** At least one of its transmissions ought to be stored. */
  stored: boolean
  /** When it was first sent, by the clock of the simulation. */
  sentAt: number | null
  faults: readonly string[]
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
  #doubled = 0
  #wrong = 0
  #leaked = 0

  expect(reading: TruthReading): void {
    const series = seriesOf(reading)
    const own = this.#series.get(series) ?? new Map<number, ExpectedReading>()
    this.#series.set(series, own)
    const known = own.get(reading.at)
    const stored = reading.outcome === 'stored'
    if (!known) own.set(reading.at, { value: reading.value, stored, sentAt: reading.sent, faults: reading.faults, seen: false })
    else {
      if (stored) own.set(reading.at, { ...known, value: reading.value, stored, faults: [...known.faults, ...reading.faults] })
    }
  }

  /** The series that something was expected of. */
  series(): string[] {
    return [...this.#series.keys()]
  }

  find(series: string, at: number): ExpectedReading | null {
    return this.#series.get(series)?.get(at) ?? null
  }

  /** Takes a stored value; returns what was expected of its key, null = nothing, or it has been seen. */
  see({ series, observedAt, value }: SeenObservation): ExpectedReading | null {
    const expected = this.find(series, observedAt)
    if (!expected || expected.seen) {
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

function isSame(seen: number | null, sent: number | null): boolean {
  if (seen === null || sent === null) return seen === sent
  return Math.abs(seen - sent) <= relativeError * Math.max(1, Math.abs(sent))
}
