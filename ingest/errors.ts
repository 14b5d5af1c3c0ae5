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
    meaning:
      'A group of readings cannot be written in the format asked for: two values of one name or two stations in a native JSON object, a missing value in SenML.',
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
    code: 'setting-invalid',
    meaning: 'A length of time in the configuration is none. Write a number with its unit, such as 20ms, 1s or 15m.',
  },
  {
    code: 'pipeline-failed',
    meaning:
      "Carrying deliveries to the store failed for a reason that is no delivery's. It is tried again; nothing accepted is lost. Please report it.",
  },
  {
    code: 'amendment-refused',
    meaning: 'A change to stored readings cannot be made as it was asked. The message says why and what to do; nothing was changed.',
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

/** Readings that a payload format cannot hold. */
export class NotEncodable extends GaugekeeperError {
  constructor(why: string) {
    super('not-encodable', `writing readings: ${why}; send them as several groups, or as native JSON`)
  }
}

/** A delivery that the pipeline could not carry; it was quarantined alone. */
export class DeliveryFailed extends GaugekeeperError {
  constructor(delivery: number, device: string, cause: unknown) {
    super('delivery-failed', `carrying delivery ${delivery} of ${device}: it was quarantined alone, with its bytes; please report this`, {
      cause,
    })
  }
}

/** A quality test that threw; the value is stored and counts as not evaluated by it. */
export class QualityTestFailed extends GaugekeeperError {
  constructor(test: TestName, cause: unknown) {
    super('quality-test-failed', `judging by ${test}: the value is stored and not evaluated by this test; please report this`, { cause })
  }
}

/** A person's change that cannot be made as it was asked. */
export class AmendmentRefused extends GaugekeeperError {
  constructor(doing: string, why: string) {
    super('amendment-refused', `${doing}: ${why}`)
  }
}

/** Numbers of the journal that cannot be read any more. */
export class JournalDamaged extends GaugekeeperError {
  constructor(ranges: readonly { first: number; last: number }[]) {
    const lost = ranges.map(({ first, last }) => (first === last ? `${first}` : `${first} to ${last}`)).join(', ')
    super('journal-damaged', `reading the journal: deliveries ${lost} are damaged and lost; their devices have to send again`)
  }
}

/** A length of time in the configuration that is none. */
export class SettingInvalid extends GaugekeeperError {
  constructor(name: string, value: string) {
    super('setting-invalid', `reading the configuration: ${name} is "${value}", which is no length of time; write one such as 20ms or 1s`)
  }
}

/** Something beside the deliveries went wrong; what was accepted is not lost. */
export class PipelineFailed extends GaugekeeperError {
  constructor(doing: string, cause: unknown) {
    super('pipeline-failed', `${doing}: ${String(cause)}`, { cause })
  }
}
