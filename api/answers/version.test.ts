import { expect, test } from '@jest/globals'
import { testBits } from '../../domain/quality-tests.ts'
import { createMemoryStore } from '../../store/memory.ts'
import { commitOf, hour, minute, start, storedRow } from '../../store/testing/rows.ts'
import { csvLines } from '../csv.ts'
import { versionLines, versionNotes } from './version.ts'

test('the story of a reading says which delivery changed its flag, when, and by which tests', async () => {
  const store = createMemoryStore()
  const row = storedRow({ delivery: 1, flag: 3, tests: testBits(['rate_of_change']) })
  const next = storedRow({ delivery: 2, observedAt: start + 5 * minute, receivedAt: start + hour })
  const judged = { at: start + hour, delivery: 2 }
  await store.ledger.commit(commitOf([row]))
  await store.ledger.commit(commitOf([next, { ...row, flag: 4, tests: testBits(['spike']), judged, arrival: 'judged' }]))
  await store.ledger.commit(commitOf([{ ...row, delivery: 3, value: 3.5, receivedAt: start + 2 * hour, arrival: 'revised' }]))
  const notes = await versionNotes(store, row)
  expect(notes.map(({ made, flag, knownAt, judgement }) => [made, flag, knownAt, judgement])).toEqual([
    ['received', 3, start + 2_000, null],
    ['judged', 4, start + hour, { delivery: 2, beside: start + 5 * minute, raised: ['spike'], withdrawn: ['rate_of_change'] }],
    ['revised', 3, start + 2 * hour, null],
  ])
  expect(csvLines(versionLines(notes)).split('\r\n')).toEqual([
    'version,known_at,made,value,flag,tests,device,delivery,judged_by,beside,by,reason',
    '1,2026-03-01T00:00:02.000Z,received,3.42,3,rate_of_change,rtu-0017,1,,,,',
    '2,2026-03-01T01:00:00.000Z,judged,3.42,4,spike,rtu-0017,1,2,2026-03-01T00:05:00.000Z,,',
    '3,2026-03-01T02:00:00.000Z,revised,3.5,3,rate_of_change,rtu-0017,3,,,,',
    '',
  ])
})
