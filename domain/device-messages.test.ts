import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import Value from 'typebox/value'
import { CommandMessage, CommandReply } from './command.ts'
import { Receipt } from './receipt.ts'

const page = readFileSync(new URL('../docs/device-messages.md', import.meta.url), 'utf8')
const schemas = { receipt: Receipt, command: CommandMessage, reply: CommandReply }

test('every example of docs/device-messages.md fits its schema, and names all of its members', () => {
  const examples = [...page.matchAll(/^```json (\w+)\n([\s\S]+?)^```$/gm)]
  expect(new Set(examples.map(([, name]) => name))).toEqual(new Set(Object.keys(schemas)))
  for (const [, name = '', text = ''] of examples) {
    const schema = schemas[name as keyof typeof schemas]
    expect([name, ...Value.Errors(schema, JSON.parse(text))]).toEqual([name])
  }
})
