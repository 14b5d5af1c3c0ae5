import { expect, test } from '@jest/globals'
import { LatencyHistogram } from './histogram.ts'
import { sharesOf, type LoadOrder, type LoadTick } from './order.ts'
import { strangersOf } from './network.ts'
import { LoadLedger } from './report.ts'

const tickOf = (second: number, acknowledged: number, latencyMs: number): LoadTick => {
  const latency = new LatencyHistogram()
  latency.record(latencyMs, acknowledged)
  const rest = { resent: 0, connected: 5, broken: 0, strange: 0, behindMs: second }
  return { second, offered: acknowledged, acknowledged, ...rest, latency: latency.counts() }
}

test('what the processes tell is put together second by second', () => {
  const ledger = new LoadLedger()
  for (const tick of [tickOf(1, 10, 0.1), tickOf(0, 30, 0.05), tickOf(1, 20, 0.02)]) ledger.add(tick)
  const ends = [
    { offered: 40, acknowledged: 40, seconds: 2 },
    { offered: 20, acknowledged: 20, seconds: 1.5 },
  ]
  const report = ledger.report(ends, { devices: 10, phases: [] })
  expect(report).toMatchObject({
    ...{ processes: 2, seconds: 2, offered: 60, acknowledged: 60, unacknowledged: 0, acknowledgedPerSecond: 30, behindMs: 1 },
    latencyMs: { p50: 0.05, p99: 0.1, p999: 0.1 },
  })
  expect(report.timeline.map(({ second, acknowledged, connected }) => [second, acknowledged, connected])).toEqual([
    [0, 30, 5],
    [1, 30, 10],
  ])
  expect(ledger.report(ends, { devices: 10, phases: [] }, 1).latencyMs.p50).toBe(0.02)
})

test('each phase has its own rate and latency', () => {
  const ledger = new LoadLedger()
  for (const [second, latencyMs] of [0.01, 0.01, 0.1, 0.1].entries()) ledger.add(tickOf(second, 100, latencyMs))
  const phases = [
    { perSecond: 100, ms: 2000 },
    { perSecond: 200, ms: 2000 },
  ]
  const found = ledger.report([], { devices: 1, phases }).phases
  expect(found.map(({ perSecond, acknowledgedPerSecond, p50 }) => [perSecond, acknowledgedPerSecond, p50])).toEqual([
    [100, 100, 0.01],
    [200, 100, 0.1],
  ])
})

test('the shares of several processes are the whole load', () => {
  const order = {
    ...{ devices: strangersOf('load', 5), comingsPerMinute: 10, pace: { kind: 'open', phases: [{ perSecond: 100, ms: 1 }] } },
  } as unknown as LoadOrder
  const shares = sharesOf(order, 2)
  expect(shares.map((share) => share.devices.map(({ client }) => client.slice(-1)).join(''))).toEqual(['024', '13'])
  expect(shares.map((share) => (share.pace.kind === 'open' ? share.pace.phases[0]?.perSecond : null))).toEqual([60, 40])
  expect(shares.reduce((sum, share) => sum + share.comingsPerMinute, 0)).toBe(10)
  expect(sharesOf(order, 9)).toHaveLength(5)
})
