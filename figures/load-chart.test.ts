import { expect, test } from '@jest/globals'
import { loadChart, type LoadSecond } from './load-chart.ts'

const second = (n: number, acknowledged: number, ms: number | null): LoadSecond => ({
  ...{ second: n, offered: 100, acknowledged, p50: ms, p99: ms === null ? null : ms * 3, p999: ms === null ? null : ms * 9 },
})
const draw = (seconds: readonly LoadSecond[]): string => loadChart({ title: 'A <load>', seconds }, { width: 900, height: 480 })

test('the chart names its lines and its scales, and escapes its title', () => {
  const svg = draw([second(0, 100, 2), second(1, 90, 5), second(2, 0, null), second(3, 110, 4)])
  for (const part of ['A &lt;load&gt;', 'messages/s', '>p99.9<', '>100<', '>1<', 'lc-offered', 'lc-acknowledged'])
    expect(svg).toContain(part)
  expect(svg.match(/M/g)?.length).toBeGreaterThan(10)
  expect(svg).toBe(draw([second(0, 100, 2), second(1, 90, 5), second(2, 0, null), second(3, 110, 4)]))
})

test('a load that did nothing has a chart without NaN', () => {
  for (const seconds of [[], [second(0, 0, null)], [{ ...second(0, 0, 0), offered: 0 }]]) expect(draw(seconds)).not.toMatch(/NaN|Infinity/)
})
