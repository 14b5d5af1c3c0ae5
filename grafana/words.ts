import { flag, flagNames, type Flag } from '../domain/flag.ts'
import { testBit, testNames } from '../domain/quality-tests.ts'
import type { Level } from '../domain/warning.ts'

/** Conditions and colours that several dashboards share; measurements and fields are those that store/influx writes. */

/** Values that count: good and not evaluated. */
export const trusted = `"flag" < ${flag.suspect}`

export const late = bitIn('late')

/** The condition that a quality test or mark objected. */
export function bitIn(name: (typeof testNames)[number]): string {
  const bit = testBit(name)
  return `"tests" & ${bit} = ${bit}`
}

export const flagColors: Readonly<Record<Flag, string>> = { 1: 'green', 2: 'blue', 3: 'orange', 4: 'red', 9: '#8e8e8e' }

export const flags: readonly { flag: Flag; name: string; color: string }[] = Object.values(flag).map((value) => ({
  flag: value,
  name: flagNames[value].en,
  color: flagColors[value],
}))

export const testWords = testNames.map((name) => ({ name: name.replaceAll('_', ' '), condition: bitIn(name) }))

export const levelColors: Readonly<Record<Level, string>> = { blue: 'blue', yellow: 'yellow', orange: 'orange', red: 'red' }

/** A flag's number shown as its word, in its colour. */
export const flagMapping = {
  type: 'value' as const,
  options: Object.fromEntries(flags.map(({ flag: value, name, color }) => [String(value), { text: name, color }])),
}

export const levelMapping = {
  type: 'value' as const,
  options: Object.fromEntries(Object.entries(levelColors).map(([level, color]) => [level, { text: level, color }])),
}
