import type { Level } from '../domain/warning.ts'

/** The two appearances of every figure and page. */
export const themes = ['light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** Colours of one set in both themes; every swatch is drawn with a 1.5 px ink outline and a label, for colour alone does not carry. */
export type Palette<Name extends string> = Readonly<Record<Theme, Readonly<Record<Name, string>>>>

/** 蓝黄橙红. Worst dE2000 between two of the set, over normal, protan, deutan and tritan sight, is kept at 15 or more by a test. */
export const warningPalette: Palette<Level> = {
  light: { blue: '#376ac8', yellow: '#fadd4f', orange: '#d96412', red: '#910b16' },
  dark: { blue: '#76acf2', yellow: '#fdefa2', orange: '#eb8929', red: '#cc1d3b' },
}

export type ClassName = 'I' | 'II' | 'III' | 'IV' | 'V' | '>V'

/** Surface-water classes of GB 3838-2002 and worse. */
export const waterClassPalette: Palette<ClassName> = {
  light: { I: '#ceeaf5', II: '#0f4aba', III: '#3fac8e', IV: '#fbe876', V: '#d76619', '>V': '#8a061c' },
  dark: { I: '#d2edfb', II: '#2861e6', III: '#52bea6', IV: '#f8e671', V: '#e97c13', '>V': '#c22866' },
}

/** Air quality index classes 1 to 6, falling in lightness so that a grey print keeps their order. The dark theme adds a 2 px light outline. */
export const airQualityPalette: Palette<'1' | '2' | '3' | '4' | '5' | '6'> = {
  light: { '1': '#bbf4d6', '2': '#f4e441', '3': '#dc6f15', '4': '#a52223', '5': '#5c3498', '6': '#440c1f' },
  dark: { '1': '#bbf4d6', '2': '#f4e441', '3': '#dc6f15', '4': '#a52223', '5': '#5c3498', '6': '#440c1f' },
}

/** Everything else a figure draws with. `ink` on `paper` and `dim` on `paper` are at least 4.5:1. */
export type Tone = 'paper' | 'ink' | 'dim' | 'grid' | 'line' | 'rain' | 'hatch' | 'suspect'

export const tones: Palette<Tone> = {
  light: {
    paper: '#ffffff',
    ink: '#14202b',
    dim: '#51606e',
    grid: '#dde3e8',
    line: '#0b5394',
    rain: '#3d7fb8',
    hatch: '#9aa7b2',
    suspect: '#8a4b00',
  },
  dark: {
    paper: '#10151c',
    ink: '#e6edf3',
    dim: '#9fb0c0',
    grid: '#26313c',
    line: '#6cb6ff',
    rain: '#5a9fd6',
    hatch: '#5b6a78',
    suspect: '#f0b35a',
  },
}

/** Text on a swatch of a level: at least 4.5:1. */
export const onWarning: Palette<Level> = {
  light: { blue: '#ffffff', yellow: '#000000', orange: '#000000', red: '#ffffff' },
  dark: { blue: '#000000', yellow: '#000000', orange: '#000000', red: '#ffffff' },
}
