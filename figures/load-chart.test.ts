import { expect, test } from '@jest/globals'
import { loadChart, loadFigure, type LoadSecond } from './load-chart.ts'

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

test('within a page it brings no style of its own, speaks the language of the page, and is marked as simulated', () => {
  const words = { rates: '条/秒', delays: '确认，毫秒', mark: 'SIM · 模拟数据' }
  const svg = loadFigure({ title: '一万台 <设备>', seconds: [second(0, 100, 2), second(1, 90, 5)] }, { width: 366, height: 400 }, words)
  expect(svg).not.toContain('<style')
  for (const part of ['条/秒', '确认，毫秒', 'SIM · 模拟数据', 'aria-label="一万台 &lt;设备&gt;"', 'lc-p99']) expect(svg).toContain(part)
})
