import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { refusals } from './refusals.ts'

test('every reason of a refusal is documented, and nothing else is', () => {
  const documented = readFileSync(new URL('../docs/refusals.md', import.meta.url), 'utf8').matchAll(/^\| `([a-z0-9-]+)` \| (.+?) \|/gm)
  expect(Object.fromEntries([...documented].map(([, reason, meaning]) => [reason, meaning]))).toEqual(refusals)
})
