import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { unanswered } from './refusals.ts'
import { furnish, testHouse } from './testing/house.ts'

const page = readFileSync(new URL('../docs/http.md', import.meta.url), 'utf8')

test('the documented routes are those there are', async () => {
  const house = await testHouse()
  const { paths } = (await house.anyone('/openapi.json')).json<{ paths: Record<string, Record<string, unknown>> }>()
  const there = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
  const documented = [...page.matchAll(/^\| `([A-Z]+ \/[^`]*)` \|/gm)].map((match) => match[1])
  expect(documented.sort()).toEqual(there.sort())
  await house.app.close()
})

test('the documented examples work', async () => {
  const house = await testHouse()
  await furnish(house)
  const reads = [...page.matchAll(/^curl '(http[^']+)'/gm)].map((match) => new URL(match[1] ?? ''))
  expect(reads).toHaveLength(3)
  for (const url of reads)
    expect({ url: url.href, status: (await house.anyone(url.pathname + url.search)).statusCode }).toEqual({ url: url.href, status: 200 })
  const problem = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? ''
  expect((await house.anyone('/api/v1/observations?serie=x')).json<{ detail: string }>()).toMatchObject({
    ...(JSON.parse(problem) as object),
    problems: expect.arrayContaining((JSON.parse(problem) as { problems: unknown[] }).problems),
  })
  await house.app.close()
})

test('every reason for which a connection ends without an answer is documented, and nothing else is', () => {
  const documented = [...page.matchAll(/^\| `([a-z-]+)` \| (.+?) \|/gm)].map(([, reason, meaning]) => [reason, meaning])
  expect(Object.fromEntries(documented)).toEqual(unanswered)
})
