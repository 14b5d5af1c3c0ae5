import { flatLineTest } from './flat-line.ts'
import { grossRangeTest } from './gross-range.ts'
import { registered, type AnyQualityTest } from './quality-test.ts'
import { rateOfChangeTest } from './rate-of-change.ts'
import { spikeTest } from './spike.ts'

/** Every test, in the order they run. To add one: its file and one line here; its name stands in domain/quality-tests.ts. */
export const qualityTests: readonly AnyQualityTest[] = [
  registered(grossRangeTest),
  registered(spikeTest),
  registered(rateOfChangeTest),
  registered(flatLineTest),
]
