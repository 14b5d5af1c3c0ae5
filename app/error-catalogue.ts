import { analyticsErrors } from '../analytics/errors.ts'
import { apiErrors } from '../api/errors.ts'
import { brokerErrors } from '../broker/errors.ts'
import { simulatorErrors } from '../devices-sim/errors.ts'
import { domainErrors, type ErrorEntry } from '../domain/errors.ts'
import { gatewayErrors } from '../gateways/errors.ts'
import { ingestErrors } from '../ingest/errors.ts'
import { journalErrors } from '../ingest/journal/errors.ts'
import { notifyErrors } from '../notify/errors.ts'
import { storeErrors } from '../store/errors.ts'
import { appErrors } from './errors.ts'

/** Every error code of the house, box by box in the order of the data; docs/errors.md is the same list. */
export const allErrors: readonly ErrorEntry[] = [
  ...appErrors,
  ...domainErrors,
  ...brokerErrors,
  ...gatewayErrors,
  ...journalErrors,
  ...ingestErrors,
  ...storeErrors,
  ...analyticsErrors,
  ...notifyErrors,
  ...apiErrors,
  ...simulatorErrors,
]
