import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { faultKinds } from './faults/fault.ts'
import { systemExpects, systemFaultKinds } from './faults/system.ts'
import { happeningKinds } from './world/happenings.ts'

const page = readFileSync(new URL('../docs/simulator.md', import.meta.url), 'utf8')
const rows = (columns: number): string[] =>
  [...page.matchAll(new RegExp(`^\\| \`([a-z-]+)\`(?: \\|[^|\\n]+){${columns}} \\|$`, 'gm'))].map(([row]) => row)

test('every fault is documented as it is, and nothing else is', () => {
  const row = (name: string, at: string, expects: string, what: string): string => `| \`${name}\` | ${at} | ${expects} | ${what} |`
  expect(rows(3)).toEqual([
    ...Object.entries(faultKinds).map(([name, { at, expects, what }]) => row(name, at, expects, what)),
    ...Object.entries(systemFaultKinds).map(([name, { what }]) => row(name, 'system', systemExpects, what)),
  ])
})

test('every scenario and every kind of happening is named', () => {
  const scenarios = readdirSync(new URL('scenarios/', import.meta.url)).filter((file) => file.endsWith('.yaml'))
  for (const file of scenarios) expect(page).toContain(`| \`${file.replace('.yaml', '')}\` |`)
  for (const kind of Object.keys(happeningKinds)) expect(page).toContain(`\`${kind}\``)
})
