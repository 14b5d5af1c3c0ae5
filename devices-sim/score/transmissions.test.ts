import { expect, test } from '@jest/globals'
import type { Expectation, TruthFault, TruthReading } from '../truth/truth.ts'
import { TransmissionLedger } from './transmissions.ts'

const fault = (id: string, type: string, expects: Expectation, device: string): TruthFault => ({
  ...{ kind: 'fault', id, type, device, station: null, parameter: null, from: 0, to: 10, expects },
})
const reading = (device: string, outcome: TruthReading['outcome'], sent: number, ...faults: string[]): TruthReading => ({
  ...{
    kind: 'reading',
    device,
    station: 's',
    parameter: 'water_level',
    number: 1,
    at: sent,
    value: 1,
    true: 1,
    made: sent,
    sent,
    faults,
    outcome,
  },
})

test('what comes twice or cannot be taken is held against what the server counted of its device, by reason', () => {
  const ledger = new TransmissionLedger()
  const faults = [
    ...[fault('d1', 'duplicate', 'duplicate', 'a'), fault('d2', 'duplicate', 'duplicate', 'a'), fault('d3', 'duplicate', 'duplicate', 'b')],
    ...[
      fault('t', 'truncated', 'quarantined', 'a'),
      fault('u', 'wrong-unit', 'quarantined', 'b'),
      fault('c', 'clock-reset', 'quarantined', 'a'),
    ],
  ]
  for (const one of faults) ledger.expectFault(one)
  const readings = [
    ...[reading('a', 'duplicate', 1, 'd1'), reading('a', 'duplicate', 2, 'd2'), reading('b', 'duplicate', 1, 'd3')],
    // one message of three values that is cut off, one of them of a clock that began anew, counts as one value
    ...[reading('a', 'quarantined', 3, 't'), reading('a', 'quarantined', 3, 't', 'c'), reading('a', 'quarantined', 3, 't')],
    ...[reading('a', 'quarantined', 4, 'c'), reading('a', 'quarantined', 5, 'c')],
    ...[reading('b', 'quarantined', 6, 'u'), reading('b', 'quarantined', 6, 'u')],
    ...[reading('b', 'stored', 7, 'd3'), reading('b', 'never sent', 8)],
  ]
  for (const one of readings) ledger.expect(one)
  const rows = () =>
    new Map(
      ledger.score().map(({ type, faults: made, faultsSeen, readings: of, readingsSeen }) => [type, [made, faultsSeen, of, readingsSeen]]),
    )
  expect(rows().get('duplicate')).toEqual([3, 0, 3, 0])
  ledger.see({
    device: 'a',
    duplicate: 1,
    quarantined: new Map([
      ['not-json', 4],
      ['time-1970', 1],
    ]),
  })
  ledger.see({
    device: 'b',
    duplicate: 9,
    quarantined: new Map([
      ['not-json', 4],
      ['unit-mismatch', 2],
    ]),
  })
  expect(rows()).toEqual(
    new Map([
      ['duplicate', [3, 2, 3, 2]],
      ['truncated', [1, 1, 1, 1]],
      ['clock-reset', [1, 1, 2, 1]],
      ['wrong-unit', [1, 1, 2, 2]],
    ]),
  )
})
