import { expect, test } from '@jest/globals'
import { identityProblem } from './identities.ts'

const head = (...devices: string[]): string =>
  JSON.stringify({ capture: 1, networks: [{ run: null, network: { devices: devices.map((id) => ({ id })) } }] })

test.each([
  ['each device has a name of its own', { a: 'x', b: 'y' }, null],
  ['some keep theirs, two change places', { a: 'b', b: 'a' }, null],
  ['a slip', { aa: 'x' }, 'the capture has no device aa'],
  ['one name for two', { a: 'x', b: 'x' }, 'a and b would both be x'],
  ['the name of one that keeps it', { a: 'c' }, 'a and c would both be c'],
])('%s', (_, names, problem) => {
  expect(identityProblem(head('a', 'b', 'c'), new Map(Object.entries(names)))).toBe(problem)
})
