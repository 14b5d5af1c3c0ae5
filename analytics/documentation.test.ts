import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { createFleet } from '../domain/fleet.ts'
import { readNetwork } from '../domain/network-load.ts'
import { checkRules, compileRules } from './rules/compile.ts'
import { ruleKinds } from './rules/registry.ts'

test('docs/rules.md names every kind and every setting', () => {
  const page = readFileSync(new URL('../docs/rules.md', import.meta.url), 'utf8')
  for (const { kind, settings } of ruleKinds) {
    const section = page.split(/^## /m).find((part) => part.startsWith(`${kind}:`)) ?? ''
    for (const key of Object.keys(settings.properties)) expect(`${kind} ${section}`).toContain(`\`${key}\``)
  }
})

test('the examples of docs/rules.md are rules that can be used', () => {
  const page = readFileSync(new URL('../docs/rules.md', import.meta.url), 'utf8')
  const rules = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].flatMap(([, yaml]) => parse(yaml ?? '') as object[])
  const sensors = ['water_level', 'rainfall', 'ammonia_nitrogen'].map((parameter) => ({
    parameter,
    every: '5m',
    stages: { warning: 3, guarantee: 4 },
  }))
  const content = { network: { id: 'n', timeZone: 'Asia/Shanghai' }, stations: [{ id: 's', kind: 'river', sensors }], rules }
  const network = readNetwork(content, { file: 'rules.md', run: null })
  expect(rules).toHaveLength(5)
  expect(checkRules(network.rules)).toEqual([])
  const { readings, silences, trends } = compileRules(createFleet([network]))
  expect([[...readings.values()].flat().length, silences.length, trends.length]).toEqual([3, 1, 1])
})
