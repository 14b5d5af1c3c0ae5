import { expect, test } from '@jest/globals'
import { countOf } from '../../store/testing/rows.ts'
import { createMetrics } from './metrics.ts'
import { sumProblems } from './sums.ts'

test('devices whose sum holds are no problem', () => {
  expect(sumProblems([])).toEqual([])
  expect(sumProblems([countOf('a', { received: 10, stored: 6, versions: 1, duplicate: 2, quarantined: 1 })])).toEqual([])
})

test('a sum that does not hold, or a part of it below 0, is a failure with device and figures', () => {
  const of = (part: Parameters<typeof countOf>[1]) => sumProblems([countOf('fine', { received: 1, stored: 1 }), countOf('logger-1', part)])
  expect(of({ received: 3, stored: 3, duplicate: 6, quarantined: -6 })).toEqual([
    {
      name: 'counts',
      severity: 'failure',
      what: expect.stringMatching(/ for logger-1 \(received 3, stored 3, versions 0, duplicate 6, quarantined -6\)$/),
      todo: expect.any(String),
    },
  ])
  expect(of({ received: 4, stored: 3 })).toMatchObject([{ severity: 'failure' }])
  const many = Array.from({ length: 9 }, (_, i) => countOf(`d-${i}`, { received: 1 }))
  expect(sumProblems(many)[0]?.what).toMatch(/d-4 \(.*\), 4 more$/)
})

test('a figure that is wrong does not keep the others from being told', async () => {
  const metrics = createMetrics(
    [
      { name: 'a_total', help: 'wrong', label: 'outcome', read: () => [['stored', 3] as const, ['quarantined', -6] as const] },
      { name: 'b_total', help: 'no number', read: () => NaN },
      { name: 'c', help: 'falls', read: () => -1 },
    ],
    [],
    '0',
  )
  for (let i = 0; i < 2; i++) {
    const text = await metrics()
    for (const line of ['a_total{outcome="stored"} 3', 'a_total{outcome="quarantined"} 0', 'b_total 0', 'c -1'])
      expect(text).toContain(line)
  }
})
