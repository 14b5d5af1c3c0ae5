import { expect, test } from '@jest/globals'
import { truthStrip, type StripSpan, type TruthStripInput } from './truth-strip.ts'

const hour = 3_600_000
const start = Date.UTC(2025, 5, 15)
const span = (from: number, to: number | null, other: Partial<StripSpan> = {}): StripSpan => ({
  ...{ from: start + from * hour, to: to === null ? null : start + to * hour, level: 'yellow', good: true, words: `${from} to ${to}` },
  ...other,
})
const input = (rows: TruthStripInput['rows']): TruthStripInput => ({
  ...{ title: 'Truth <and> warnings', from: start, to: start + 24 * hour, zone: 'UTC', language: 'en', rows, now: null },
  halves: { events: 'true', warnings: 'warned of' },
  more: (count) => `${count} more`,
})
const heightOf = (svg: string): number => Number(/ height="([\d.]+)" role/.exec(svg)?.[1])

test('events stand above the line of their row, warnings below, each with its words; all are marked as simulated', () => {
  const svg = truthStrip(input([{ name: 'Floods', events: [span(2, 6)], warnings: [span(2.5, 7)] }]), 600)
  const places = [...svg.matchAll(/<rect class="ts-bar fill-yellow" x="([\d.]+)" y="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)])
  const line = Number(/hg-ground" d="M8 ([\d.]+)H/.exec(svg)?.[1])
  expect([places.length, (places[0]?.[1] ?? NaN) < line, (places[1]?.[1] ?? NaN) > line]).toEqual([2, true, true])
  for (const words of ['<title>2 to 6</title>', '<title>2.5 to 7</title>', 'SIM · simulated data', 'Truth &lt;and&gt; warnings', '15 Jun'])
    expect(svg).toContain(words)
})

test('what was missed and what was false differ by more than colour', () => {
  const svg = truthStrip(input([{ name: 'x', events: [span(2, 6, { good: false })], warnings: [span(9, 10, { good: false })] }]), 600)
  expect(svg).toContain('ts-missed')
  expect(svg).toContain('ts-cross')
  expect(svg).not.toContain('fill-yellow')
})

test('what goes on at once gets lanes of its own, up to fourteen; the rest is counted', () => {
  const events = Array.from({ length: 17 }, (_, i) => span(i / 10, 20))
  const one = truthStrip(input([{ name: 'x', events: events.slice(0, 1), warnings: [] }]), 600)
  const many = truthStrip(
    input([
      { name: 'y', events: [], warnings: [] },
      { name: 'x', events, warnings: [] },
    ]),
    600,
  )
  expect(many.match(/ts-bar/g)).toHaveLength(14)
  expect(many).toContain('3 more')
  expect(heightOf(many)).toBeGreaterThan(heightOf(one) + 120)
})

test('what lasts ends at the end, what is short can be seen, and nothing leaves the picture', () => {
  const svg = truthStrip(input([{ name: 'x', events: [span(23, null), span(5, 5), span(-3, 1), span(26, 30)], warnings: [] }]), 320)
  const bars = [...svg.matchAll(/ts-bar[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"/g)].map(
    ([, x, width]) => [Number(x), Number(width)] as const,
  )
  expect(bars).toHaveLength(4)
  for (const [x, width] of bars) expect([x >= 8, x + width <= 312.1, width >= 3]).toEqual([true, true, true])
})

test('while it goes on, what lasts ends at the clock of the run, which has a line of its own', () => {
  const rows = [{ name: 'x', events: [span(2, null)], warnings: [] }]
  const barOf = (svg: string): { x: number; width: number } => {
    const [, x, width] = /ts-bar[^>]* x="([\d.]+)"[^>]* width="([\d.]+)"/.exec(svg) ?? []
    return { x: Number(x), width: Number(width) }
  }
  const svg = truthStrip({ ...input(rows), now: { at: start + 12 * hour, name: 'now' } }, 616)
  const line = Number(/hg-now" d="M([\d.]+)/.exec(svg)?.[1])
  expect([line, barOf(svg).x + barOf(svg).width]).toEqual([308, 308])
  expect(svg).toContain('>now</text>')
  const over = truthStrip(input(rows), 616)
  expect(over).not.toContain('hg-now')
  expect(barOf(over).x + barOf(over).width).toBe(608)
})
