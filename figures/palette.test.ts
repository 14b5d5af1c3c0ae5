import { expect, test } from '@jest/globals'
import { levels } from '../domain/warning.ts'
import { airQualityPalette, onWarning, themes, tones, warningPalette, waterClassPalette } from './palette.ts'

type Three = readonly [number, number, number]

const identity: readonly Three[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
]

/** Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. */
const sights: readonly (readonly Three[])[] = [
  identity,
  [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
]

const times = (rows: readonly Three[], v: Three): Three => {
  const [a, b, c] = rows.map((row) => row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
  return [a ?? 0, b ?? 0, c ?? 0]
}

const linear = (hex: string): Three => {
  const channel = (from: number): number => {
    const c = parseInt(hex.slice(from, from + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  }
  return [channel(1), channel(3), channel(5)]
}

const toXyz: readonly Three[] = [
  [0.4124564, 0.3575761, 0.1804375],
  [0.2126729, 0.7151522, 0.072175],
  [0.0193339, 0.119192, 0.9503041],
]

const lab = (rgb: Three): Three => {
  const clamped = rgb.map((c) => Math.min(1, Math.max(0, c)))
  const [x, y, z] = times(toXyz, [clamped[0] ?? 0, clamped[1] ?? 0, clamped[2] ?? 0])
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : (24389 / 27 / 116) * t + 16 / 116)
  const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)]
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)]
}

const degrees = (radians: number): number => ((radians * 180) / Math.PI + 360) % 360
const cos = (deg: number): number => Math.cos((deg * Math.PI) / 180)
const sin = (deg: number): number => Math.sin((deg * Math.PI) / 180)

/** CIEDE2000 (Sharma, Wu and Dalal 2005). */
function dE2000([L1, a1, b1]: Three, [L2, a2, b2]: Three): number {
  const meanC7 = ((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2) ** 7
  const g = (1 - Math.sqrt(meanC7 / (meanC7 + 25 ** 7))) / 2
  const [p1, p2] = [a1 * (1 + g), a2 * (1 + g)]
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)]
  const [h1, h2] = [c1 === 0 ? 0 : degrees(Math.atan2(b1, p1)), c2 === 0 ? 0 : degrees(Math.atan2(b2, p2))]
  let dh = c1 * c2 === 0 ? 0 : h2 - h1
  if (dh > 180) dh -= 360
  if (dh < -180) dh += 360
  let h = h1 + h2
  if (c1 * c2 !== 0) h = Math.abs(h1 - h2) <= 180 ? (h1 + h2) / 2 : h1 + h2 < 360 ? (h1 + h2 + 360) / 2 : (h1 + h2 - 360) / 2
  const [L, c] = [(L1 + L2) / 2, (c1 + c2) / 2]
  const t = 1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.2 * cos(4 * h - 63)
  const sL = 1 + (0.015 * (L - 50) ** 2) / Math.sqrt(20 + (L - 50) ** 2)
  const [sC, sH] = [1 + 0.045 * c, 1 + 0.015 * c * t]
  const turn = -2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) * sin(60 * Math.exp(-(((h - 275) / 25) ** 2)))
  const [dL, dC, dH] = [(L2 - L1) / sL, (c2 - c1) / sC, (2 * Math.sqrt(c1 * c2) * sin(dh / 2)) / sH]
  return Math.sqrt(dL ** 2 + dC ** 2 + dH ** 2 + turn * dC * dH)
}

function worst(colours: readonly string[]): number {
  let least = Infinity
  for (const sight of sights) {
    const seen = colours.map((hex) => lab(times(sight, linear(hex))))
    seen.forEach((one, i) => seen.slice(i + 1).forEach((other) => (least = Math.min(least, dE2000(one, other)))))
  }
  return least
}

const luminance = (hex: string): number => times(toXyz, linear(hex))[1]
const contrast = (a: string, b: string): number => {
  const [hi, lo] = [Math.max(luminance(a), luminance(b)), Math.min(luminance(a), luminance(b))]
  return (hi + 0.05) / (lo + 0.05)
}

test('the colour difference is that of the published pairs', () => {
  // Sharma, Wu and Dalal 2005, table 1, pairs 1, 7, 17 and 25
  const pair = (a: Three, b: Three, expected: number) => expect(dE2000(a, b)).toBeCloseTo(expected, 3)
  pair([50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425)
  pair([50, 0, 0], [50, -1, 2], 2.3669)
  pair([50, 2.5, 0], [73, 25, -18], 27.1492)
  pair([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644)
})

test('two colours of a set stay apart for every kind of sight, in both themes', () => {
  for (const palette of [warningPalette, waterClassPalette, airQualityPalette])
    for (const theme of themes) expect(worst(Object.values(palette[theme]))).toBeGreaterThanOrEqual(15)
})

test('a common traffic-light set fails the same measure', () => {
  expect(worst(['#00b050', '#ffff00', '#ff9900', '#ff0000', '#993366', '#800000'])).toBeLessThan(15)
})

test('text reads at 4.5:1 and marks at 3:1 on their ground', () => {
  for (const theme of themes) {
    const tone = tones[theme]
    for (const text of [tone.ink, tone.dim, tone.suspect, tone.line]) expect(contrast(text, tone.paper)).toBeGreaterThanOrEqual(4.5)
    expect(contrast(tone.rain, tone.paper)).toBeGreaterThanOrEqual(3)
    for (const level of levels) expect(contrast(onWarning[theme][level], warningPalette[theme][level])).toBeGreaterThanOrEqual(4.5)
  }
})
