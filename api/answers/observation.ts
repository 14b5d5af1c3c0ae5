import type { Observation } from '../../domain/observation.ts'
import { testsIn } from '../../domain/quality-tests.ts'
import type { ObservationRow } from '../schemas/observation.ts'

/** An observation as it is answered: the bit set becomes names. */
export function observationRow(seen: Observation): ObservationRow {
  return {
    series: seen.series,
    observedAt: seen.observedAt,
    receivedAt: seen.receivedAt,
    value: seen.value,
    flag: seen.flag,
    tests: testsIn(seen.tests),
    device: seen.device,
    delivery: seen.delivery,
    seq: seen.seq,
    run: seen.run,
    position: seen.position && [...seen.position],
  }
}
