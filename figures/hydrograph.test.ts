import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { hydrograph, type HydrographInput } from './hydrograph.ts'
import type { FigurePoint } from './traces.ts'

const minute = 60_000
const hour = 60 * minute
const now = Date.UTC(2026, 10, 22, 2, 15)

const every5 = (count: number, value: (i: number) => number | null = (i) => 2 + Math.sin(i / 40)): FigurePoint[] =>
  Array.from({ length: count }, (_, i) => ({ at: now - (count - 1 - i) * 5 * minute, value: value(i), flag: 1 }))

const input = (parts: Partial<HydrographInput> = {}): HydrographInput => ({
  id: 'fig',
  place: 'Qingxi',
  quantity: 'Water level',
  unit: 'm',
  decimals: 2,
  zone: 'Asia/Shanghai',
  from: now - 24 * hour,
  to: now,
  now,
  everyMs: 5 * minute,
  points: every5(289),
  limits: [],
  simulated: false,
  ...parts,
})

const draw = (parts: Partial<HydrographInput> = {}, language: 'en' | 'zh' = 'en', width = 760): string =>
  hydrograph(input(parts), { width, height: 320 }, language)

/** Throws unless every element is closed, in order, and every attribute is quoted. */
function parse(svg: string): { name: string; attributes: Map<string, string> }[] {
  const open: string[] = []
  const elements: { name: string; attributes: Map<string, string> }[] = []
  const token = /<(\/?)([A-Za-z]+)((?:\s+[A-Za-z:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
  while (token.lastIndex < svg.length) {
    const at = token.lastIndex
    const found = token.exec(svg)
    if (!found) throw new Error(`not XML at ${at}: ${svg.slice(at, at + 60)}`)
    const [, closing, name, attributes, empty, text] = found
    if (text !== undefined) {
      if (text.replace(/&(?:amp|lt|gt|quot|#39);/g, '').includes('&')) throw new Error(`a bare & in ${text}`)
    } else if (closing === '/') {
      const last = open.pop()
      if (last !== name) throw new Error(`${name} closes ${last}`)
    } else {
      const pairs = [...(attributes ?? '').matchAll(/([A-Za-z:-]+)="([^"]*)"/g)].map((m): [string, string] => [m[1] ?? '', m[2] ?? ''])
      elements.push({ name: name ?? '', attributes: new Map(pairs) })
      if (empty !== '/') open.push(name ?? '')
    }
  }
  expect(open).toEqual([])
  return elements
}

const pathOf = (svg: string, kind: string): string => {
  const found = parse(svg).find((e) => e.name === 'path' && e.attributes.get('class') === `hg-${kind}`)
  return found?.attributes.get('d') ?? ''
}
const pieces = (d: string): number => d.split('M').length - 1

test('the figure says what it shows in its title and its description', () => {
  const svg = draw({ limits: [{ name: 'warning', value: 3.5, level: 'yellow' }] })
  expect(svg).toContain('<title id="fig-t">Water level, m, 21 Nov 10:15 to 22 Nov 2026 10:15 (Asia/Shanghai, UTC+8)</title>')
  expect(svg).toContain('role="img" aria-labelledby="fig-t fig-d"')
  expect(svg).toMatch(/<desc id="fig-d">Qingxi\. Newest [\d.]+ m at 22 Nov 2026 10:15 \(UTC\+8\)\. Between .* warning 3\.50 m\.<\/desc>/)
  expect(draw({}, 'zh')).toContain('2026年11月21日 10:15 至 11月22日 10:15（Asia/Shanghai, UTC+8）')
})

test('the line breaks past 2.5 intervals, and the gap is hatched with its length', () => {
  const without = (from: number, to: number) => every5(289).filter((_, i) => i < from || i >= to)
  const breaks = (missing: [number, number], runs: number, gaps: number) => {
    const svg = draw({ points: without(...missing) })
    expect(pieces(pathOf(svg, 'line'))).toBe(runs)
    expect(pieces(pathOf(svg, 'gap'))).toBe(gaps)
  }
  breaks([0, 0], 1, 0)
  breaks([100, 101], 1, 0)
  breaks([100, 102], 2, 1)
  breaks([100, 139], 2, 1)
  expect(draw({ points: without(100, 139) })).toContain('>3 h 20 min missing<')
  expect(draw({ points: without(100, 139) }, 'zh')).toContain('>缺测 3 小时 20 分<')
  expect(pieces(pathOf(draw({ points: without(100, 139), everyMs: null }), 'gap'))).toBe(0)
})

test('data that stopped is a gap up to now, and the time after now is not', () => {
  const stopped = every5(289).filter((p) => p.at < now - 3 * hour)
  expect(pieces(pathOf(draw({ points: stopped }), 'gap'))).toBe(1)
  expect(pieces(pathOf(draw({ to: now + 6 * hour }), 'gap'))).toBe(0)
  expect(draw({ points: [] })).toContain('No readings in this period')
})

test('suspect values stand off the line as diamonds, rejected ones as counted marks at the edge', () => {
  const points = every5(289)
  const flagged = (places: number[], flag: 3 | 4) => points.map((p, i) => (places.includes(i) ? { ...p, value: 9, flag } : p))
  const suspect = draw({ points: flagged([50, 120], 3) })
  expect(pieces(pathOf(suspect, 'suspect'))).toBe(2)
  expect(pieces(pathOf(suspect, 'line'))).toBe(1)
  expect(suspect).toContain('2 readings suspect.')
  const rejected = draw({ points: flagged([50, 51, 52], 4) })
  expect(pieces(pathOf(rejected, 'rejected'))).toBe(1)
  expect(rejected).toContain('>×3<')
  expect(pieces(pathOf(rejected, 'gap'))).toBe(0)
})

test('what is suspect for its speed alone is marked on the line, and a thousand marks do not hide it', () => {
  const fast = every5(289).map((p, i) => (i > 100 && i < 150 ? { ...p, flag: 3 as const, onLine: true } : p))
  const svg = draw({ points: fast })
  expect(pieces(pathOf(svg, 'line'))).toBe(1)
  expect(pathOf(svg, 'line')).toBe(pathOf(draw(), 'line'))
  expect(pieces(pathOf(svg, 'suspect'))).toBeLessThan(20)
  expect(svg).toContain('49 readings suspect.')
})

test('what is failed for its speed alone and believed all the same is doubted on the line, not rejected', () => {
  const fast = every5(289).map((p, i) => (i > 100 && i < 110 ? { ...p, flag: 4 as const, onLine: true } : p))
  const svg = draw({ points: fast })
  expect(pathOf(svg, 'line')).toBe(pathOf(draw(), 'line'))
  expect(svg).toContain('9 readings suspect.')
  expect(svg).not.toContain('rejected.')
})

test('the axis reaches the next limit above the data, and names it on its line', () => {
  const limits = [
    { name: 'warning', value: 3.5, level: 'yellow' as const },
    { name: 'guarantee', value: 4, level: 'orange' as const },
    { name: 'record', value: 9, level: 'red' as const },
  ]
  const svg = draw({ limits })
  expect(svg).toContain('>warning 3.50 m<')
  expect(svg).not.toContain('>record 9.00 m<')
  const lines = parse(svg).filter((e) => e.attributes.get('class') === 'hg-limit')
  const heights = lines.map((e) => Number(/M\S+ (\S+?)H/.exec(e.attributes.get('d') ?? '')?.[1]))
  expect(heights.length).toBeGreaterThanOrEqual(1)
  for (const y of heights) expect(y).toBeGreaterThan(40)
})

test('a limit that lies below, like oxygen, is in view under the data', () => {
  const svg = draw({ limits: [{ name: 'class III', value: 0.2, level: null, side: 'below' }] })
  expect(svg).toContain('>class III 0.20 m<')
})

test('simulated data has a frame and a badge, real data has none', () => {
  expect(draw({ simulated: true })).toContain('hg-simframe')
  expect(draw({ simulated: true })).toContain('>SIM · simulated data<')
  expect(draw({ simulated: true, recorded: true })).toContain('>REPLAY · replay of recorded data<')
  expect(draw()).not.toContain('SIM')
})

test('late data is underlined, crossings and the frozen moment are named, rain hangs from the top', () => {
  const points = every5(289).map((p, i) => ({ ...p, late: i > 100 && i < 120 }))
  const rain = { name: 'Rain', unit: 'mm', everyMs: hour, points: [{ at: now - 5 * hour, value: 7.5, flag: 1 as const }] }
  const crossings = [{ at: now - 2 * hour, label: '08:15 crossed', level: 'yellow' as const }]
  const svg = draw({ points, rain, crossings, nowLabel: 'decided 10:15' })
  expect(pieces(pathOf(svg, 'late'))).toBe(1)
  expect(svg).toContain('19 readings arrived late.')
  expect(pieces(pathOf(svg, 'rain'))).toBe(1)
  expect(svg).toContain('Rain ↓ 7.5 mm')
  expect(svg).toContain('>08:15 crossed<')
  expect(svg).toContain('>decided 10:15<')
})

test('a forecast has its two bands and a dashed median', () => {
  const points = [0, 1, 2, 3].map((h) => ({ at: now + h * hour, median: 3 + h / 10, half: [2.9, 3.4] as const, most: [2.5, 3.9] as const }))
  const svg = draw({ to: now + 4 * hour, forecast: { issuedAt: now - hour, points } })
  for (const kind of ['most', 'half', 'forecast']) expect(pieces(pathOf(svg, kind))).toBe(1)
  expect(svg).toContain('Forecast issued 22 Nov 2026 09:15 (UTC+8).')
})

test('amounts are bars from zero, and a dry interval has none', () => {
  const svg = draw({ shape: 'bars', points: every5(289, (i) => (i % 10 === 0 ? 0.5 : 0)) })
  expect(pathOf(svg, 'line')).toBe('')
  expect(pieces(pathOf(svg, 'bars'))).toBe(29)
})

test('five days of 5-minute readings take at most 25 KB', () => {
  const noisy = every5(1440, (i) => 2 + Math.sin(i / 40) + Math.sin(i * 77) / 3)
  for (const width of [358, 760, 1200]) {
    const svg = draw({ from: now - 120 * hour, points: noisy }, 'en', width)
    expect(svg.length).toBeLessThanOrEqual(25_000)
    expect(gzipSync(svg).length).toBeLessThanOrEqual(12_000)
  }
})

test('a year of readings is thinned, and its extremes stay', () => {
  const peak = every5(100_000, (i) => (i === 55_555 ? 40 : 2 + Math.sin(i / 400)))
  const svg = draw({ from: now - 348 * 24 * hour, points: peak })
  expect(svg.length).toBeLessThanOrEqual(25_000)
  const withoutPeak = draw({ from: now - 348 * 24 * hour, points: peak.filter((_, i) => i !== 55_555), limits: [] })
  expect(pathOf(svg, 'line')).not.toBe(pathOf(withoutPeak, 'line'))
  expect(svg).toContain('40.00 m')
})

test('words from outside cannot leave their place', () => {
  const svg = draw({
    place: '<script>"&\'',
    quantity: ']]><b>',
    limits: [{ name: '"><i', value: 3.4, level: null }],
    nowLabel: '\u0000<\ud800',
  })
  parse(svg)
  expect(svg).not.toContain('<script')
  expect(svg).not.toContain('<b>')
})

const anyNumber = fc.oneof(
  fc.double(),
  fc.double({ min: -100, max: 100, noNaN: true }),
  fc.constantFrom(Number.NaN, Infinity, -Infinity, 0, -0),
)
const anyFlag = fc.constantFrom(1, 2, 3, 4, 9) as fc.Arbitrary<1 | 2 | 3 | 4 | 9>
const anyMoment = fc.oneof(fc.integer({ min: now - 48 * hour, max: now + 24 * hour }), anyNumber)
const anyPoint = fc.record({ at: anyMoment, value: fc.option(anyNumber), flag: anyFlag, late: fc.boolean() })

test('whatever the numbers are, the figure is well formed, holds no NaN, and comes out the same twice', () => {
  const anything = fc.record({
    points: fc.array(anyPoint, { maxLength: 60 }),
    limits: fc.array(fc.record({ name: fc.string(), value: anyNumber, level: fc.constantFrom(null, 'blue' as const, 'red' as const) }), {
      maxLength: 4,
    }),
    from: anyMoment,
    to: anyMoment,
    now: fc.option(anyMoment),
    everyMs: fc.option(anyNumber),
    decimals: fc.integer({ min: -2, max: 12 }),
    place: fc.string({ unit: 'binary' }),
    simulated: fc.boolean(),
    shape: fc.constantFrom('line' as const, 'bars' as const),
    spans: fc.array(fc.record({ from: anyMoment, to: anyMoment, level: fc.constantFrom('yellow' as const, 'red' as const) }), {
      maxLength: 2,
    }),
    crossings: fc.array(fc.record({ at: anyMoment, label: fc.string(), level: fc.constant(null) }), { maxLength: 2 }),
    rain: fc.option(fc.record({ name: fc.string(), unit: fc.string(), everyMs: anyNumber, points: fc.array(anyPoint, { maxLength: 5 }) })),
    forecast: fc.option(
      fc.record({
        issuedAt: anyMoment,
        points: fc.array(
          fc.record({ at: anyMoment, median: anyNumber, half: fc.option(fc.tuple(anyNumber, anyNumber)), most: fc.constant(null) }),
          { maxLength: 4 },
        ),
      }),
    ),
  })
  fc.assert(
    fc.property(anything, fc.integer({ min: -10, max: 2000 }), fc.constantFrom('en' as const, 'zh' as const), (parts, width, language) => {
      const svg = draw(parts, language, width)
      const elements = parse(svg)
      const numbers = elements.flatMap((e) =>
        ['d', 'x', 'y', 'cx', 'cy', 'width', 'height', 'transform', 'viewBox'].map((name) => e.attributes.get(name) ?? ''),
      )
      expect(numbers.join(' ')).not.toMatch(/NaN|Infinity|undefined|null|e[+-]?\d/)
      expect(draw(parts, language, width)).toBe(svg)
    }),
    { numRuns: 200 },
  )
})

test('alone it carries its own style sheet for both themes', () => {
  const svg = hydrograph(input(), { width: 600, height: 300 }, 'en', { standalone: true })
  expect(svg).toContain('prefers-color-scheme:dark')
  expect(draw()).not.toContain('<style>')
})
