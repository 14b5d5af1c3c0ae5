import { expect, test } from '@jest/globals'
import type { Command } from '../../domain/command.ts'
import { ordersFor } from './orders.ts'

const [hour, day] = [3_600_000, 86_400_000]
const from = Date.UTC(2026, 7, 1)
const context = { now: from, codes: ['w01018', 'w21003'] }

test('a command becomes the requests that carry it out', () => {
  const check = (command: Command, ...expected: string[]): void => {
    const orders = ordersFor(command, context)
    expect(typeof orders === 'string' ? orders : orders.map(({ cn, area }) => `${cn} ${area}`)).toEqual(expected)
  }
  const resend = (everyMs: number | null): Command => ({ kind: 'resend', from, to: from + 2 * hour, everyMs })
  check(resend(hour), '2061 BeginTime=20260801080000;EndTime=20260801095959')
  check(resend(day), '2031 BeginTime=20260801080000;EndTime=20260801095959')
  check(resend(600_000), '2051 BeginTime=20260801080000;EndTime=20260801095959')
  check(resend(null), '2061 BeginTime=20260801080000;EndTime=20260801095959')
  check({ kind: 'sync-clock' }, '1012 SystemTime=20260801080000')
  check({ kind: 'sample-now' }, '3012 PolId=w01018', '3012 PolId=w21003')
  check({ kind: 'set-interval', everyMs: 30_000 }, '1062 RtdInterval=30')
  check({ kind: 'set-interval', everyMs: hour }, '1062 RtdInterval=3600')
})

test('what the protocol cannot do is said in a sentence', () => {
  expect(ordersFor({ kind: 'set-interval', everyMs: 10_000 }, context)).toContain('10s is none of HJ 212')
  expect(ordersFor({ kind: 'resend', from, to: from, everyMs: hour }, context)).toBe('the range is empty')
  expect(ordersFor({ kind: 'sample-now' }, { now: from, codes: [] })).toContain('measures nothing')
})
