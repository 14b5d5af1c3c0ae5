import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import Value from 'typebox/value'
import { ObservationRow } from '../../api/schemas/observation.ts'
import { WarningNote } from '../../api/schemas/warning.ts'
import * as observations from './observations.ts'
import * as warnings from './warnings.ts'

const page = readFileSync(new URL('../../docs/subscriptions.md', import.meta.url), 'utf8')
const schemas = { observation: ObservationRow, warning: WarningNote }

test('every example of docs/subscriptions.md fits its schema and has no member that is not in it', () => {
  const examples = [...page.matchAll(/^```json (\w+)\n([\s\S]+?)^```$/gm)]
  expect(examples.map(([, name]) => name)).toEqual(Object.keys(schemas))
  for (const [, name = '', text = ''] of examples) {
    const schema = schemas[name as keyof typeof schemas]
    const example = JSON.parse(text) as object
    expect([name, ...Value.Errors(schema, example)]).toEqual([name])
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(Object.keys(example)))
  }
})

test('docs/subscriptions.md names the limits in force', () => {
  const named = [...page.matchAll(/^\| (?:observations|versions)[^|]+\| ([\d,]+)/gm)].map(([, figure = '']) =>
    Number(figure.replaceAll(',', '')),
  )
  expect(named).toEqual([observations.perSecond, observations.mostWaiting, warnings.mostWaiting])
})
