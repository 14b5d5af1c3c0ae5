import { expect, test } from '@jest/globals'
import type { Command } from '../../domain/command.ts'
import type { Statistic } from '../../domain/sampling.ts'
import { orderFrom, ordersFor } from './orders.ts'
import { requestForms } from './request-forms.ts'

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
  const setClock = (fields: Record<string, string>): Command => ({ kind: 'request', code: '1012', fields })
  check(setClock({}), '1012 SystemTime=20260801080000')
  check(setClock({ PolId: 'w01018' }), '1012 PolId=w01018;SystemTime=20260801080000')
  check(setClock({ SystemTime: '20260801090000' }), '1012 SystemTime=20260801090000')
  check({ kind: 'sample-now' }, '3012 PolId=w01018', '3012 PolId=w21003')
  check({ kind: 'set-interval', everyMs: 30_000 }, '1062 RtdInterval=30')
  check({ kind: 'set-interval', everyMs: hour }, '1062 RtdInterval=3600')
})

test('history is asked for where it fills the series', () => {
  const check = (statistic: Statistic, everyMs: number | null, expected: string): void => {
    const orders = ordersFor({ kind: 'resend', from, to: from + 2 * hour, everyMs, statistic }, context)
    expect(typeof orders === 'string' ? orders : orders.map(({ cn }) => cn).join()).toBe(expected)
  }
  const realTime = 'HJ 212 has no history of real-time values; 2051, 2061 and 2031 bring means, extremes and totals'
  check('value', 300_000, realTime)
  check('value', hour, realTime)
  check('converted', 60_000, realTime)
  check('mean', 300_000, '2051')
  check('converted-maximum', 1_800_000, '2051')
  check('total', hour, '2061')
  check('minimum', day, '2031')
  check('mean', null, '2061')
  check('mean', 2 * hour, 'HJ 212 has no history of 2h: 1 to 30 min (2051), 1 h (2061), 1 d (2031)')
  check('mean', 30_000, 'HJ 212 has no history of 30s: 1 to 30 min (2051), 1 h (2061), 1 d (2031)')
})

test('what the protocol cannot do is said in a sentence', () => {
  expect(ordersFor({ kind: 'set-interval', everyMs: 10_000 }, context)).toContain('10s is none of HJ 212')
  expect(ordersFor({ kind: 'resend', from, to: from, everyMs: hour }, context)).toBe('the range is empty')
  expect(ordersFor({ kind: 'sample-now' }, { now: from, codes: [] })).toContain('measures nothing')
})

test("a request in the standard's words is checked field by field", () => {
  const check = (code: string, fields: Record<string, string>, expected: string): void => {
    const order = orderFrom(code, fields)
    expect(typeof order === 'string' ? order : `${order.cn} ${order.area} ${order.ends}`).toBe(expected)
  }
  check('1000', { ReCount: '3', OverTime: '99' }, '1000 OverTime=99;ReCount=3 result')
  check('1000', { OverTime: '100', ReCount: '3' }, 'OverTime does not fit: a whole number from 1 to 99 s')
  check('1000', { OverTime: '5' }, 'CN 1000 (set time-out and resends) needs ReCount: a whole number from 1 to 99')
  check('1061', {}, '1061  result')
  check('1064', { MinInterval: '7' }, 'MinInterval does not fit: one of 1 to 6, 10, 12, 15, 20, 30 min')
  check('2012', {}, '2012  notice')
  check('2061', { BeginTime: '20260801000000', EndTime: '20260801020000' }, '2061 BeginTime=20260801000000;EndTime=20260801020000 result')
  check('3011', { PolId: 'w01018' }, '3011 PolId=w01018 result')
  check('3011', { PolId: 'w01018', CalibrationType: '1' }, '3011 PolId=w01018;CalibrationType=1 result')
  check('3012', { PolId: 'w01018;CN=1072' }, 'PolId does not fit: a factor code such as w01018')
  check('3016', { PolId: 'w01018', CstartTime: '250000', Ctime: '1' }, 'CstartTime does not fit: a time of day hhmmss')
  check('1063', { X: '1' }, 'CN 1063 (tell the minute interval) has no field X; it has none')
  check('3012', { Pol: '1' }, 'CN 3012 (sample now) has no field Pol; it has PolId')
  expect(orderFrom('9011', {})).toContain('CN 9011 is no request that is sent; known: 1000, 1011, 1012')
  expect([...requestForms.keys()]).toEqual([...requestForms.keys()].sort())
  for (const { fields } of requestForms.values()) expect(new Set(fields.map(({ name }) => name)).size).toBe(fields.length)
})
