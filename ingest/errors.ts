import { GaugekeeperError, type ErrorEntry } from '../domain/errors.ts'
import type { TestName } from '../domain/quality-tests.ts'

export const ingestErrors = [
  {
    code: 'limits-invalid',
    meaning:
      'The limits of a quality test contradict each other. The message names the test and the limits; correct the range of the sensor.',
  },
  {
    code: 'not-encodable',
    meaning: 'A group of readings does not fit into one native JSON object: two values of one name, or two stations. Send it as several.',
  },
  {
    code: 'delivery-failed',
    meaning:
      'A delivery made the pipeline throw. It was quarantined alone with its bytes and the rest was carried; please report the cause given.',
  },
  {
    code: 'quality-test-failed',
    meaning:
      'A quality test threw on a value. The value was stored and counts as not evaluated by this test; please report the cause given.',
  },
  {
    code: 'journal-damaged',
    meaning: 'Blocks of the journal could not be read. The message names the numbers that were in them; their devices have to send again.',
  },
] as const satisfies readonly ErrorEntry[]

/** Limits of a quality test that contradict each other. */
export class LimitsInvalid extends GaugekeeperError {
  constructor(test: TestName, why: string) {
    super('limits-invalid', `preparing the quality test ${test}: ${why}; correct the range of the sensor`)
  }
}

/** Readings that one native JSON object cannot hold. */
export class NotEncodable extends GaugekeeperError {
  constructor(why: string) {
    super('not-encodable', `writing readings as native JSON: ${why}; send them as several groups`)
  }
}
