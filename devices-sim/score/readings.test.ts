import { expect, test } from '@jest/globals'
import type { TruthReading } from '../truth/truth.ts'
import { ReadingLedger } from './readings.ts'
import { ScoreBook } from './score.ts'

const made = (at: number, value: number | null, outcome: TruthReading['outcome'] = 'stored'): TruthReading => ({
  ...{ kind: 'reading', device: 'd1', station: 's1', parameter: 'water_level', number: 1, at, value, true: 1, made: at, sent: at + 5 },
  ...{ faults: [], outcome },
})
const stored = (observedAt: number, value: number | null) => ({
  ...{ series: 's1/water_level/1', observedAt, value, flag: 1 as const, tests: [] as string[] },
})

function scored(truth: TruthReading[], seen: ReturnType<typeof stored>[]): unknown {
  const ledger = new ReadingLedger()
  for (const reading of truth) ledger.expect(reading)
  for (const one of seen) ledger.see(one)
  return ledger.score()
}

test('each reading is there with its value, lost, wrong, doubled or leaked', () => {
  const none = { lost: 0, wrong: 0, doubled: 0, leaked: 0 }
  expect(scored([made(1, 2), made(2, null)], [stored(1, 2), stored(2, null)])).toEqual({ expected: 2, ...none })
  expect(scored([made(1, 2), made(2, 3)], [stored(1, 2)])).toEqual({ expected: 2, ...none, lost: 1 })
  expect(scored([made(1, 2)], [stored(1, 2.1)])).toEqual({ expected: 1, ...none, wrong: 1 })
  expect(scored([made(1, 2)], [stored(1, null)])).toEqual({ expected: 1, ...none, wrong: 1 })
  expect(scored([made(1, 2)], [stored(1, 2), stored(7, 2)])).toEqual({ expected: 1, ...none, doubled: 1 })
  expect(scored([made(1, 2)], [stored(1, 2), stored(1, 2), stored(1, 3)])).toEqual({ expected: 1, ...none, doubled: 2 })
  expect(scored([made(1, 2, 'quarantined'), made(2, 3, 'never sent')], [stored(1, 2)])).toEqual({ expected: 0, ...none, leaked: 1 })
})

test('units are converted, so the last digits may differ', () => {
  expect(scored([made(1, 1234.5)], [stored(1, 1234.5000001)])).toMatchObject({ wrong: 0 })
})

test('a reading that is sent again is expected once, with the value that was sent last', () => {
  expect(scored([made(1, 2), made(1, 2, 'duplicate')], [stored(1, 2)])).toMatchObject({ expected: 1, lost: 0, wrong: 0, leaked: 0 })
  expect(scored([made(1, 2), made(1, 3)], [stored(1, 3)])).toMatchObject({ expected: 1, wrong: 0 })
  expect(scored([made(1, 2, 'refused'), made(1, 2)], [stored(1, 2)])).toMatchObject({ expected: 1, leaked: 0 })
})

test('what a wrong clock stamped may be stored at the time stamped or at the true one, but not at both', () => {
  const start = '2026-06-01T00:00:00.000Z'
  const [header, fault] = [
    { kind: 'header', format: 1, scenario: 'x', seed: 1, start, end: start, run: 'x-1', network: '', stations: 1, devices: 1 } as const,
    { kind: 'fault', id: 'c', device: 'd1', station: null, parameter: null, from: 0, to: 900, expects: 'unharmed' } as const,
  ]
  const readings = (type: string, ...seen: ReturnType<typeof stored>[]): unknown => {
    const book = new ScoreBook(header)
    book.expect({ ...fault, type })
    // 5 too late: the stamp of one is the true time of the next
    for (const at of [10, 15, 20]) book.expect({ ...made(at, at), made: at - 5, faults: ['c'] })
    for (const one of seen) book.see(one)
    return book.score().readings
  }
  const good = { expected: 3, lost: 0, wrong: 0, doubled: 0 }
  expect(readings('clock-skew', stored(10, 10), stored(15, 15), stored(20, 20))).toMatchObject(good)
  expect(readings('clock-skew', stored(5, 10), stored(10, 15), stored(15, 20))).toMatchObject(good)
  expect(readings('clock-skew', stored(5, 10), stored(10, 10), stored(15, 15), stored(20, 20))).toMatchObject({ ...good, doubled: 1 })
  expect(readings('line-cut', stored(5, 10), stored(15, 15), stored(20, 20))).toMatchObject({ ...good, lost: 1, doubled: 1 })
  // a row that was moved away is not there
  const moved = { ...stored(20, null), tests: ['moved'] }
  expect(readings('clock-skew', stored(5, 10), stored(10, 15), stored(15, 20), moved)).toMatchObject(good)
  expect(readings('clock-skew', stored(5, 10), stored(10, 15), moved)).toMatchObject({ ...good, lost: 1 })
})

test('a reading is heard from when it left its device, by when it was measured', () => {
  const ledger = new ReadingLedger()
  ledger.expect(made(100, 2))
  ledger.expect({ ...made(50, 2), made: 130, sent: 140 })
  ledger.expect(made(160, 2, 'quarantined'))
  ledger.expect(made(170, null))
  const heard = (after: number, until: number): boolean => ledger.wasHeard('s1/water_level/1', after, until)
  expect([heard(90, 105), heard(90, 104), heard(100, 120), heard(100, 140), heard(130, 300)]).toEqual([true, false, false, true, false])
  expect(ledger.wasHeard('s2/water_level/1', 0, 300)).toBe(false)
})
