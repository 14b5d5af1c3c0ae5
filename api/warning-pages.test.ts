import { expect, test } from '@jest/globals'
import { stationId, warningId } from '../domain/ids.ts'
import { createMemoryStore } from '../store/memory.ts'
import { start, warningOf } from '../store/testing/rows.ts'
import type { WarningList } from './schemas/warning.ts'
import { testHouse } from './testing/house.ts'

test('the list of warnings comes page by page, each once, those of one moment too', async () => {
  const house = await testHouse({ store: createMemoryStore() })
  const made = Array.from({ length: 7 }, (_, i) => warningOf({ id: warningId(`w-${i}`), onset: start + Math.floor(i / 3) * 1000 }))
  await house.store.warnings.putWarnings(made, null)
  const pages: WarningList[] = []
  for (let next: string | null = ''; next !== null; next = pages.at(-1)?.next ?? null) {
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
    pages.push((await house.cli(`/api/v1/warnings?limit=2${cursor}`)).json<WarningList>())
  }
  expect(pages.map(({ warnings, more }) => [warnings.map(({ id }) => id).join(' '), more])).toEqual([
    ['w-6 w-3', true],
    ['w-4 w-5', true],
    ['w-0 w-1', true],
    ['w-2', false],
  ])
  const wrong = (await house.cli('/api/v1/warnings?cursor=x')).json<{ code: string; detail: string }>()
  expect(wrong).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('is no place of this list') })
  await house.app.close()
})

test('warnings of several stations come in one list, of 50 stations at most', async () => {
  const house = await testHouse({ store: createMemoryStore() })
  const made = ['a', 'b', 'c'].map((station, i) =>
    warningOf({ id: warningId(`w-${station}`), station: stationId(station), onset: start + i * 1000 }),
  )
  await house.store.warnings.putWarnings(made, null)
  const ids = async (query: string) => (await house.cli(`/api/v1/warnings?${query}`)).json<WarningList>().warnings.map(({ id }) => id)
  expect(await ids('station=a,c')).toEqual(['w-c', 'w-a'])
  expect(await ids('station=a&station=b')).toEqual(['w-b', 'w-a'])
  const many = Array.from({ length: 51 }, (_, i) => `s-${i}`).join(',')
  expect((await house.cli(`/api/v1/warnings?station=${many}`)).json()).toMatchObject({ code: 'invalid-request' })
  await house.app.close()
})
