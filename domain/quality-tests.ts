/**
 * The marks that explain a flag: quality tests that objected, and facts about how a value came in.
 * An observation carries them as a bit set (`tests`): bit = place in this list. Append only: stored bits depend on the order.
 */
export const testNames = [
  'gross_range',
  'spike',
  'rate_of_change',
  'flat_line',
  'late', // observed longer ago than the lateness allowed: stored, but flags and warnings already given stand
  'arrival_time', // the payload had no time: observedAt = receivedAt, and "once" is not promised
  'source_suspect', // the source itself called the value suspect
  'source_fail', // the source itself called the value wrong
  'corrected', // a person changed the value; its versions tell what it was, who and why
  'clock_corrected', // the device's time was set right by a declared clock correction
  'moved', // the reading moved to another moment; what is left here is missing
  'clock_reset', // the clock had lost its time: what is set right by decades, beside clock_corrected
] as const

export type TestName = (typeof testNames)[number]

/** The bit of a test in an observation's `tests`. */
export function testBit(name: TestName): number {
  return 1 << testNames.indexOf(name)
}

/** The names in a bit set, in the order of the list. */
export function testsIn(bits: number): TestName[] {
  return testNames.filter((_, place) => (bits & (1 << place)) !== 0)
}

/** The bit set of some names. */
export function testBits(names: readonly TestName[]): number {
  return names.reduce((bits, name) => bits | testBit(name), 0)
}
