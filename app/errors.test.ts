import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { allErrors } from './error-catalogue.ts'

test('every error code is documented, and nothing else is', () => {
  const documented = [...readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8').matchAll(/^\| `([a-z0-9-]+)` \| (.+) \|$/gm)]
  expect(documented.map(([, code, meaning]) => ({ code, meaning }))).toEqual(allErrors.map(({ code, meaning }) => ({ code, meaning })))
})

test('no two errors share a code', () => {
  expect(new Set(allErrors.map((entry) => entry.code)).size).toBe(allErrors.length)
})
